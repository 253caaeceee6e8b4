"""Training runs of milliseconds that draw random numbers everywhere."""

import json
import random
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.evaluator import BaseMetric
from mmengine.hooks import Hook
from mmengine.model import BaseModel
from mmengine.runner import Runner
from torch import nn
from torch.utils.data import Dataset


class Noise(Dataset):
    """Samples of the global generators that transforms draw from."""

    metainfo = {}

    def __init__(self, length=10):
        self.length = length

    def __len__(self):
        return self.length

    def __getitem__(self, index):
        return torch.tensor(
            [index, random.random(), np.random.rand(), torch.rand(()).item()]
        )


class Toy(BaseModel):
    """A network with dropout and BatchNorm; remembers what it is fed."""

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(4, 4),
            nn.BatchNorm1d(4),
            nn.Dropout(0.5),
            nn.Linear(4, 1),
        )

    def val_step(self, data):
        return [self.net(torch.stack(list(data))).mean()]

    def forward(self, *batch, mode):
        value = self.net(torch.stack(batch))
        return dict(loss=value.square().mean() + random.random())


class Score(BaseMetric):
    """How large the outputs are."""

    def process(self, data_batch, data_samples):
        self.results += [sample.item() for sample in data_samples]

    def compute_metrics(self, results):
        return dict(score=sum(results))


# To validate after every epoch.
VALIDATION = dict(
    val_dataloader=dict(
        dataset=Noise(4),
        batch_size=2,
        num_workers=0,
        sampler=dict(type='DefaultSampler', shuffle=False),
    ),
    val_cfg=dict(),
    val_evaluator=dict(type=Score),
)


class Crash(Exception):  # noqa: N818
    """In place of a process that dies."""


class CrashAt(Hook):
    """Crash after a step, before its checkpoint or after it."""

    def __init__(self, step, priority):
        self.step = step
        self.priority = priority

    def after_train_iter(self, runner, *args, **kwargs):
        if runner.iter + 1 == self.step:
            raise Crash


class Recorder(Hook):
    """What each step was fed, by number."""

    priority = 'VERY_HIGH'

    def __init__(self):
        self.batches = {}

    def after_train_iter(
        self, runner, batch_idx, data_batch=None, outputs=None
    ):
        self.batches[runner.iter] = torch.stack(list(data_batch))


def toy_runner(
    work_dir, hooks=(), checkpoint=None, loader=None, epochs=3, **options
):
    """A runner of 5 steps an epoch that saves after each.

    Args:
        work_dir (Path): Where it writes.
        hooks (Sequence[Hook]): More hooks.
        checkpoint (dict, optional): Changes to the checkpoint hook.
        loader (dict, optional): Changes to the training loader.
        epochs (int): Length.
        options: Changes to the runner's arguments.
    """
    train_dataloader = dict(
        dataset=Noise(),
        batch_size=2,
        num_workers=0,
        sampler=dict(type='DefaultSampler', shuffle=True),
    )
    runner = Runner(
        **{
            **dict(
                model=dict(type=Toy),
                work_dir=str(work_dir),
                train_dataloader=dict(train_dataloader, **loader or {}),
                train_cfg=dict(type='ResumableTrainLoop', max_epochs=epochs),
                optim_wrapper=dict(optimizer=dict(type='Adam', lr=1e-2)),
                param_scheduler=dict(type='ExponentialLR', gamma=0.9),
                default_hooks=dict(
                    logger=dict(type='LoggerHook', interval=1),
                    checkpoint={
                        **dict(
                            type='CheckpointHook', by_epoch=False, interval=1
                        ),
                        **(checkpoint or {}),
                    },
                    plain_checkpoint=dict(type='PlainCheckpointHook'),
                    resume=dict(type='ResumeHook'),
                ),
                default_scope='mmposetransfer',
                log_level='ERROR',
                randomness=dict(seed=3),
                visualizer=dict(
                    type='Visualizer',
                    vis_backends=[dict(type='LocalVisBackend')],
                ),
                experiment_name=f'toy_{random.SystemRandom().random()}',
            ),
            **options,
        }
    )
    for hook in hooks:
        runner.register_hook(hook, hook.priority)
    return runner


def broken_run(work_dir, breaks, make=None, more=(), **options):
    """Crash at each step of ``breaks``, resume, train to the end.

    Args:
        work_dir (Path): Where the runs write.
        breaks (Sequence[int]): Steps.
        make (Callable, optional): Makes a runner; default: a toy runner.
        more (Sequence[Hook]): Hooks of all runs.
        options: As of ``make``.

    Returns:
        tuple[Runner, dict]: The last runner, and what all steps were fed.
    """
    make = make or toy_runner
    recorders = []
    for number, step in enumerate([*breaks, None]):
        hooks = [Recorder(), *more]
        recorders.append(hooks[0])
        if step is not None:
            hooks.append(CrashAt(step, 'LOWEST' if number % 2 else 'HIGHEST'))
        runner = make(
            work_dir, hooks, resume='auto' if number else False, **options
        )
        if step is None:
            runner.train()
        else:
            with pytest.raises(Crash):
                runner.train()
    fed = {}
    for recorder in recorders:
        fed.update(recorder.batches)
    return runner, fed


def scalars(work_dir):
    """Lines of the newest log, without times."""
    log = sorted(Path(work_dir).glob('*/vis_data/scalars.json'))[-1]
    return [
        {
            key: value
            for key, value in json.loads(line).items()
            if 'time' not in key
        }
        for line in log.read_text().splitlines()
    ]
