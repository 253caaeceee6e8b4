"""A run with a stage of iterations between stages of epochs."""

import pytest
import torch
from mmengine.hooks import Hook
from staged_toy import EPOCHS, STAGES, STEPS, Watch, staged_runner
from toy_training import (
    Crash,
    CrashAt,
    Recorder,
    broken_run,
    scalars,
)

ACCUMULATING = dict(wrapper=dict(accumulative_counts=2))


@pytest.fixture(autouse=True)
def quick_disk(monkeypatch):
    """Nobody pulls the plug here."""
    monkeypatch.setattr('os.fsync', lambda descriptor: None)


@pytest.fixture(scope='module')
def whole(tmp_path_factory):
    """A run without interruption: folder, runner, what was seen of it."""
    folder = tmp_path_factory.mktemp('whole')
    watch, recorder = Watch(), Recorder()
    runner = staged_runner(
        folder,
        [watch, recorder],
        custom_hooks=[
            dict(type='StagedTrainingHook', stages=STAGES),
            dict(type='CheckpointHook', interval=1),
        ],
    )
    runner.train()
    return folder, runner, watch, recorder.batches


def test_it_lasts_as_long_as_its_stages(whole):
    _, runner, watch, _ = whole
    assert sorted(watch.steps) == list(range(STEPS))
    assert (runner.epoch, runner.iter) == (EPOCHS, STEPS)
    for step in watch.steps.values():
        assert step['lengths'] == step['told'] == (EPOCHS, STEPS)
    epochs = [watch.steps[i]['epoch'] for i in range(STEPS)]
    assert epochs == (
        5 * [0] + 5 * [1] + 4 * [2] + 4 * [3] + 3 * [4] + 5 * [5] + 5 * [6]
    )


def test_the_log_counts_what_the_stage_counts(whole):
    folder, _, watch, _ = whole
    lines = [line for line in scalars(folder) if 'iter' in line]
    assert [line['iter'] for line in lines] == list(range(1, STEPS + 1))
    by_epoch = ['epoch' in line for line in lines]
    assert by_epoch == 10 * [True] + 11 * [False] + 10 * [True]
    assert watch.steps[STEPS - 1]['eta'] == 0


def test_it_is_validated_by_epoch_and_by_iteration(whole):
    """After 3, 6 and 9 of the 11 iterations; else after every epoch."""
    folder, _, watch, _ = whole
    at = [5, 10, 13, 16, 19, 26, 31]
    assert watch.validated == at
    lines = [line for line in scalars(folder) if 'score' in line]
    assert [line['step'] for line in lines] == at


def test_checkpoints_are_named_by_what_they_count(whole):
    folder, _, _, _ = whole
    names = {path.name for path in folder.glob('*.pth')}
    assert names == {f'epoch_{n}.pth' for n in range(1, EPOCHS + 1)} | {
        f'iter_{n}.pth' for n in range(1, STEPS + 1)
    }
    meta = torch.load(folder / 'epoch_5.pth', weights_only=True)['meta']
    assert (meta['epoch'], meta['iter']) == (5, 21)


def test_components_begin_and_batch_norm_freezes_in_mid_pass(whole):
    """The second learns from iteration 5 on, statistics rest from 7 on."""
    steps = whole[2].steps
    losses = [steps[i]['losses'] for i in range(STEPS)]
    first, second = ['loss_first'], ['loss_second']
    assert losses == 15 * [first] + 6 * [first + second] + 10 * [second]
    for step in range(1, 21):
        same = torch.equal(steps[step]['mean'], steps[step - 1]['mean'])
        assert same == (step >= 17), step


def test_schedules_count_iterations_to_the_end_of_the_stage(whole):
    """LinearLR reaches its factor with the last step of all 11."""
    steps = whole[2].steps
    # Read after the scheduler of this step.
    for step in range(10, 20):
        factor = 1 - 0.9 * (step - 9) / 10
        assert steps[step]['lrs']['first'] == pytest.approx(1e-2 * factor)
    # By epochs in the stage before; the one after has none.
    assert steps[7]['lrs'] == {'first': pytest.approx(0.9e-2)}
    assert steps[25]['lrs'] == {'second': 1e-2}


