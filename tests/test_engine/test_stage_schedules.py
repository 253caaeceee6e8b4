"""Schedules of stages, and of components that begin within one."""

import warnings

import pytest
from mmengine.hooks import Hook
from tiny_training import run_training, tiny_config

from mmposetransfer.engine import Stage


class LearningRates(Hook):
    """The rate that each step uses, by component."""

    def __init__(self):
        self.rates = []

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        self.rates.append(
            {
                name.removesuffix('.lr'): values[0]
                for name, values in runner.optim_wrapper.get_lr().items()
            }
        )


def rates_of(tmp_path, schedule):
    """Two epochs of two steps; the discriminator learns in the second."""
    cfg = tiny_config(tmp_path)
    cfg.custom_hooks[0].stages = [
        dict(
            name='image',
            epochs=2,
            param_scheduler=schedule,
            components=dict(flow_regressor=0, generator=0, discriminator=1),
        )
    ]
    cfg.train_dataloader = dict(
        cfg.train_dataloader,
        dataset=dict(
            cfg.train_dataloader.dataset,
            pipeline=[dict(type='PackPoseTransferInputs')],
        ),
    )
    recorder = LearningRates()
    with warnings.catch_warnings():
        warnings.filterwarnings('error', message='.*scheduler.step')
        run_training(cfg, recorder)
    return recorder.rates


def test_all_components_reach_the_end_of_the_stage_together(tmp_path):
    """Without a warning of schedules that run before optimizers step."""
    rates = rates_of(
        tmp_path,
        [
            dict(
                type='LinearLR',
                start_factor=1.0,
                end_factor=0.2,
                end=2,
                convert_to_iter_based=True,
            )
        ],
    )
    for name, base in dict(generator=2e-4, discriminator=2e-5).items():
        assert [rate[name] / base for rate in rates] == pytest.approx(
            [1 - 0.8 * step / 3 for step in range(4)]
        )


def test_a_schedule_may_begin_with_its_component(tmp_path):
    """As docs/training.md says; other components keep their rate."""
    rates = rates_of(
        tmp_path,
        dict(
            discriminator=[
                dict(
                    type='LinearLR',
                    start_factor=0.1,
                    begin=1,
                    end=2,
                    convert_to_iter_based=True,
                )
            ]
        ),
    )
    assert [rate['generator'] / 2e-4 for rate in rates] == [1, 1, 1, 1]
    assert [rate['discriminator'] / 2e-5 for rate in rates] == pytest.approx(
        [1, 1, 0.1, 1]
    )


def test_a_schedule_for_a_component_that_does_not_learn_is_refused():
    with pytest.raises(ValueError, match=r"\['generatr'\].*\['generator'\]"):
        Stage(
            name='image',
            components=['generator'],
            epochs=1,
            param_scheduler=dict(generatr=[]),
        )
