"""The README's code runs and its files are there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch

ROOT = Path(__file__).parents[1]
README = (ROOT / 'README.md').read_text()


def code_blocks(language):
    return re.findall(rf'```{language}\n(.*?)```', README, re.S)


def test_flow_head_of_the_readme_trains(tmp_path):
    """The files and the command of the README, on very little data."""
    (head,) = [
        code for code in code_blocks('python') if 'register_module' in code
    ]
    (config,) = [code for code in code_blocks('python') if '_base_' in code]
    (command,) = [code for code in code_blocks('bash') if 'my_config' in code]
    assert len(head.splitlines()) <= 25
    (tmp_path / 'my_flow_head.py').write_text(head)
    (tmp_path / 'my_config.py').write_text(config)
    for folder in ('configs', 'tools'):
        (tmp_path / folder).symlink_to(ROOT / folder)
    options = [
        'train_dataloader.num_workers=0',
        'train_dataloader.persistent_workers=False',
        'train_dataloader.dataset.num_pairs=8',
        'custom_hooks.0.stages.1.components.discriminator=0',
    ]
    options += [f'custom_hooks.0.stages.{i}.epochs=1' for i in range(3)]
    command = command.strip().replace(
        'PYTHONPATH=. python', f'PYTHONPATH=.:{ROOT} {sys.executable}'
    )
    subprocess.run(
        f'{command} --cfg-options {" ".join(options)}',
        shell=True,
        cwd=tmp_path,
        check=True,
    )
    weights = torch.load(
        tmp_path / 'work_dirs/my_config/epoch_3.pth', weights_only=True
    )['state_dict']
    assert 'flow_regressor.head.flows.0.3.weight' in weights


@pytest.mark.parametrize(
    'path',
    sorted(
        set(
            re.findall(
                r'(?:configs|tools|demo|docs|requirements)/[\w./-]+\.\w+',
                README,
            )
        )
    ),
)
def test_files_that_the_readme_names_are_there(path):
    assert (ROOT / path).exists()


def test_make_targets_that_the_readme_names_are_there():
    makefile = (ROOT / 'Makefile').read_text()
    for target in set(re.findall(r'^make ([a-z-]+)', README, re.M)):
        assert re.search(rf'^{target}:', makefile, re.M), target
