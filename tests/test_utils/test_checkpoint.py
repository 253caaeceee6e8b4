"""Checkpoints are read, never run."""

import os

import pytest
import torch

from mmposetransfer.utils.checkpoint import read_checkpoint, read_state_dict


class Hostile:
    """Makes a folder when it is unpickled."""

    def __reduce__(self):
        return os.mkdir, ('hacked',)


def test_state_dicts_bare_and_wrapped(tmp_path):
    weights = dict(w=torch.ones(2))
    for content in (weights, dict(state_dict=weights, meta=dict(epoch=1))):
        torch.save(content, tmp_path / 'x.pth')
        assert read_state_dict(tmp_path / 'x.pth')['w'].sum() == 2


def test_hostile_and_damaged_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save(dict(state_dict=Hostile()), 'hostile.pth')
    with pytest.raises(ValueError, match='hostile.pth'):
        read_checkpoint('hostile.pth')
    assert not os.path.exists('hacked')
    torch.save(dict(w=torch.ones(1000)), 'cut.pth')
    data = (tmp_path / 'cut.pth').read_bytes()
    for length in (0, 10, len(data) // 2):
        (tmp_path / 'cut.pth').write_bytes(data[:length])
        with pytest.raises(ValueError, match='cut.pth'):
            read_checkpoint('cut.pth')


def test_files_that_are_no_checkpoint(tmp_path):
    with pytest.raises(FileNotFoundError, match='none.pth'):
        read_checkpoint(tmp_path / 'none.pth')
    torch.save([1, 2], tmp_path / 'list.pth')
    with pytest.raises(ValueError, match='no state dict'):
        read_state_dict(tmp_path / 'list.pth')