def test_every_pass_of_an_iteration_stage_is_shuffled_anew(whole):
    batches = whole[3]
    passes = [
        torch.cat([batches[i][:, 0] for i in steps]).tolist()
        for steps in (range(10, 14), range(14, 18), range(18, 21))
    ]
    assert sorted(passes[0]) == sorted(passes[1]) == list(range(8))
    assert passes[0] != passes[1]
    assert len(set(passes[2])) == 6
    # What transforms draw differs between passes, too.
    drawn = torch.cat([batches[i] for i in range(10, 21)])[:, 1:]
    assert drawn.unique().numel() == drawn.numel()


BREAKS = {
    'first stage': [3, 8],
    'its end': [10, 10],
    'in mid-pass': [12, 15],
    'at a validation': [13, 13, 19],
    'where a pass ends': [14, 14, 18],
    'end of iterations': [21, 21],
    'last stage': [22, 29],
    'all of them': [5, 11, 16, 20, 26],
}


@pytest.mark.parametrize('breaks', BREAKS.values(), ids=BREAKS)
def test_breaking_off_changes_nothing(tmp_path, whole, breaks):
    folder, wanted, watch, fed = whole
    again = Watch()
    runner, got = broken_run(tmp_path, breaks, staged_runner, [again])
    assert got.keys() == fed.keys()
    assert all(torch.equal(got[step], fed[step]) for step in fed)
    for key, value in wanted.model.state_dict().items():
        assert torch.equal(value, runner.model.state_dict()[key]), key
    assert scalars(tmp_path) == scalars(folder)
    for step, seen in watch.steps.items():
        for key in ('epoch', 'lengths', 'told', 'losses', 'lrs', 'updates'):
            assert again.steps[step][key] == seen[key], (step, key)
    assert sorted(set(again.validated)) == watch.validated
    random = [
        torch.load(place / f'iter_{STEPS}.pth', weights_only=True)['resume'][
            'random'
        ][0]['torch']
        for place in (folder, tmp_path)
    ]
    assert torch.equal(*random)


@pytest.mark.parametrize('breaks', [[12], [13, 17, 21]])
def test_accumulated_gradients_survive(tmp_path, breaks):
    whole, again = Watch(), Watch()
    wanted = staged_runner(tmp_path / 'a', [whole], **ACCUMULATING)
    wanted.train()
    runner, _ = broken_run(
        tmp_path / 'b', breaks, staged_runner, [again], **ACCUMULATING
    )
    for key, value in wanted.model.state_dict().items():
        assert torch.equal(value, runner.model.state_dict()[key]), key
    for step, seen in whole.steps.items():
        assert again.steps[step]['updates'] == seen['updates'], step


def test_an_iteration_stage_accumulates_across_passes(tmp_path):
    """Every two steps, whatever the passes of 4, 4 and 3; one at the end.

    A stage of epochs of 5 has an update for the fifth of each.
    """
    watch = Watch()
    staged_runner(tmp_path, [watch], **ACCUMULATING).train()
    updates = [watch.steps[i]['updates'] for i in range(STEPS)]
    assert [u['first'] for u in updates[:10]] == [
        *(0, 1, 1, 2, 3),
        *(3, 4, 4, 5, 6),
    ]
    assert [u['first'] for u in updates[10:21]] == [
        *(0, 1, 1, 2, 2, 3, 3, 4, 4, 5),
        6,
    ]
    # It begins with iteration 5, and counts as the first does.
    assert [u['second'] for u in updates[15:21]] == [1, 1, 2, 2, 3, 4]


