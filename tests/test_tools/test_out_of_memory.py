"""Runs whose memory runs out end with one line that says what helps."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from tiny_training import tiny_config

from mmposetransfer.apis import init_model

ROOT = Path(__file__).parents[2]
INPUTS = ROOT / 'demo' / 'inputs'

# A user's module. No machine has that much memory, and nothing of it is
# touched: the allocators refuse it at once.
GREEDY = '''
import os
import signal

import numpy as np
import torch

from mmposetransfer.datasets import SynthFashionDataset
from mmposetransfer.models import PoseTransferDataPreprocessor
from mmposetransfer.registry import DATASETS, MODELS


@MODELS.register_module()
class GreedyPreprocessor(PoseTransferDataPreprocessor):
    def forward(self, data, training=False):
        torch.empty(2**60, dtype=torch.uint8)
        return super().forward(data, training)


@DATASETS.register_module()
class GreedyPairs(SynthFashionDataset):
    """Fails in a worker, in the way that ``how`` says."""

    def __init__(self, how, **kwargs):
        self.how = how
        super().__init__(**kwargs)

    def get_data_info(self, idx):
        if self.how == 'array':
            np.empty(2**60, np.uint8)
        elif idx == 1:
            os.kill(os.getpid(), getattr(signal, self.how))
        return super().get_data_info(idx)
'''
FULL = 'error: memory has run out (1,073,741,824.00 GiB more were asked for). '
GREEDY_STEP = 'model.data_preprocessor.type=GreedyPreprocessor'


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """The module, a config that imports it, and a checkpoint."""
    folder = tmp_path_factory.mktemp('greedy')
    (folder / 'greedy.py').write_text(GREEDY)
    cfg = tiny_config(folder / 'run')
    torch.save(init_model(cfg).state_dict(), folder / 'model.pth')
    cfg.custom_imports = dict(imports=['greedy'], allow_failed_imports=False)
    cfg.dump(str(folder / 'config.py'))
    return folder


def last_line(folder, *args):
    """The line on stderr that a command ends with, its exit status 1."""
    env = dict(os.environ, PYTHONPATH=f'{folder}{os.pathsep}{ROOT}')
    done = subprocess.run(
        [sys.executable, *map(str, args)],
        env=env,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert done.returncode == 1, done.stdout[-2000:] + done.stderr[-2000:]
    assert 'Traceback' not in done.stderr, done.stderr
    # The handler of a worker's bus error writes a NUL.
    return done.stderr.splitlines()[-1].strip('\0')


def test_a_step_of_training(folder):
    line = last_line(
        folder,
        ROOT / 'tools/train.py',
        'config.py',
        '--cfg-options',
        GREEDY_STEP,
    )
    assert line.startswith(FULL)
    for way_out in (
        'train_dataloader.batch_size=',
        'accumulative_counts=',
        '--amp',
        'smaller pictures',
        'num_workers',
    ):
        assert way_out in line


def test_a_step_of_testing(folder):
    line = last_line(
        folder,
        ROOT / 'tools/test.py',
        'config.py',
        'model.pth',
        '--cfg-options',
        GREEDY_STEP,
    )
    assert line.startswith(FULL) and 'test_dataloader.batch_size=' in line


def test_an_inference(folder):
    line = last_line(
        folder,
        '-m',
        'mmposetransfer',
        'infer',
        INPUTS / 'cardigan.png',
        'config.py',
        'model.pth',
        '--keypoints',
        INPUTS / 'poses.csv',
        '--target',
        INPUTS / 'dress.png',
        '--cfg-options',
        GREEDY_STEP,
    )
    assert line.startswith(FULL) and '--batch-size' in line


@pytest.mark.parametrize(
    ('how', 'told'),
    [
        ('array', ('memory has run out (1', 'train_dataloader.batch_size=')),
        ('SIGKILL', ('a worker of the loader was killed', 'num_workers=0')),
        ('SIGBUS', ('the shared memory', '--shm-size=', 'num_workers=0')),
    ],
)
def test_a_worker_of_the_loader(folder, how, told):
    line = last_line(
        folder,
        ROOT / 'tools/train.py',
        'config.py',
        '--cfg-options',
        'train_dataloader.num_workers=1',
        'train_dataloader.dataset.type=GreedyPairs',
        f'train_dataloader.dataset.how={how}',
    )
    assert line.startswith('error: ')
    for part in told:
        assert part in line
