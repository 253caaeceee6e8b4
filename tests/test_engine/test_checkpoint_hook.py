"""Checkpoints are whole, old ones go late, full disks are survived."""

import json
import os
import resource
import threading
from pathlib import Path

import pytest
import torch
from mmengine.hooks import Hook
from toy_training import VALIDATION, Crash, CrashAt, Recorder, toy_runner

from mmposetransfer.engine.checkpoint_files import find_damage


@pytest.fixture(autouse=True)
def quick_disk(monkeypatch):
    """Nobody pulls the plug here."""
    monkeypatch.setattr('os.fsync', lambda descriptor: None)


def names(folder):
    return {path.name for path in Path(folder).iterdir() if path.is_file()}


@pytest.fixture
def said(monkeypatch):
    """Errors that are logged."""
    lines = []
    monkeypatch.setattr(
        'mmengine.logging.MMLogger.error',
        lambda self, line, *args: lines.append(str(line)),
    )
    return lines


NO_LIMIT = resource.getrlimit(resource.RLIMIT_FSIZE)


class FullDisk(Hook):
    """Lets no file grow beyond 2 kB from one step to another."""

    priority = 'HIGHEST'

    def __init__(self, start, stop):
        self.steps = range(start, stop)

    def after_train_iter(self, runner, *args, **kwargs):
        self.limit(runner.iter + 1 in self.steps)

    @staticmethod
    def limit(full):
        soft = 2048 if full else NO_LIMIT[0]
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, NO_LIMIT[1]))


@pytest.fixture
def full_disk():
    yield FullDisk
    FullDisk.limit(False)


def test_a_full_disk_is_reported_and_survived(tmp_path, said, full_disk):
    recorder = Recorder()
    runner = toy_runner(
        tmp_path,
        [full_disk(7, 10), recorder],
        checkpoint=dict(max_keep_ckpts=2),
    )
    runner.train()
    assert sorted(recorder.batches) == list(range(15))
    assert {'iter_14.pth', 'iter_15.pth', 'last_checkpoint'} <= names(tmp_path)
    about = [line for line in said if '.pth' in line]
    assert len(about) == 3
    assert "iter_7.pth' was not saved" in about[0]
    assert 'bytes are free' in about[0] and 'Free some space' in about[0]
    assert "last good checkpoint is '" in about[2]
    assert 'iter_6.pth' in about[2]


def test_a_full_disk_leaves_the_checkpoint_before(tmp_path, said, full_disk):
    with pytest.raises(Crash):
        toy_runner(
            tmp_path,
            [full_disk(3, 9), CrashAt(8, 'LOWEST')],
            checkpoint=dict(max_keep_ckpts=1),
        ).train()
    FullDisk.limit(False)
    assert {name for name in names(tmp_path) if '.py' not in name} == {
        'iter_2.pth',
        'last_checkpoint',
    }
    assert not find_damage(tmp_path / 'iter_2.pth')
    assert (tmp_path / 'last_checkpoint').read_text() == str(
        tmp_path / 'iter_2.pth'
    )
    recorder = Recorder()
    toy_runner(tmp_path, [recorder], resume=True).train()
    assert sorted(recorder.batches) == list(range(2, 15))


def test_the_log_of_a_full_disk_has_no_half_lines(
    tmp_path, said, full_disk, monkeypatch
):
    told = []
    monkeypatch.setattr(
        'mmposetransfer.visualization.local_vis_backend.print_log',
        lambda line, **where: told.append(line),
    )
    runner = toy_runner(tmp_path, [full_disk(1, 100)], epochs=8)
    with pytest.raises(OSError):  # the last checkpoint is not there
        runner.train()
    log = next(tmp_path.glob('*/vis_data/scalars.json'))
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert 5 < len(lines) < 40
    assert [line['iter'] for line in lines] == list(range(1, len(lines) + 1))
    # Once; the file of this start alone, of the same lines, is as large.
    assert len(told) == 1 and 'cannot be written' in told[0]


def test_last_weights_that_cannot_be_saved_end_in_an_error(
    tmp_path, said, full_disk
):
    runner = toy_runner(tmp_path, [full_disk(14, 99)])
    with pytest.raises(OSError, match='last checkpoint is not saved.*--resu'):
        runner.train()
    assert not (tmp_path / 'finished').exists()
    assert (tmp_path / 'last_checkpoint').read_text().endswith('iter_13.pth')


def test_last_weights_are_tried_again(tmp_path, said, full_disk):
    class Space(Hook):
        priority = 'HIGHEST'

        def after_train(self, runner):
            FullDisk.limit(False)

    toy_runner(tmp_path, [full_disk(15, 16), Space()]).train()
    assert 'iter_15.pth' in said[0]
    content = torch.load(tmp_path / 'iter_15.pth', weights_only=True)
    assert content['meta']['iter'] == 15 and content['meta']['epoch'] == 3


def test_old_ones_go_after_the_new_one_is_there(tmp_path, monkeypatch):
    """And last_checkpoint always names a file that is whole."""
    seen = []
    remove = os.remove

    def watch(path, *args, **kwargs):
        if str(path).endswith('.pth'):
            last = (tmp_path / 'last_checkpoint').read_text()
            seen.append(
                (
                    os.path.basename(path),
                    os.path.basename(last),
                    find_damage(last),
                )
            )
        remove(path, *args, **kwargs)

    monkeypatch.setattr('os.remove', watch)
    toy_runner(tmp_path, checkpoint=dict(max_keep_ckpts=2)).train()
    assert seen == [
        (f'iter_{step}.pth', f'iter_{step + 2}.pth', '')
        for step in range(1, 14)
    ]
    assert names(tmp_path) >= {'iter_14.pth', 'iter_15.pth'}
    assert not list(tmp_path.glob('.*.part'))


