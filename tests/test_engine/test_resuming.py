"""A run that breaks off at any step goes on as if it had not."""

import numpy as np
import pytest
import torch
from mmengine.hooks import Hook
from torch.utils.data import RandomSampler
from toy_training import (
    VALIDATION,
    Crash,
    CrashAt,
    Noise,
    Recorder,
    broken_run,
    scalars,
    toy_runner,
)

from mmposetransfer.registry import DATA_SAMPLERS

ACCUMULATING = dict(
    optim_wrapper=dict(
        optimizer=dict(type='SGD', lr=1e-2, momentum=0.9),
        accumulative_counts=3,
    )
)


@DATA_SAMPLERS.register_module()
class GlobalSampler(RandomSampler):
    """Draws the order from torch's global generator; knows no epoch."""

    def __init__(self, dataset, seed=None):
        super().__init__(dataset)


@pytest.fixture(autouse=True)
def quick_disk(monkeypatch):
    """Nobody pulls the plug here."""
    monkeypatch.setattr('os.fsync', lambda descriptor: None)


class Validate(Hook):
    """Notes which epochs were validated; may crash there."""

    priority = 'LOW'

    def __init__(self, crash_at=None):
        self.crash_at = crash_at
        self.epochs = []

    def before_val_epoch(self, runner):
        if runner.epoch == self.crash_at:
            raise Crash
        self.epochs.append(runner.epoch)


@pytest.mark.parametrize(
    'options',
    [
        {},
        ACCUMULATING,
        dict(loader=dict(sampler=dict(type='GlobalSampler'))),
        dict(loader=dict(num_workers=2, persistent_workers=True)),
        dict(checkpoint=dict(interval=2)),
        dict(randomness=dict(seed=None)),
        dict(custom_hooks=[dict(type='EMAHook', momentum=0.2)]),
    ],
    ids=[
        'plain',
        'accumulating',
        'global sampler',
        'workers',
        'every other step',
        'no seed',
        'ema',
    ],
)
def test_breaking_off_changes_nothing(tmp_path, options):
    recorder = Recorder()
    options = dict(options)
    if options.get('randomness') == dict(seed=None):
        # The first start draws a seed; the resumed ones take it over.
        first = toy_runner(tmp_path / 'b', [CrashAt(4, 'LOWEST')], **options)
        with pytest.raises(Crash):
            first.train()
        whole = toy_runner(
            tmp_path / 'a', [recorder], randomness=dict(seed=first.seed)
        )
        whole.train()
        rest = Recorder()
        runner = toy_runner(tmp_path / 'b', [rest], resume=True, **options)
        runner.train()
        fed = {**recorder.batches, **rest.batches}
        assert sorted(rest.batches) == list(range(4, 15))
    else:
        whole = toy_runner(tmp_path / 'a', [recorder], **options)
        whole.train()
        runner, fed = broken_run(tmp_path / 'b', [3, 5, 8, 13], **options)
    assert sorted(fed) == list(range(15))
    for step, batch in recorder.batches.items():
        assert torch.equal(batch, fed[step]), step
    for key, value in whole.model.state_dict().items():
        assert torch.equal(value, runner.model.state_dict()[key]), key
    assert scalars(tmp_path / 'a') == scalars(tmp_path / 'b')
    last = [
        torch.load(tmp_path / name / 'iter_15.pth', weights_only=True)
        for name in 'ab'
    ]
    for one, other in zip(
        last[0]['optimizer']['state'].values(),
        last[1]['optimizer']['state'].values(),
        strict=True,
    ):
        assert all(
            torch.equal(torch.as_tensor(one[key]), torch.as_tensor(other[key]))
            for key in one
        )
    assert torch.equal(
        last[0]['resume']['random'][0]['torch'],
        last[1]['resume']['random'][0]['torch'],
    )
    if 'ema_state_dict' in last[0]:
        for key, value in last[0]['ema_state_dict'].items():
            assert torch.equal(value, last[1]['ema_state_dict'][key]), key


def test_samples_depend_on_seed_epoch_and_index_alone(tmp_path):
    """Not on workers, batches or the order; nor twice in an epoch."""
    fed = []
    for loader in (
        {},
        dict(batch_size=5),
        dict(num_workers=1),
        dict(num_workers=3, persistent_workers=True),
    ):
        recorder = Recorder()
        runner = toy_runner(
            tmp_path / str(len(fed)), [recorder], loader=loader
        )
        runner.train()
        rows = torch.cat(
            [batch for _, batch in sorted(recorder.batches.items())]
        )
        fed.append(
            torch.stack(
                [epoch[epoch[:, 0].argsort()] for epoch in rows.split(10)]
            )
        )
    for other in fed[1:]:
        assert torch.equal(fed[0], other)
    # Python, NumPy and torch all differ between epochs and indices.
    for column in (1, 2, 3):
        assert fed[0][..., column].unique().numel() == 30


