"""Lengths of training under one budget, in closed form."""

import pytest
from mmengine.config import Config

from mmposetransfer.apis import find_config
from mmposetransfer.comparison import set_budget
from mmposetransfer.comparison.budget import staged_hook
from mmposetransfer.engine import Stage


def stages_of(name, steps, **changes):
    """Stages of a config under a budget; 'stage.key' -> other values."""
    cfg = Config.fromfile(find_config(name))
    for place, value in changes.items():
        stage, _, key = place.partition('__')
        staged_hook(cfg)['stages'][int(stage[1:])][key] = value
    set_budget(cfg, steps)
    return {
        stage['name']: Stage(**stage) for stage in staged_hook(cfg)['stages']
    }


def test_generators_learn_alike_and_flow_comes_on_top():
    """1,600 pairs in batches of 4: 400 steps an epoch; 14, 5, 2 epochs."""
    got = stages_of('full_synthfashion_64', 600)
    assert {n: s.iters for n, s in got.items()} == dict(
        flow=1680, generator=600, pixel_warping=240
    )
    generator = got['generator']
    assert generator.components == dict(generator=0, discriminator=480)
    assert generator.freeze_norm == 240
    (cosine,) = generator.param_scheduler['generator']
    assert cosine['T_max'] == 600 and cosine['by_epoch'] is False
    assert got['flow'].param_scheduler[0]['T_max'] == 1680
    ablation = stages_of('wo_flow_synthfashion_64', 600)
    assert ablation['generator'] == generator


def test_the_shortest_stages_end_in_running_statistics_too():
    """Rounding would put the freeze of pixel warping behind its one step."""
    got = stages_of('full_synthfashion_64', 3)
    assert got['pixel_warping'].iters == 1
    for name in ('generator', 'pixel_warping'):
        assert got[name].freeze_norm < got[name].iters


def test_stages_of_iterations_keep_their_shares():
    got = stages_of('pg2_synthfashion_64', 140)
    assert {n: s.iters for n, s in got.items()} == dict(coarse=80, refine=60)
    assert got['coarse'].param_scheduler[0]['T_max'] == 80
    joint = stages_of('gfla_synthfashion_64', 320)
    assert {n: s.iters for n, s in joint.items()} == dict(flow=120, joint=320)


def test_times_of_schedules_are_scaled():
    """Five epochs of 400 steps become 200 steps: a tenth."""
    schedule = [
        dict(type='LinearLR', start_factor=0.1, end=1),
        dict(type='MultiStepLR', milestones=[2, 4], begin=1),
        dict(type='StepLR', step_size=200, by_epoch=False),
    ]
    stage = stages_of(
        'full_synthfashion_64',
        200,
        s1__param_scheduler=dict(generator=schedule),
    )['generator']
    got = stage.param_scheduler['generator']
    assert got[0] == dict(schedule[0], end=40, by_epoch=False)
    assert got[1] == dict(
        schedule[1], milestones=[80, 160], begin=40, by_epoch=False
    )
    assert got[2] == dict(schedule[2], step_size=20)


def test_a_decay_a_step_cannot_be_scaled():
    with pytest.raises(ValueError, match='ExponentialLR'):
        stages_of(
            'pg2_synthfashion_64',
            10,
            s0__param_scheduler=[dict(type='ExponentialLR', gamma=0.9)],
        )


def test_a_ramp_in_updates_keeps_its_place():
    """400 to 800 of 1,600 iterations: a quarter and a half of all."""
    cfg = Config.fromfile(find_config('vunet_synthfashion_64'))
    set_budget(cfg, 200)
    ramp = cfg.model.loss_kl
    assert (ramp.begin, ramp.end) == (50, 100)
    assert ramp.type == 'LatentDivergence'


def test_an_average_of_weights_looks_back_by_the_same_share():
    """A weight that was replaced is forgotten to the same degree."""
    cfg = Config.fromfile(find_config('nted_synthfashion_64'))
    forgotten = [(1 - ema_of(cfg)['momentum']) ** 2000]
    set_budget(cfg, 500)
    forgotten.append((1 - ema_of(cfg)['momentum']) ** 500)
    assert forgotten[1] == pytest.approx(forgotten[0])


def ema_of(cfg):
    """The config of the hook that averages weights."""
    return next(h for h in cfg.custom_hooks if h['type'] == 'EMAHook')
