"""Two processes that validate in mid-pass score one and the same model."""

from copy import deepcopy

import torch
from mmengine.hooks import Hook
from processes import run_processes
from staged_toy import STAGES, STEPS, staged_runner
from toy_training import Recorder

STAGES = deepcopy(STAGES)
STAGES[1]['train_dataloader']['dataset']['length'] = 16
STAGES[1]['freeze_norm'] = None
OPTIONS = dict(
    settings=dict(
        model_wrapper_cfg=dict(
            type='MMSeparateDistributedDataParallel',
            broadcast_buffers=False,
            device_ids=None,
        )
    ),
    launcher='pytorch',
    env_cfg=dict(dist_cfg=dict(backend='gloo')),
    # With two samples a process each epoch has five steps, each pass four.
    loader=dict(dataset=dict(type='RegisteredNoise', length=20)),
)


class Statistics(Hook):
    """What BatchNorm has gathered, at each step and each validation."""

    priority = 'VERY_LOW'

    def __init__(self):
        self.steps, self.validated = {}, {}

    def after_train_iter(self, runner, *args, **kwargs):
        self.steps[runner.iter + 1] = self.read(runner)

    def before_val_epoch(self, runner):
        self.validated[runner.iter] = self.read(runner)

    @staticmethod
    def read(runner):
        return torch.cat(
            [
                buffer.flatten().clone()
                for name, buffer in runner.model.named_buffers()
                if 'running' in name
            ]
        )


def train(rank, folder):
    statistics, recorder = Statistics(), Recorder()
    staged_runner(
        folder,
        [statistics, recorder],
        custom_hooks=[
            dict(type='StagedTrainingHook', stages=deepcopy(STAGES)),
            dict(type='SyncRunningStatsHook'),
        ],
        **OPTIONS,
    ).train()
    return statistics.steps, statistics.validated, recorder.batches


def test_processes_agree_when_they_validate(tmp_path):
    one, other = run_processes(2, train, tmp_path)
    steps, validated, fed = zip(one, other, strict=True)
    assert sorted(validated[0]) == [5, 10, 13, 16, 19, 26, 31]
    for step in validated[0]:
        assert torch.equal(validated[0][step], validated[1][step]), step
    # Each gathers statistics of its own samples in between.
    for step in (13, 16, 19):
        assert not torch.equal(steps[0][step], steps[1][step]), step
    # A pass deals each sample out once.
    assert sorted(fed[0]) == list(range(STEPS))
    for first in (10, 14):
        dealt = torch.cat(
            [
                process[step][:, 0]
                for step in range(first, first + 4)
                for process in fed
            ]
        )
        assert sorted(dealt.tolist()) == list(range(16))