def test_the_order_of_samplers_differs_between_epochs(tmp_path):
    recorder = Recorder()
    toy_runner(
        tmp_path, [recorder], loader=dict(sampler=dict(type='GlobalSampler'))
    ).train()
    orders = [
        torch.cat([recorder.batches[5 * epoch + i][:, 0] for i in range(5)])
        for epoch in range(3)
    ]
    assert all(sorted(order.tolist()) == list(range(10)) for order in orders)
    assert not torch.equal(orders[0], orders[1])
    assert not torch.equal(orders[1], orders[2])


def test_batches_before_the_checkpoint_are_not_loaded(tmp_path):
    class Counting(Noise):
        taken = []

        def __getitem__(self, index):
            Counting.taken.append(index)
            return super().__getitem__(index)

    loader = dict(dataset=Counting())
    with pytest.raises(Crash):
        toy_runner(tmp_path, [CrashAt(4, 'LOWEST')], loader=loader).train()
    Counting.taken.clear()
    toy_runner(tmp_path, loader=loader, resume=True, epochs=1).train()
    assert len(Counting.taken) == 2


def test_a_validation_that_was_broken_off_is_made(tmp_path):
    options = dict(VALIDATION, checkpoint=dict(by_epoch=True))
    validate = Validate(crash_at=2)
    with pytest.raises(Crash):
        toy_runner(tmp_path, [validate], **options).train()
    again = Validate()
    toy_runner(tmp_path, [again], resume=True, **options).train()
    assert (validate.epochs, again.epochs) == ([1], [2, 3])
    metrics = [line['step'] for line in scalars(tmp_path) if 'score' in line]
    assert metrics == [1, 2, 3]


def test_a_finished_run_is_left_alone(tmp_path, monkeypatch):
    options = dict(VALIDATION, checkpoint=dict(by_epoch=True))
    toy_runner(tmp_path, **options).train()
    before = {path: path.stat().st_mtime_ns for path in tmp_path.glob('*.pth')}
    validate, recorder = Validate(), Recorder()
    runner = toy_runner(
        tmp_path, [validate, recorder], resume='auto', **options
    )
    said, log = [], scalars(tmp_path)
    monkeypatch.setattr(runner.logger, 'info', said.append)
    runner.train()
    assert scalars(tmp_path) == log
    assert [line['step'] for line in log if 'score' in line] == [1, 2, 3]
    assert any('finished already' in str(line) for line in said)
    assert not validate.epochs and not recorder.batches
    assert before == {
        path: path.stat().st_mtime_ns for path in tmp_path.glob('*.pth')
    }
    # And goes on where there is more to do.
    toy_runner(
        tmp_path, [recorder], resume='auto', epochs=4, **options
    ).train()
    assert sorted(recorder.batches) == list(range(15, 20))


def test_a_loader_of_another_length_is_told(tmp_path, monkeypatch):
    with pytest.raises(Crash):
        toy_runner(tmp_path, [CrashAt(4, 'LOWEST')]).train()
    recorder = Recorder()
    runner = toy_runner(
        tmp_path, [recorder], resume=True, epochs=1, loader=dict(batch_size=5)
    )
    said = []
    monkeypatch.setattr(runner.logger, 'warning', said.append)
    runner.train()
    # Of 4 of 5 batches and 1 of 2 the latter is the smaller part.
    assert len(recorder.batches) == 1
    assert any('epoch of 5 batches, which now has 2' in line for line in said)


def test_without_a_checkpoint_training_starts_from_load_from(tmp_path):
    """A job that was killed before its first checkpoint is put in again."""
    first = toy_runner(tmp_path / 'first', epochs=1)
    first.train()
    weights = tmp_path / 'first' / 'iter_5.pth'
    runs = []
    for resume in (False, 'auto'):
        runs.append(
            toy_runner(
                tmp_path / f'second{resume}',
                epochs=1,
                load_from=str(weights),
                resume=resume,
            )
        )
        runs[-1].train()
    for key, value in runs[0].model.state_dict().items():
        assert torch.equal(value, runs[1].model.state_dict()[key])
        if 'weight' in key and value.ndim == 2:
            assert not torch.equal(value, first.model.state_dict()[key])


def test_checkpoints_of_another_run_are_told(tmp_path, monkeypatch):
    toy_runner(tmp_path, epochs=1).train()
    runner = toy_runner(tmp_path, epochs=1)
    said = []
    monkeypatch.setattr(runner.logger, 'warning', said.append)
    runner.train()
    assert any('checkpoints of another run' in line for line in said)


def test_global_generators_are_left_alone_by_loading(tmp_path):
    """What the main process draws is the same for any number of workers."""
    drawn = []

    class Draw(Hook):
        priority = 'NORMAL'

        def after_train_iter(self, runner, *args, **kwargs):
            drawn[-1].append(np.random.rand())

    for workers in (0, 2):
        drawn.append([])
        toy_runner(
            tmp_path / str(workers), [Draw()], loader=dict(num_workers=workers)
        ).train()
    assert drawn[0] == drawn[1] and len(set(drawn[0])) == 15