def test_workers_give_a_cut_pass_the_same_samples(tmp_path, whole):
    recorder = Recorder()
    loader = dict(num_workers=2, persistent_workers=True)
    staged_runner(tmp_path, [recorder], loader=loader).train()
    for step, batch in whole[3].items():
        assert torch.equal(batch, recorder.batches[step]), step


def test_a_finished_run_is_left_alone_and_can_be_made_longer(tmp_path):
    staged_runner(tmp_path).train()
    assert (tmp_path / 'finished').exists()
    recorder = Recorder()
    staged_runner(tmp_path, [recorder], resume='auto').train()
    assert not recorder.batches
    longer = [*STAGES[:2], dict(STAGES[2], epochs=3)]
    runner = staged_runner(tmp_path, [recorder], longer, resume='auto')
    runner.train()
    assert sorted(recorder.batches) == list(range(31, 36))
    another = [*longer, dict(name='last', components=['first'], iters=3)]
    runner = staged_runner(tmp_path, [recorder], another, resume='auto')
    runner.train()
    assert sorted(recorder.batches) == list(range(31, 39))
    assert (runner.epoch, runner.max_epochs, runner.max_iters) == (9, 9, 39)


def test_a_stage_that_was_made_shorter_is_left(tmp_path):
    with pytest.raises(Crash):
        staged_runner(tmp_path, [CrashAt(16, 'LOWEST')]).train()
    shorter = [STAGES[0], dict(STAGES[1], iters=6), STAGES[2]]
    watch = Watch()
    staged_runner(tmp_path, [watch], shorter, resume=True).train()
    assert sorted(watch.steps) == list(range(16, 26))
    assert {tuple(s['losses']) for s in watch.steps.values()} == {
        ('loss_second',)
    }


def test_the_best_within_a_pass_is_named_by_its_iteration(tmp_path):
    class Better(Hook):
        """Each validation up to iteration 16 is better than the last."""

        priority = 'VERY_HIGH'

        def after_val_epoch(self, runner, metrics):
            metrics['score'] = min(runner.iter, 32 - runner.iter)

    staged_runner(
        tmp_path,
        [Better()],
        checkpoint=dict(
            by_epoch=True, interval=1, save_best='score', rule='greater'
        ),
    ).train()
    names = {path.name for path in tmp_path.glob('*.pth')}
    assert names == {f'epoch_{n}.pth' for n in range(1, EPOCHS + 1)} | {
        'best_score_iter_16.pth'
    }
    # Checkpoints of epochs are of their ends, whatever was validated since.
    meta = torch.load(tmp_path / 'epoch_3.pth', weights_only=True)['meta']
    assert (meta['epoch'], meta['iter']) == (3, 14)


def test_without_an_interval_passes_are_validated_as_epochs_are(tmp_path):
    stages = [STAGES[0], {**STAGES[1], 'val_interval': None}, STAGES[2]]
    watch = Watch()
    staged_runner(
        tmp_path,
        [watch],
        stages,
        train_cfg=dict(type='ResumableTrainLoop', val_interval=2),
    ).train()
    # Epochs 2, 4 and 6, and the last one.
    assert watch.validated == [10, 18, 26, 31]


@pytest.mark.parametrize(
    'options, message',
    [
        (
            dict(train_cfg=dict(type='ResumableTrainLoop', max_epochs=7)),
            r'max_epochs is 7.*epochs: 2 epochs, iterations: 11 iterations',
        ),
        (
            dict(train_cfg=dict(by_epoch=True, max_epochs=7)),
            "expected train_cfg=.*ResumableTrainLoop.*'EpochBasedTrainLoop'",
        ),
        (
            dict(param_scheduler=dict(type='ExponentialLR', gamma=0.9)),
            'set param_scheduler=None',
        ),
        (dict(custom_hooks=[]), 'StagedTrainingHook with stages, or'),
    ],
)
def test_what_disagrees_with_the_stages_is_refused(tmp_path, options, message):
    with pytest.raises(ValueError, match=message):
        staged_runner(tmp_path, **options).train()
