"""Mistakes are told in a line; bugs keep their tracebacks."""

import builtins
import pickle

import pytest
import torch
from mmengine.runner import Runner
from torch.utils.data import DataLoader, Dataset

from mmposetransfer import errors
from mmposetransfer.apis.broadcasting import _is_size
from mmposetransfer.apis.model import check_device
from mmposetransfer.cli.mistakes import (
    TRACEBACK_VARIABLE,
    told_plainly,
    user_message,
)
from mmposetransfer.io.atomic_write import atomic_write
from mmposetransfer.io.image_io import read_image
from mmposetransfer.registry import MODELS


class ImageFolder(Dataset):
    """Reads images that are not there, or fails otherwise."""

    def __init__(self, read):
        self.read = read

    def __len__(self):
        return 2

    def __getitem__(self, index):
        return self.read(index)


def _no_image(index):
    return read_image(f'nowhere{index}.png')


def _broken(index):
    raise ValueError('of the test')


def _of_worker(read):
    next(iter(DataLoader(ImageFolder(read), num_workers=1)))


def _full_disk():
    with atomic_write('/dev/full') as file:
        file.write(b'0')


@pytest.mark.parametrize(
    ('fail', 'message'),
    [
        (
            lambda: read_image('nowhere.png'),
            "error: the image 'nowhere.png' does not exist",
        ),
        (lambda: read_image(3), 'error: an image must be a path'),
        (lambda: check_device('gpu0'), 'error: device must be such as'),
        (_full_disk, "error: '/dev/full' cannot be written: No space"),
        (
            lambda: _of_worker(_no_image),
            "error: the image 'nowhere0.png' does not exist",
        ),
    ],
)
def test_mistakes_are_told_in_a_line(fail, message, monkeypatch):
    with pytest.raises(SystemExit) as caught, told_plainly():
        fail()
    assert caught.value.code.startswith(message)
    assert '\n' not in caught.value.code
    monkeypatch.setenv(TRACEBACK_VARIABLE, '1')
    with pytest.raises((OSError, TypeError, ValueError)), told_plainly():
        fail()


@pytest.mark.parametrize(
    'fail',
    [
        lambda: int('x'),
        lambda: {}['key'],
        lambda: torch.zeros(2) + torch.zeros(3),
        lambda: _is_size(3),  # of the library, but no `raise`
        lambda: read_image(b'', 1),
        lambda: _broken(0),
        lambda: _of_worker(_broken),
    ],
)
def test_all_else_keeps_its_traceback(fail):
    with (
        pytest.raises((KeyError, RuntimeError, TypeError, ValueError)),
        told_plainly(),
    ):
        fail()


@pytest.mark.parametrize('name', errors.__all__)
def test_user_errors_are_what_python_calls_them(name):
    cls = getattr(errors, name)
    assert issubclass(cls, errors.UserError)
    if cls is not errors.UserError:
        assert issubclass(cls, getattr(builtins, name.removeprefix('User')))
    sent = pickle.loads(pickle.dumps(cls('say so')))  # by a pool's worker
    assert type(sent) is cls and str(sent) == 'say so'


def test_what_the_runner_says_of_a_config(tmp_path):
    with pytest.raises(ValueError) as caught:
        Runner(torch.nn.Identity(), str(tmp_path), train_cfg=dict())
    assert user_message(caught.value).startswith('train_dataloader')


def test_errors_of_a_constructor_keep_their_kind():
    """MMEngine raises them anew, with the name of the class."""
    with pytest.raises(ValueError) as caught:
        MODELS.build(dict(type='PerceptualLoss', criterion='l3'))
    assert 'criterion must be one of' in user_message(caught.value)


def test_key_errors_without_quotes():
    from mmposetransfer.datasets.transforms import LoadPair

    with pytest.raises(KeyError) as caught:
        LoadPair(with_flow=True)._flow({}, (2, 2))
    assert user_message(caught.value).startswith('Training the flow')


def test_as_a_decorator(capsys):
    @told_plainly()
    def main(path):
        return read_image(path)

    for _ in range(2):
        with pytest.raises(SystemExit):
            main('nowhere.png')
