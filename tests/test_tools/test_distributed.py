"""Two gloo processes train and test through the shell scripts."""

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.runner import Runner
from processes import run_processes
from tiny_training import tiny_config

from mmposetransfer.cli import test
from mmposetransfer.cli.train import use_amp
from mmposetransfer.registry import MODELS

ROOT = Path(__file__).parents[2]

# A user's module: after every epoch each process writes its weights.
DUMP = """
import torch
from mmengine.hooks import Hook
from mmposetransfer.registry import HOOKS

@HOOKS.register_module()
class DumpWeights(Hook):
    def after_train_epoch(self, runner):
        torch.save(runner.model.module.state_dict(),
                   f'{runner.work_dir}/rank{runner.rank}_{runner.epoch}.pth')
"""


def free_port():
    with socket.socket() as sock:
        sock.bind(('127.0.0.1', 0))
        return sock.getsockname()[1]


def run_script(name, *args, folder):
    env = dict(
        os.environ,
        MASTER_PORT=str(free_port()),
        PYTHONPATH=os.pathsep.join([str(folder), str(ROOT)]),
        PATH=os.pathsep.join(
            [str(Path(sys.executable).parent), os.environ['PATH']]
        ),
    )
    done = subprocess.run(
        ['bash', str(ROOT / 'tools' / name), *map(str, args)],
        env=env,
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-9000:]


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    """Config and work directory of a run of two processes."""
    tmp_path = tmp_path_factory.mktemp('distributed')
    (tmp_path / 'dump_weights.py').write_text(DUMP)
    # A blank in the path: arguments must come through in one piece.
    work_dir = tmp_path / 'work dir'
    cfg = tiny_config(work_dir)
    cfg.custom_imports = dict(
        imports=['dump_weights'], allow_failed_imports=False
    )
    cfg.custom_hooks.append(dict(type='DumpWeights'))
    cfg.train_dataloader.update(batch_size=1)
    for stage in cfg.custom_hooks[0].stages:
        stage.epochs = 1
        stage.param_scheduler = None
    cfg.custom_hooks[0].stages[1].components = ['generator', 'discriminator']
    cfg.custom_hooks[0].stages[2].components = [
        'pixel_warping',
        'discriminator',
    ]
    cfg.dump(str(tmp_path / 'config.py'))
    config = tmp_path / 'config.py'
    # Mixed precision, too; tests/test_distributed is exact about float32.
    run_script(
        'dist_train.sh',
        config,
        2,
        '--work-dir',
        work_dir,
        '--amp',
        folder=tmp_path,
    )
    return config, work_dir


def test_parts_stay_synchronised_through_all_stages(trained):
    _, work_dir = trained
    before = None
    for epoch, parts in enumerate(
        (
            {'flow_regressor'},
            {'generator', 'discriminator'},
            {'pixel_warping', 'discriminator'},
        )
    ):
        ranks = [
            torch.load(work_dir / f'rank{rank}_{epoch}.pth', weights_only=True)
            for rank in range(2)
        ]
        assert ranks[0].keys() == ranks[1].keys()
        for key, value in ranks[0].items():
            # Averaged over the processes: BatchNorm's statistics, too.
            assert torch.equal(value, ranks[1][key]), (epoch, key)
        if before is not None:
            changed = {
                key.split('.')[0]
                for key, value in ranks[0].items()
                if not torch.equal(value, before[key])
            }
            assert changed - {'pending_components'} == parts
        before = ranks[0]


def resume(rank, config, work_dir):
    """Weights of a run that goes on with the last stage."""
    cfg = Config.fromfile(config)
    cfg.launcher = 'pytorch'
    cfg.work_dir = str(work_dir)
    cfg.resume = True
    use_amp(cfg.optim_wrapper, 'bfloat16')
    runner = Runner.from_cfg(cfg)
    runner.train()
    return runner.epoch, runner.model.module.state_dict()


def test_a_distributed_run_goes_on_where_it_was(trained, tmp_path):
    """To the bit, from a checkpoint that one process reads as well."""
    config, work_dir = trained
    shutil.copy(work_dir / 'epoch_2.pth', tmp_path)
    cfg = Config.fromfile(config, import_custom_modules=False)
    cfg.pop('custom_imports', None)
    cfg.custom_hooks = cfg.custom_hooks[:1]
    cfg.dump(str(tmp_path / 'config.py'))
    wanted = torch.load(work_dir / 'rank0_2.pth', weights_only=True)
    for epoch, weights in run_processes(
        2, resume, str(tmp_path / 'config.py'), tmp_path
    ):
        assert epoch == 3
        for key, value in wanted.items():
            assert torch.equal(weights[key], value), key
    single = torch.load(work_dir / 'epoch_3.pth', weights_only=True)[
        'state_dict'
    ]
    MODELS.build(cfg.model).load_state_dict(single)


def test_metrics_do_not_depend_on_the_number_of_processes(trained):
    """Also where the test pairs (3) do not divide among them."""
    config, work_dir = trained

    def arguments(name):
        return (
            '--out',
            str(work_dir / f'{name}.json'),
            '--show-dir',
            str(work_dir / name),
            '--work-dir',
            str(work_dir / 'test'),
            '--cfg-options',
            'test_dataloader.dataset.num_pairs=3',
        )

    run_script(
        'dist_test.sh',
        config,
        work_dir,
        2,
        *arguments('two'),
        folder=config.parent,
    )
    sys.path.insert(0, str(config.parent))
    try:
        test.main([str(config), str(work_dir), *arguments('one')])
    finally:
        sys.path.remove(str(config.parent))
    one, two = (
        json.loads((work_dir / f'{name}.json').read_text())
        for name in ('one', 'two')
    )
    # Batches of another size round differently; SSIM may be near zero.
    assert one == pytest.approx(two, rel=1e-4, abs=1e-6)
    assert len(one) > 10
    one, two = (
        sorted(path.name for path in (work_dir / name).iterdir())
        for name in ('one', 'two')
    )
    assert one == two and len(one) == 4  # three pairs and the grid
