"""A folder is of one job, and what killed processes left in it goes."""

import json
import os
import time

import pytest

from mmposetransfer.jobs import check_same, filling


def test_the_mark_holds_the_settings(tmp_path):
    for _ in range(2):
        with filling(tmp_path / 'out', 'a/job.json', dict(size=(2, 3))):
            assert json.loads((tmp_path / 'out/a/job.json').read_text()) == {
                'size': [2, 3]
            }


def test_other_settings_are_refused_by_name(tmp_path):
    with filling(tmp_path, 'job.json', dict(noise=1, sum='a' * 64, size=3)):
        pass
    with (
        pytest.raises(ValueError) as error,
        filling(tmp_path, 'job.json', dict(noise=2, sum='b' * 64, size=3)),
    ):
        pass
    told = str(error.value)
    assert told.startswith(f"'{tmp_path}' was made with other settings ")
    assert '(noise 1, now 2, other sum)' in told and 'size' not in told


@pytest.mark.parametrize('found', [None, [], 3, {}, {'a': 1, 'b': 2}])
def test_foreign_settings_are_others(found):
    with pytest.raises(ValueError, match="'here' was made with other"):
        check_same('here', found, dict(a=1))
    check_same('here', dict(a=1), dict(a=1))


def test_a_damaged_mark_is_named(tmp_path):
    (tmp_path / 'job.json').write_text('{')
    with (
        pytest.raises(ValueError, match='job.json'),
        filling(tmp_path, 'job.json', {}),
    ):
        pass


def test_what_a_killed_process_left_is_swept(tmp_path):
    arguments = (tmp_path, 'job.json', {'a': 1})
    (tmp_path / 'below').mkdir()
    with filling(*arguments):
        fresh, old = tmp_path / '.x.a.part', tmp_path / 'below/.x.b.part'
        other = tmp_path / 'x.part'
        for path in (fresh, old, other):
            path.write_bytes(b'half')
        os.utime(old, (time.time() - 700,) * 2)
    # Somebody else may be writing the fresh one.
    assert fresh.exists() and other.exists() and not old.exists()
    with filling(*arguments), filling(*arguments, alone=True):
        assert fresh.exists()  # not alone, whatever was said
    with filling(*arguments, alone=True):
        assert not fresh.exists()
    assert {p.name for p in tmp_path.iterdir()} == {
        'job.json',
        'below',
        'x.part',
    }


def test_one_job_alone_where_that_is_meant(tmp_path):
    arguments = (tmp_path, 'job.json', {'a': 1})
    with (
        filling(*arguments, only=True),
        pytest.raises(ValueError, match='another process is at work in'),
        filling(*arguments, only=True),
    ):
        pass
    with filling(*arguments, only=True):
        pass


def test_a_setting_that_came_or_went_is_told():
    with pytest.raises(ValueError, match='a nothing, now None'):
        check_same('here', {}, dict(a=None))
    with pytest.raises(ValueError, match='a None, now nothing'):
        check_same('here', dict(a=None), {})


def test_of_many_differences_some_are_told():
    found = {f'key{i}': i for i in range(9)}
    with pytest.raises(ValueError, match='key3 3, now nothing and 5 more'):
        check_same('here', found, {})