def test_what_a_kill_left_to_remove_is_removed(tmp_path):
    runner = toy_runner(tmp_path, checkpoint=dict(max_keep_ckpts=2))
    hook = next(
        hook
        for hook in runner.hooks
        if type(hook).__name__ == 'CheckpointHook'
    )
    remove_old = hook._remove_old

    def crash():
        """Between the new checkpoint and the removal of an old one."""
        if runner.iter == 6:
            raise Crash
        remove_old()

    hook._remove_old = crash
    with pytest.raises(Crash):
        runner.train()
    assert {'iter_5.pth', 'iter_6.pth', 'iter_7.pth'} <= names(tmp_path)
    (tmp_path / '.iter_8.pth.00000000.part').write_bytes(b'half')
    with pytest.raises(Crash):
        toy_runner(
            tmp_path,
            [CrashAt(8, 'HIGHEST')],
            resume=True,
            checkpoint=dict(max_keep_ckpts=2),
        ).train()
    assert {name for name in names(tmp_path) if 'pth' in name} == {
        'iter_6.pth',
        'iter_7.pth',
    }


def test_hooks_by_epoch_and_by_step_keep_to_their_own(tmp_path):
    epochs = dict(type='CheckpointHook', interval=1, max_keep_ckpts=2)
    runner = toy_runner(
        tmp_path,
        checkpoint=dict(interval=2, max_keep_ckpts=1),
        epochs=4,
        custom_hooks=[epochs],
    )
    runner.train()
    assert {name for name in names(tmp_path) if 'pth' in name} == {
        'epoch_3.pth',
        'epoch_4.pth',
        'iter_20.pth',
    }


def test_the_best_is_kept_until_a_better_one_is_saved(
    tmp_path, said, full_disk
):
    options = dict(
        VALIDATION,
        checkpoint=dict(
            by_epoch=True, save_best='score', rule='greater', max_keep_ckpts=1
        ),
    )
    toy_runner(tmp_path, **options).train()
    best = [name for name in names(tmp_path) if name.startswith('best')]
    assert len(best) == 1 and not find_damage(tmp_path / best[0])

    class Better(Hook):
        """Any validation after the first is better, on a full disk."""

        priority = 'VERY_HIGH'

        def after_val_epoch(self, runner, metrics):
            metrics['score'] = runner.epoch
            full_disk.limit(runner.epoch == 2)

    runner = toy_runner(tmp_path / 'second', [Better()], epochs=2, **options)
    with pytest.raises(OSError):
        runner.train()
    assert 'the best checkpoint' in said[0]
    assert 'best_score_epoch_1.pth' in names(tmp_path / 'second')
    assert runner.message_hub.get_info('best_score') == 1


@pytest.mark.parametrize(
    'prepare, message',
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-9]), 'is damaged'),
        (lambda path: path.unlink(), 'There is no checkpoint'),
        (
            lambda path: torch.save(dict(weight=torch.rand(2)), path),
            'load_from',
        ),
        (lambda path: path.write_text('hello'), 'is damaged'),
    ],
)
def test_what_is_named_has_to_be_right(tmp_path, prepare, message):
    with pytest.raises(Crash):
        toy_runner(tmp_path, [CrashAt(4, 'LOWEST')]).train()
    prepare(tmp_path / 'iter_4.pth')
    runner = toy_runner(
        tmp_path, resume=True, load_from=str(tmp_path / 'iter_4.pth')
    )
    with pytest.raises((ValueError, FileNotFoundError), match=message) as info:
        runner.train()
    assert 'iter_4.pth' in str(info.value)
    # Without a name the one before does.
    recorder = Recorder()
    toy_runner(tmp_path, [recorder], resume=True).train()
    assert sorted(recorder.batches) == list(range(3, 15))


def test_a_checkpoint_of_another_model_is_refused(tmp_path):
    with pytest.raises(Crash):
        toy_runner(tmp_path, [CrashAt(4, 'LOWEST')]).train()
    path = tmp_path / 'iter_4.pth'
    content = torch.load(path, weights_only=True)
    content['state_dict']['net.0.weight'] = torch.rand(5, 4)
    content['state_dict']['other'] = content['state_dict'].pop('net.3.bias')
    torch.save(content, path)
    with pytest.raises(
        ValueError,
        match=(
            r'iter_4.pth. is of another model.*net.3.bias is missing; other '
            r'is unknown; net.0.weight is \(5, 4\), not \(4, 4\)'
        ),
    ):
        toy_runner(tmp_path, resume=True).train()


def test_no_reader_ever_sees_half_a_checkpoint(tmp_path):
    """While training writes, another thread keeps reading."""
    problems, done = [], threading.Event()

    def read():
        while not done.is_set():
            last = tmp_path / 'last_checkpoint'
            if last.exists():
                try:
                    problem = find_damage(last.read_text())
                except FileNotFoundError:
                    continue  # removed since, as old ones are
                problems.append(problem)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        toy_runner(tmp_path, checkpoint=dict(max_keep_ckpts=2)).train()
    finally:
        done.set()
        reader.join()
    assert len(problems) > 5 and not any(problems)
