"""Two gloo processes train and test through the shell scripts."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from tiny_training import tiny_config

ROOT = Path(__file__).parents[2]

# A user's module: after every epoch each process writes its weights.
DUMP = '''
import torch
from mmengine.hooks import Hook
from mmposetransfer.registry import HOOKS

@HOOKS.register_module()
class DumpWeights(Hook):
    def after_train_epoch(self, runner):
        torch.save(runner.model.module.state_dict(),
                   f'{runner.work_dir}/rank{runner.rank}_{runner.epoch}.pth')
'''


def free_port():
    with socket.socket() as sock:
        sock.bind(('127.0.0.1', 0))
        return sock.getsockname()[1]


def run_script(name, *args, folder):
    env = dict(os.environ, MASTER_PORT=str(free_port()), OMP_NUM_THREADS='1',
               PYTHONPATH=os.pathsep.join([str(folder), str(ROOT)]),
               PATH=os.pathsep.join([str(Path(sys.executable).parent),
                                     os.environ['PATH']]))
    done = subprocess.run(
        ['bash', str(ROOT / 'tools' / name), *map(str, args)],
        env=env, capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-9000:]


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    """Config and work directory of a run of two processes."""
    tmp_path = tmp_path_factory.mktemp('distributed')
    (tmp_path / 'dump_weights.py').write_text(DUMP)
    # A blank in the path: arguments must come through in one piece.
    work_dir = tmp_path / 'work dir'
    cfg = tiny_config(work_dir)
    cfg.custom_imports = dict(imports=['dump_weights'],
                              allow_failed_imports=False)
    cfg.custom_hooks.append(dict(type='DumpWeights'))
    cfg.train_dataloader.update(batch_size=1)
    for stage in cfg.custom_hooks[0].stages:
        stage.epochs = 1
        stage.param_scheduler = None
    cfg.custom_hooks[0].stages[1].parts = ['generator', 'discriminator']
    cfg.train_cfg.max_epochs = 3
    cfg.dump(str(tmp_path / 'config.py'))
    config = tmp_path / 'config.py'
    run_script('dist_train.sh', config, 2, '--work-dir', work_dir,
               folder=tmp_path)
    return config, work_dir


def test_parts_stay_synchronised_through_all_stages(trained):
    _, work_dir = trained
    before = None
    for epoch, part in enumerate(('flow_regressor', 'generator',
                                  'pixel_warping')):
        ranks = [torch.load(work_dir / f'rank{rank}_{epoch}.pth',
                            weights_only=True) for rank in range(2)]
        for key, value in ranks[0].items():
            # Averaged over the processes: BatchNorm's statistics, too.
            assert torch.equal(value, ranks[1][key]), (epoch, key)
        weight = next(key for key in ranks[0] if key.startswith(part)
                      and key.endswith('weight'))
        if before is not None:
            assert not torch.equal(before[weight], ranks[0][weight])
        before = ranks[0]


def test_metrics_do_not_depend_on_the_number_of_processes(trained):
    """Also where the test pairs (3) do not divide among them."""
    config, work_dir = trained
    metrics = []
    for processes in (1, 2):
        out = work_dir / f'metrics_{processes}.json'
        run_script('dist_test.sh', config, work_dir, processes, '--out', out,
                   '--work-dir', work_dir / 'test', '--cfg-options',
                   'test_dataloader.dataset.num_pairs=3',
                   folder=config.parent)
        metrics.append(json.loads(out.read_text()))
    assert len({values.pop('SSIM_protocol') for values in metrics}) == 1
    assert metrics[0] == pytest.approx(metrics[1], rel=1e-5)
    assert len(metrics[0]) > 10
