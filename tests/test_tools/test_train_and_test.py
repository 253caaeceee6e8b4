"""`tools/train.py` and `tools/test.py` as a person calls them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from mmengine.config import Config
from tiny_training import tiny_config
from written_pairs import write_pairs

ROOT = Path(__file__).parents[2]


def run_tool(name, *args):
    env = dict(os.environ, PYTHONPATH=str(ROOT))
    return subprocess.run(
        [sys.executable, str(ROOT / 'tools' / name), *map(str, args)],
        env=env,
        capture_output=True,
        text=True,
        timeout=400,
    )


@pytest.fixture(scope='module')
def run(tmp_path_factory):
    """A config and the work directory of a finished training."""
    folder = tmp_path_factory.mktemp('tools')
    cfg = tiny_config(folder / 'run')
    cfg.default_hooks.visualization = dict(
        type='PoseTransferVisualizationHook'
    )
    for stage in cfg.custom_hooks[0].stages:
        stage.epochs = 1
    cfg.custom_hooks[0].stages[1].components.discriminator = 0
    cfg.dump(str(folder / 'tiny.py'))
    done = run_tool('train.py', folder / 'tiny.py')
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


def test_training_leaves_checkpoints(run):
    names = {path.name for path in (run / 'run').glob('epoch_*.pth')}
    assert names == {'epoch_1.pth', 'epoch_2.pth', 'epoch_3.pth'}


def test_testing_prints_writes_and_draws(run):
    """Without looking at the training data, which may be elsewhere."""
    done = run_tool(
        'test.py',
        run / 'tiny.py',
        run / 'run',
        '--cfg-options',
        'train_dataloader.dataset.size=(1,1)',
        '--out',
        run / 'new' / 'metrics.json',
        '--show-dir',
        run / 'pics',
    )
    assert done.returncode == 0, done.stderr[-3000:]
    metrics = json.loads((run / 'new' / 'metrics.json').read_text())
    for key in ('SSIM_dsc', 'PSNR_dsc', 'L1_dsc', 'EPE'):
        assert any(name.endswith(key) for name in metrics), key
    assert 'copy the reference' in done.stdout
    assert len(list((run / 'pics').glob('*.png'))) == 4 + 1  # and the grid


@pytest.mark.parametrize(
    'protocols',
    [
        ('dsc', 'gfla_256x176', 'leffa2025', 'torchmetrics'),
        ('cfld2024', 'gfla2020', 'official', 'pidm2023'),  # these truncate
    ],
)
def test_a_protocol_gives_its_digits_for_the_written_pictures_too(
    run, tmp_path, protocols
):
    """Of every protocol that takes pictures of 64x64."""
    done = run_tool(
        *('test.py', run / 'tiny.py', run / 'run'),
        *('--protocol', *protocols),
        *('--image-dir', tmp_path / 'results'),
        *('--out', tmp_path / 'metrics.json'),
    )
    assert done.returncode == 0, done.stderr[-3000:]
    write_pairs(Config.fromfile(run / 'tiny.py'), tmp_path)
    done = run_tool(
        *('evaluate_folder.py', tmp_path / 'results'),
        *('--pairs', tmp_path / 'pairs.csv'),
        *('--truths', tmp_path / 'truths'),
        *('--baseline', 'copy', '--metrics', 'ImageQuality'),
        *('--protocol', *protocols),
        *('--out', tmp_path / 'scores.json'),
    )
    assert done.returncode == 0, done.stderr[-3000:]
    tested = json.loads((tmp_path / 'metrics.json').read_text())
    scored = json.loads((tmp_path / 'scores.json').read_text())['numbers']
    for protocol in protocols:
        for method in ('', 'copy_reference/'):
            for name in ('SSIM', 'PSNR', 'L1'):
                number = f'{method}{name}_{protocol}'
                assert scored[number] == pytest.approx(
                    tested[number], abs=1e-9
                ), number


def test_files_of_two_roundings_are_refused(run, tmp_path):
    done = run_tool(
        *('test.py', run / 'tiny.py', run / 'run'),
        *('--protocol', 'dsc', 'official', '--image-dir', tmp_path),
    )
    assert done.returncode != 0
    assert 'of both dsc and official' in done.stderr


def test_resuming_a_finished_run_ends_at_once(run):
    done = run_tool(
        'train.py',
        run / 'tiny.py',
        '--resume',
        '--cfg-options',
        'log_level=INFO',
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert 'resumed epoch: 3' in done.stdout + done.stderr


@pytest.mark.parametrize('tool', ['train.py', 'test.py'])
def test_misspelt_option_is_answered_with_the_right_one(run, tool):
    checkpoint = [run / 'run'] if tool == 'test.py' else []
    done = run_tool(
        tool,
        run / 'tiny.py',
        *checkpoint,
        '--cfg-options',
        'model.generator.base_chanels=4',
    )
    assert done.returncode != 0
    assert 'model.generator' in done.stderr
    assert "'base_channels'" in done.stderr


def test_missing_checkpoint_is_named(run, tmp_path):
    done = run_tool('test.py', run / 'tiny.py', tmp_path)
    assert done.returncode != 0 and str(tmp_path) in done.stderr
