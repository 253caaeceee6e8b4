"""Slips inside of stages are found before anything runs."""

from pathlib import Path

import pytest
from mmengine.config import Config

from mmposetransfer.utils.config_check import ConfigError, check_config

FULL = Path(__file__).parents[2] / 'configs/dipt/full_synthfashion.py'


@pytest.mark.parametrize(
    'changes, path, hint',
    [
        (dict(epoch=3), 'stages[1]', "'epochs'"),
        (dict(iters=5), 'stages[1]', 'set one of them to None'),
        (dict(components=dict(generator=99)), 'stages[1]', 'from 0 to 9'),
        (
            dict(train_dataloader=dict(batchsize=3)),
            'stages[1].train_dataloader',
            "'batch_size'",
        ),
        (
            dict(train_dataloader=dict(dataset=dict(num_pair=3))),
            'stages[1].train_dataloader.dataset',
            "'num_pairs'",
        ),
        (
            dict(optim_wrapper=dict(generator=dict(optimizer=dict(lrr=3)))),
            'stages[1].optim_wrapper.generator.optimizer',
            "'lr'",
        ),
        (
            dict(param_scheduler=[dict(type='StepLr', step_size=3)]),
            'stages[1].param_scheduler',
            "'StepLR'",
        ),
    ],
)
def test_slips_are_named(changes, path, hint):
    cfg = Config.fromfile(FULL)
    cfg.custom_hooks[0].stages[1].update(changes)
    with pytest.raises(ConfigError) as error:
        check_config(cfg)
    (problem,) = error.value.problems
    assert problem.startswith(f'custom_hooks[0].{path}')
    assert hint in problem
