"""Damaged checkpoints are noticed, and the last good one is found."""

import os
import random

import pytest
import torch

from mmposetransfer.apis.model import resolve_checkpoint
from mmposetransfer.engine.checkpoint_files import (
    check_resumable,
    find_damage,
    find_last_good_checkpoint,
    remove_leftovers,
)


def save(path, age=0, **more):
    """A checkpoint that is ``age`` seconds older than others."""
    torch.save(
        dict(
            state_dict=dict(weight=torch.rand(50, 40)),
            meta={},
            optimizer={},
            message_hub={},
            **more,
        ),
        path,
    )
    now = path.stat().st_mtime
    os.utime(path, (now - age, now - age))
    return path


@pytest.fixture
def folder(tmp_path):
    for number in (1, 2, 3):
        save(tmp_path / f'epoch_{number}.pth', age=10 * (3 - number))
    (tmp_path / 'last_checkpoint').write_text(str(tmp_path / 'epoch_3.pth'))
    return tmp_path


def cut(path):
    path.write_bytes(path.read_bytes()[:-100])


def empty(path):
    path.write_bytes(b'')


def zeros(path):
    """What some file systems leave after a loss of power."""
    path.write_bytes(bytes(path.stat().st_size))


def flip(path, position=None):
    data = bytearray(path.read_bytes())
    data[len(data) // 2 if position is None else position] ^= 4
    path.write_bytes(data)


@pytest.fixture
def said(monkeypatch):
    """What is logged."""
    lines = []
    monkeypatch.setattr(
        'mmposetransfer.engine.checkpoint_files.print_log',
        lambda line, **where: lines.append(line),
    )
    return lines


@pytest.mark.parametrize('damage', [cut, empty, zeros, flip])
def test_damage_is_passed_over(folder, damage, said):
    damage(folder / 'epoch_3.pth')
    assert find_damage(folder / 'epoch_3.pth')
    assert find_last_good_checkpoint(folder) == str(folder / 'epoch_2.pth')
    assert len(said) == 1 and 'epoch_3.pth' in said[0]
    assert resolve_checkpoint(folder) == str(folder / 'epoch_2.pth')
    with pytest.raises(ValueError, match='epoch_3.pth.*damaged'):
        check_resumable(folder / 'epoch_3.pth')


def test_any_flipped_bit_of_the_content_is_found(folder):
    path = folder / 'epoch_3.pth'
    whole = path.read_bytes()
    weights = torch.load(path, weights_only=True)['state_dict']['weight']
    start = whole.index(weights.numpy().tobytes())
    rng = random.Random(0)
    for _ in range(50):
        path.write_bytes(whole)
        flip(path, start + rng.randrange(weights.nbytes))
        assert 'checksum' in find_damage(path)


def test_no_flipped_bit_changes_what_is_read(folder):
    """Wherever it is: noticed, or of no consequence."""
    path = folder / 'epoch_3.pth'
    whole = path.read_bytes()
    weights = torch.load(path, weights_only=True)['state_dict']['weight']
    rng = random.Random(1)
    for _ in range(150):
        path.write_bytes(whole)
        flip(path, rng.randrange(len(whole)))
        try:
            check_resumable(path)
        except ValueError:
            continue
        again = torch.load(path, weights_only=True)['state_dict']['weight']
        assert torch.equal(again, weights)


def test_all_damaged_gives_none(folder):
    for path in folder.glob('*.pth'):
        cut(path)
    assert find_last_good_checkpoint(folder) is None
    with pytest.raises(FileNotFoundError, match='no checkpoint'):
        resolve_checkpoint(folder)


@pytest.mark.parametrize('name', ['', 'no/such.pth', '\0\1', 'epoch_3.pth'])
def test_last_checkpoint_may_be_wrong(folder, name):
    (folder / 'last_checkpoint').write_text(name)
    assert find_last_good_checkpoint(folder) == str(folder / 'epoch_3.pth')
    (folder / 'last_checkpoint').unlink()
    assert find_last_good_checkpoint(folder) == str(folder / 'epoch_3.pth')


def test_what_last_checkpoint_names_comes_first(folder):
    """Also where its folder was moved."""
    (folder / 'last_checkpoint').write_text('/elsewhere/run/epoch_1.pth')
    assert find_last_good_checkpoint(folder) == str(folder / 'epoch_1.pth')


def test_checkpoints_beside_the_named_one_are_found(folder, tmp_path):
    """With CheckpointHook(out_dir=...) they lie elsewhere."""
    work_dir = tmp_path / 'work'
    work_dir.mkdir()
    (work_dir / 'last_checkpoint').write_text(str(folder / 'epoch_3.pth'))
    cut(folder / 'epoch_3.pth')
    assert find_last_good_checkpoint(work_dir) == str(folder / 'epoch_2.pth')


def test_weights_alone_do_not_resume(folder):
    torch.save(
        dict(state_dict=dict(weight=torch.rand(2))), folder / 'epoch_3.pth'
    )
    assert find_last_good_checkpoint(folder).endswith('epoch_3.pth')
    assert find_last_good_checkpoint(folder, resumable=True).endswith(
        'epoch_2.pth'
    )
    with pytest.raises(ValueError, match='no optimizer, meta.*load_from'):
        check_resumable(folder / 'epoch_3.pth')


def test_checkpoints_that_would_run_code_are_refused(folder):
    class Evil:
        def __reduce__(self):
            return os.system, ('touch evil',)

    save(folder / 'epoch_3.pth', evil=Evil())
    with pytest.raises(ValueError, match='run code'):
        check_resumable(folder / 'epoch_3.pth')
    assert find_last_good_checkpoint(folder, resumable=True).endswith(
        'epoch_2.pth'
    )


def test_the_format_of_old_torch_is_whole_too(tmp_path):
    path = tmp_path / 'old.pth'
    torch.save(
        dict(state_dict=dict(weight=torch.rand(9))),
        path,
        _use_new_zipfile_serialization=False,
    )
    assert not find_damage(path)
    cut(path)
    assert find_damage(path)


def test_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match='nothing.pth'):
        check_resumable(tmp_path / 'nothing.pth')
    assert find_last_good_checkpoint(tmp_path) is None


def test_leftovers_are_removed(folder):
    (folder / '.epoch_4.pth.1a2b3c4d.part').write_bytes(b'half')
    removed = remove_leftovers(folder)
    assert [path.name for path in removed] == ['.epoch_4.pth.1a2b3c4d.part']
    assert sorted(os.listdir(folder)) == [
        'epoch_1.pth',
        'epoch_2.pth',
        'epoch_3.pth',
        'last_checkpoint',
    ]
