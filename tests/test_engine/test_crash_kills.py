"""`tools/train.py` killed by SIGKILL, resumed, and compared to the bit."""

import sys
from pathlib import Path

import pytest
from mmengine.config import Config

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / 'tools' / 'analysis_tools'


@pytest.fixture(scope='module')
def tools():
    """The modules of tools/analysis_tools."""
    sys.path.insert(0, str(TOOLS))
    try:
        import compare_runs
        import crash_test

        yield crash_test, compare_runs
    finally:
        sys.path.remove(str(TOOLS))


@pytest.fixture(scope='module')
def config(tools, tmp_path_factory):
    """Stages of 2 epochs, 7 iterations and an epoch, each epoch of 4 steps.

    With two workers, EMA, accumulation and validation.
    """
    crash_test, _ = tools
    cfg = Config.fromfile(ROOT / 'configs/dipt/full_synthfashion_64.py')
    crash_test.shrink(cfg)
    for loader in (cfg.train_dataloader, cfg.val_dataloader):
        loader.dataset.num_people = 4
    cfg.train_dataloader.dataset.num_pairs = 8
    first, second, third = cfg.custom_hooks[0].stages
    first.epochs, third.epochs = 2, 1
    second.update(
        iters=7,
        components=dict(generator=0, discriminator=3),
        freeze_norm=5,
        val_interval=3,
    )
    path = tmp_path_factory.mktemp('crash') / 'config.py'
    cfg.dump(path)
    return path


# (moment, number of the step from which on, from 0, seconds from there)
KILLS = [
    ('step', 5, 0.02),  # in mid-epoch, two steps after a checkpoint
    ('half-written', 6, 0),  # the checkpoint of the end of the first stage
    ('stage-switch', 7, 0),  # before the second one has begun
    ('step', 12, 0.02),  # in the last pass of the second, which is cut
]


def test_a_run_that_is_killed_ends_as_one_that_is_not(tools, config):
    crash_test, compare_runs = tools
    whole, killed = (config.parent / name for name in ('whole', 'killed'))
    code, output = crash_test.train(config, whole)
    assert code == 0, output[-3000:]
    assert crash_test.killed_run(config, killed, KILLS) == len(KILLS)
    report = compare_runs.compare_runs(whole, killed)
    assert not any(report.values()), report
    assert {
        'state_dict',
        'ema_state_dict',
        'optimizer',
        'resume',
        'param_schedulers',
        'message_hub',
        'log',
    } <= set(report)
    steps = [
        line['iter']
        for line in compare_runs.read_scalars(killed)
        if 'iter' in line
    ]
    assert steps == list(range(1, 20))
    assert not list(killed.glob('.*'))


def test_differences_are_found(tools):
    """Of the comparison that the tests of resuming rely on."""
    import torch

    _, compare_runs = tools
    one = dict(a=torch.arange(3.0), b=[1, dict(c=2.0)], time=1, nan=torch.nan)
    assert not compare_runs.differences(one, dict(one, time=2))
    other = dict(one, a=torch.tensor([0, 1, 2.5]), b=[1, dict(c=2)], d=1)
    assert sorted(compare_runs.differences(one, other, 'x')) == [
        'x.a',
        'x.b[1].c (float, int)',
        'x.d is only in one',
    ]
