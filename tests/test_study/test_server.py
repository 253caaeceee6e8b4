"""The server itself: many people, and a process that is killed."""

import http.client
import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Event

import pytest
from study_samples import METHODS, SMALL, small_study, write_pictures
from study_server import ROOT

from mmposetransfer.errors import UserValueError
from mmposetransfer.study import StudyApp, StudyDatabase, serve_study

pytest.importorskip('waitress', reason='needs mmposetransfer[study]')

PEOPLE = 50


def answer_until_it_ends(server, token, enough):
    """Positions that the server has acknowledged, and what was said."""
    kept = {}
    try:
        session = server.ask('/api/session', token=token)
        for position in range(session['next'], len(session['trials'])):
            side = 'left' if hash((token, position)) % 2 else 'right'
            answer = dict(position=position, side=side, milliseconds=700)
            assert server.ask('/api/answers', answer, token) == dict(
                kept=position
            )
            kept[position] = side
            if position == 8:
                enough.set()
    except (OSError, http.client.HTTPException):
        pass  # it was killed
    return kept


def test_killed_server_loses_nothing_that_it_acknowledged(tmp_path, servers):
    """Fifty people, the process killed in their midst, and on they go."""
    database, _ = small_study(tmp_path)
    server = servers(database.path)
    assert database.path in server.said
    tokens = [
        server.ask('/api/participants', dict(language='en'))['token']
        for _ in range(PEOPLE)
    ]
    enough = Event()
    with ThreadPoolExecutor(PEOPLE) as pool:
        visits = [
            pool.submit(answer_until_it_ends, server, token, enough)
            for token in tokens
        ]
        assert enough.wait(600)
        server.end(signal.SIGKILL)
        before = [visit.result() for visit in visits]
    trials = len(database.trials(0))
    assert 9 <= sum(map(len, before)) < PEOPLE * trials
    with closing(sqlite3.connect(database.path)) as connection:
        (found,) = connection.execute('PRAGMA integrity_check').fetchone()
    assert found == 'ok'
    assert_kept(database, tokens, before)
    again = servers(database.path)
    with ThreadPoolExecutor(PEOPLE) as pool:
        after = list(
            pool.map(
                lambda token: answer_until_it_ends(again, token, enough),
                tokens,
            )
        )
    assert_kept(database, tokens, before)
    assert_kept(database, tokens, after)
    assert database.finished() == set(range(PEOPLE))


def assert_kept(database, tokens, acknowledged):
    sides = {}
    for number, _, side in database.answers():
        sides.setdefault(number, []).append(side)
    for token, kept in zip(tokens, acknowledged, strict=True):
        number = database.participant(token).number
        for position, side in kept.items():
            assert sides[number][position] == side


def test_same_command_goes_on_and_another_is_refused(tmp_path, servers):
    folders = write_pictures(tmp_path, 19, ('real', *METHODS))
    options = ['--real', folders['real']]
    for method in METHODS:
        options += ['--method', f'{method}={folders[method]}']
    for name, value in SMALL.items():
        options += [f'--{name.replace("_", "-")}', value]
    path = tmp_path / 'new' / 'study.sqlite'
    server = servers(path, *options)
    token = server.ask('/api/participants', dict(language='en'))['token']
    server.end(signal.SIGINT)
    assert server.process.returncode == 0
    server = servers(path, *options)
    assert server.ask('/api/session', token=token)['next'] == 0
    assert StudyDatabase(path).study.design.images == SMALL['images']
    done = subprocess.run(
        [
            *(sys.executable, '-m', 'mmposetransfer', 'user-study', 'serve'),
            *(str(path), '--seconds', '2'),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 1 and 'other options' in done.stderr
    app = StudyApp(*small_study(tmp_path / 'other'))
    with pytest.raises(UserValueError, match='cannot be listened at'):
        serve_study(app, server.address.hostname, server.address.port)
