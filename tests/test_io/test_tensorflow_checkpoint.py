"""Checkpoints of TensorFlow are read as it wrote them.

``tests/data/pg2_tensorflow`` was written by TensorFlow 2.15 in its mode of
version 1, with variables, their slots of Adam, and a counter.
"""

import shutil
from pathlib import Path

import pytest
import torch

from mmposetransfer.io.tensorflow_checkpoint import (
    index_of,
    read_tensorflow_checkpoint,
)

FOLDER = Path(__file__).parents[1] / 'data' / 'pg2_tensorflow'
NAME = 'model.ckpt-0'
DATA = f'{NAME}.data-00000-of-00001'


@pytest.fixture
def copied(tmp_path):
    shutil.copytree(FOLDER, tmp_path / 'copy')
    return tmp_path / 'copy'


def test_variables_by_their_names():
    found = read_tensorflow_checkpoint(FOLDER / NAME)
    assert found['Pose_AE/G/Conv/weights'].shape == (3, 3, 21, 2)
    assert found['Pose_AE/G/fully_connected/biases'].shape == (3,)
    assert all(value.dtype == torch.float32 for value in found.values())
    # Values that were set, and one that is a number.
    assert torch.equal(found['Discriminator.1.Filters'], torch.ones(2, 2))
    torch.testing.assert_close(found['g_lr'], torch.tensor(0.1))
    assert 'step' not in found  # a whole number
    assert not any('Adam' in name for name in found)
    assert len(found) == 2 * (24 + 2 + 11) + 4


@pytest.mark.parametrize('suffix', ['', '.index', '.data-00000-of-00001'])
def test_any_of_its_files_names_it(suffix):
    assert index_of(FOLDER / f'{NAME}{suffix}') == FOLDER / f'{NAME}.index'
    assert read_tensorflow_checkpoint(FOLDER / f'{NAME}{suffix}')


def test_files_that_are_not_there(copied):
    with pytest.raises(FileNotFoundError, match='other.index'):
        read_tensorflow_checkpoint(copied / 'other')
    (copied / DATA).unlink()
    with pytest.raises(FileNotFoundError, match='model.ckpt-0.data-00000'):
        read_tensorflow_checkpoint(copied / NAME)


def test_an_index_cut_anywhere(copied):
    index = copied / f'{NAME}.index'
    whole = index.read_bytes()
    for length in range(0, len(whole), 37):
        index.write_bytes(whole[:length])
        with pytest.raises(ValueError, match=r'index.*cannot be read'):
            read_tensorflow_checkpoint(copied / NAME)


def test_data_that_are_cut(copied):
    data = (copied / DATA).read_bytes()
    (copied / DATA).write_bytes(data[: len(data) // 2])
    with pytest.raises(ValueError, match='is not whole'):
        read_tensorflow_checkpoint(copied / NAME)


def test_bytes_that_are_changed_do_no_harm(copied):
    """Any index gives variables or an error that names it."""
    index = copied / f'{NAME}.index'
    whole = index.read_bytes()
    for at in range(0, len(whole), 11):
        changed = bytearray(whole)
        changed[at] ^= 0xFF
        index.write_bytes(bytes(changed))
        try:
            found = read_tensorflow_checkpoint(copied / NAME)
        except FileNotFoundError:
            continue
        except ValueError as error:
            assert 'model.ckpt-0.index' in str(error)
        else:
            assert all(isinstance(name, str) for name in found)
