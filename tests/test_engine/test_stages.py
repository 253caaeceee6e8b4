"""What a stage says of itself: its length, who learns when, what is refused.

The counts are held to a loop over all steps of a run.
"""

import pytest

from mmposetransfer.engine import Stage, StagedTrainingHook
from mmposetransfer.engine.stage_span import StageSpan


def stage(**changes):
    return Stage(**{**dict(name='a', components=['x'], epochs=3), **changes})


@pytest.mark.parametrize(
    'changes, message',
    [
        (dict(epochs=None), 'expected one of epochs and iters, got neither'),
        (dict(iters=5), r"got \{'epochs': 3, 'iters': 5\} \(set one.* None"),
        (dict(epochs=0), 'at least one epoch.*got epochs=0'),
        (dict(epochs=None, iters=0), 'at least one iteration.*got iters=0'),
        (dict(epochs=1.5), 'whole number from 1 on, got epochs=1.5'),
        (dict(components=[]), "names no component.*give it 'components'"),
        (dict(components=dict(x=3)), "3 epochs 'x' .*3 on.* from 0 to 2"),
        (dict(components=dict(x=-1)), 'from epoch -1 on'),
        (
            dict(epochs=None, iters=7, components=dict(x=0, y=9)),
            "7 iterations 'y' .*iteration 9 on.* from 0 to 6.*components.y",
        ),
        (dict(freeze_norm=-1), 'freeze_norm .*epochs from 0 on, got -1'),
        (dict(val_interval=0), 'val_interval .*epochs from 1 on, got 0'),
    ],
)
def test_what_means_nothing_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        stage(**changes)


def test_a_run_needs_a_stage():
    with pytest.raises(ValueError, match='at least one stage'):
        StagedTrainingHook([])


@pytest.mark.parametrize('unit', ['epochs', 'iters'])
def test_components_begin_in_the_unit_of_the_stage(unit):
    lengths = {'epochs': None, unit: 4}
    it = stage(**lengths, components=dict(x=0, y=2))
    assert [it.learning(done) for done in range(4)] == [
        ['x'],
        ['x'],
        ['x', 'y'],
        ['x', 'y'],
    ]


def test_schedules_end_with_the_stage_unless_they_say_when():
    it = stage(
        epochs=None,
        iters=20,
        components=['x', 'y'],
        param_scheduler=dict(
            x=[
                dict(type='A'),
                dict(type='B', by_epoch=False),
                dict(type='C', end=2),
                dict(type='D', begin=9),  # never begins
            ]
        ),
    )
    schedules = it.schedulers(epochs=3, iters=20)
    assert [one['end'] for one in schedules['x']] == [3, 20, 2, 10]
    assert schedules['y'] == []
    assert 'end' not in it.param_scheduler['x'][0]


def steps_of(stages, batches):
    """All steps as (epoch, iteration at its start, iteration, stage)."""
    steps, epoch, iteration = [], 0, 0
    for number, (epochs, iters) in enumerate(stages):
        left = iters if epochs is None else epochs * batches
        while left:
            start = iteration
            for _ in range(min(batches, left)):
                steps.append((epoch, start, iteration, number))
                iteration, left = iteration + 1, left - 1
            epoch += 1
    return steps


def test_spans_count_as_a_loop_over_all_steps_does():
    stages = [(2, None), (None, 12), (None, 3), (1, None)]
    batches = 5
    steps = steps_of(stages, batches)
    for number, (epochs, iters) in enumerate(stages):
        own = [step for step in steps if step[3] == number]
        span = StageSpan(epochs, iters, own[0][0], own[0][2])
        assert span.by_iter == (epochs is None)
        for epoch, start, iteration, _ in own:
            later = [step for step in own if step[2] >= start]
            assert span.left(epoch, start, batches) == (
                len({step[0] for step in later}),
                len(later),
            )
            before = [step for step in own if step[2] < iteration]
            assert span.done(epoch, iteration) == (
                len(before)
                if span.by_iter
                else len({step[0] for step in before} - {epoch})
            )
        end = own[-1][0] + 1, own[-1][2] + 1
        assert span.left(*end, batches) == (0, 0)
