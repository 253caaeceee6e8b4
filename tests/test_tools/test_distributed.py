"""Two gloo processes train all stages through `tools/dist_train.sh`."""

import os
import socket
import subprocess
import sys
from pathlib import Path

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


def test_parts_stay_synchronised_through_all_stages(tmp_path):
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
    cfg.dump(str(tmp_path / 'config.py'))
    env = dict(os.environ, MASTER_PORT=str(free_port()), OMP_NUM_THREADS='1',
               PYTHONPATH=os.pathsep.join([str(tmp_path), str(ROOT)]),
               PATH=os.pathsep.join([str(Path(sys.executable).parent),
                                     os.environ['PATH']]))
    done = subprocess.run(
        ['bash', str(ROOT / 'tools' / 'dist_train.sh'),
         str(tmp_path / 'config.py'), '2', '--work-dir', str(work_dir)],
        env=env, capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-9000:]
    before = None
    for epoch, part in enumerate(('flow_regressor', 'generator',
                                  'pixel_warping')):
        ranks = [torch.load(work_dir / f'rank{rank}_{epoch}.pth',
                            weights_only=True) for rank in range(2)]
        for key, value in ranks[0].items():
            # Each process keeps BatchNorm statistics of its own batches.
            if 'running_' not in key and 'num_batches' not in key:
                assert torch.equal(value, ranks[1][key]), (epoch, key)
        weight = next(key for key in ranks[0] if key.startswith(part)
                      and key.endswith('weight'))
        if before is not None:
            assert not torch.equal(before[weight], ranks[0][weight])
        before = ranks[0]
