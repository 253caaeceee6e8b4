"""What compiled code writes to the error output."""

import os

import pytest

from mmposetransfer.utils.native_output import held_back_stderr


def test_it_is_dropped_and_what_follows_is_not(capfd):
    with held_back_stderr():
        os.write(2, b'chatter')
    os.write(2, b'news')
    assert capfd.readouterr().err == 'news'


def test_it_is_shown_where_the_block_fails(capfd):
    with pytest.raises(ValueError, match='no'), held_back_stderr():
        os.write(2, b'the reason')
        raise ValueError('no')
    assert capfd.readouterr().err == 'the reason'
