"""What a bar leaves where stderr is no terminal."""

import pytest

from mmposetransfer.utils.progress import progress_bar, tracked


def lines(capsys):
    told = capsys.readouterr()
    assert not told.out
    return [line.split() for line in told.err.splitlines() if line.strip()]


def test_one_line_says_how_many(capsys):
    with progress_bar('people', 7) as show:
        for done in (3, 6, 7):
            show(done)
    (line,) = lines(capsys)
    assert line[0] == 'people' and '7/7' in line


def test_tracked_counts_what_has_no_length(capsys):
    assert list(tracked('files')(iter('abc'))) == ['a', 'b', 'c']
    (line,) = lines(capsys)
    assert line[0] == 'files' and '3/3' in line


def test_nothing_is_said_before_there_is_anything(capsys):
    with pytest.raises(ValueError), progress_bar('people', 7):
        raise ValueError
    with progress_bar('people', 7, shown=False) as show:
        show(3)
    assert lines(capsys) == []
