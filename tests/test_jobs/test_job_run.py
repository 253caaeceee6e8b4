"""Parts of a job, by one process or by several."""

import os
from functools import partial

import pytest
from test_jobs.work import Sick, Square, Writer

from mmposetransfer.jobs import Part, make_parts, run
from mmposetransfer.utils.atomic_write import WriteError
from mmposetransfer.utils.mistakes import told_plainly


def test_results_come_in_order(tmp_path):
    start = partial(Square, tmp_path)
    for workers, processes in ((0, 1), (2, 2)):
        found = list(run(start, range(20), workers))
        assert [square for square, _, _ in found] == [n**2 for n in range(20)]
        # Made once in each process that works.
        ids = {process for _, process, _ in found}
        marks = {int(path.name) for path in tmp_path.iterdir()}
        assert ids <= marks and len(marks) <= processes
        assert (os.getpid() in ids) == (workers < 2)
        if workers == 2:
            assert {threads for _, _, threads in found} == {(1, 1)}
        for path in tmp_path.iterdir():
            path.unlink()


def test_nothing_is_started_for_no_parts():
    assert list(run(partial(Sick, ValueError('not needed')), [], 2)) == []


def test_parts_are_not_made_before_they_are_asked_for():
    asked = run(Sick, [1, ValueError('later')])
    assert next(asked) == 1
    with pytest.raises(ValueError, match='later'):
        next(asked)


@pytest.mark.parametrize(
    'workers, error',
    [
        (1, ZeroDivisionError('a bug')),
        (2, ZeroDivisionError('a bug')),
        (2, WriteError('the disk is full')),
    ],
)
def test_errors_of_a_part_are_handed_on(workers, error):
    """A user's mistake in one line, whichever process has found it."""
    found, mistake = [], isinstance(error, WriteError)
    expected = SystemExit if mistake else type(error)
    with pytest.raises(expected) as caught, told_plainly():
        for part in run(Sick, [1, 2, error, 3], workers):
            found.append(part)
    assert str(caught.value) == ('error: ' if mistake else '') + str(error)
    assert found == [1, 2]


def test_errors_of_the_start_are_handed_on():
    with pytest.raises(ValueError, match='no body'):
        list(run(partial(Sick, ValueError('no body')), [1, 2], 2))


def test_a_worker_that_is_killed_is_told_of():
    with pytest.raises(ChildProcessError, match='a worker was killed'):
        list(run(Sick, [1, 'killed', 2, 3], 2))


def parts_in(folder, texts):
    return [
        Part(str(folder / f'{i}.txt'), len(text or ''), text)
        for i, text in enumerate(texts)
    ]


def test_parts_that_are_there_are_kept(tmp_path):
    parts = parts_in(tmp_path, ['ab', 'c', 'def', 'g'])
    (tmp_path / '1.txt').write_text('kept')
    done = []
    assert make_parts(Writer, parts, progress=done.append) == 6
    assert done == [1, 3, 6, 7]
    assert [(tmp_path / f'{i}.txt').read_text() for i in range(4)] == [
        'ab',
        'kept',
        'def',
        'g',
    ]
    assert make_parts(Writer, parts, progress=done.append) == 0
    assert done[4:] == [7]


def test_parts_before_a_mistake_stay(tmp_path):
    parts = parts_in(tmp_path, ['a', None, 'b'])
    with pytest.raises(ValueError, match='nothing to write'):
        make_parts(Writer, parts)
    assert [p.name for p in tmp_path.iterdir()] == ['0.txt']
