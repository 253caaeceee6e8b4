"""What the server answers, to browsers and to others."""

import json
import random
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from study_samples import COLOURS, Client, small_study

from mmposetransfer.study import StudyApp

TRIALS = 19


@pytest.fixture
def app(tmp_path):
    return StudyApp(*small_study(tmp_path))


@pytest.fixture
def client(app):
    return Client(app)


def colour(content):
    """That of the lower part of a picture, which is of its source."""
    picture = cv2.imdecode(np.frombuffer(content, np.uint8), 1)
    return picture[12:].reshape(-1, 3).mean(0)


def source_of(content):
    near = {
        name: np.abs(colour(content) - value).max()
        for name, value in COLOURS.items()
    }
    name = min(near, key=near.get)
    assert near[name] < 8  # of a JPEG file
    return name


def test_page_and_its_files(client):
    for path, kind in (
        ('/', 'text/html'),
        ('/study.js', 'text/javascript'),
        ('/study.css', 'text/css'),
        ('/texts/zh.json', 'application/json'),
        ('/vendor/jspsych.js', 'text/javascript'),
    ):
        status, headers, content = client.get(path)
        assert status == 200 and content
        assert headers['Content-Type'].startswith(kind)
        assert headers['X-Content-Type-Options'] == 'nosniff'
        assert "default-src 'self'" in headers['Content-Security-Policy']


@pytest.mark.parametrize(
    'path',
    [
        '/../app.py',
        '/vendor/../../app.py',
        '//etc/passwd',
        '/texts',
        '/study.sqlite',
        '/picture/',
        '/picture/x/0/picture',
        '/picture/x',
        '/000.png',
        '/nothing',
    ],
)
def test_nothing_else_is_served(client, path):
    assert client.get(path)[0] == 404


def test_pictures_are_those_of_the_plan(app, client):
    token = client.join()
    _, _, session = client.get('/api/session', token=token)
    assert session['next'] == 0 and len(session['trials']) == TRIALS
    for trial, sent in zip(
        app.database.trials(0), session['trials'], strict=True
    ):
        shown = {}
        for place, path in sent['pictures'].items():
            status, headers, content = client.get(f'/{path}')
            assert status == 200 and headers['Content-Type'] == 'image/png'
            assert headers['Cache-Control'].startswith('private')
            shown[place] = source_of(content)
        if trial.method is None:
            assert shown == dict(
                left=trial.left,
                right=trial.right,
                reference='reference',
                pose='pose',
            )
        elif trial.shown == 'real':
            assert shown == dict(picture='real')
        else:
            assert shown == dict(picture=trial.method)


def test_nothing_that_is_sent_tells_what_a_picture_is(app, client):
    token = client.join()
    _, _, session = client.get('/api/session', token=token)
    text = json.dumps(session).replace('left_is_real', '')
    for word in (*COLOURS, 'generated', '.png', '.jpg', '00'):
        if word not in ('reference', 'pose'):  # places on the page
            assert word not in text.replace(token, ''), word
    single = [t for t in session['trials'] if 'picture' in t['pictures']]
    # Of one block all say the same, but for practice and the position.
    for block in {t['block'] for t in single}:
        alike = {
            (t['left_is_real'], *t['pictures'])
            for t in single
            if t['block'] == block
        }
        assert len(alike) == 1
    for position, trial in enumerate(single):
        assert trial['pictures']['picture'] == (
            f'picture/{token}/{position}/picture'
        )


def test_pictures_of_others_are_not_to_be_had(client):
    token, other = client.join(), client.join()
    assert token != other
    assert client.get(f'/picture/{token}/0/picture')[0] == 200
    for path in (
        f'/picture/{token}/0/left',
        f'/picture/{token}/0/real',
        f'/picture/{token}/{TRIALS}/left',
        f'/picture/{token}/-1/picture',
        f'/picture/{token}/²/picture',
        f'/picture/{token}/0/picture/more',
        f'/picture/{token[:-1]}/0/picture',
    ):
        assert client.get(path)[0] == 404, path


def test_page_that_was_reloaded_goes_on(client):
    token = client.join()
    assert client.answer(token, 0) == 200
    assert client.answer(token, 0, 'right') == 200  # again, and passed over
    assert client.answer(token, 2) == 409
    assert client.answer(token, 1) == 200
    assert client.get('/api/session', token=token)[2]['next'] == 2


def test_who_is_not_known_is_refused(client):
    assert client.get('/api/session')[0] == 401
    assert client.get('/api/session', token='guess')[0] == 401
    assert client.answer('guess', 0) == 401


@pytest.mark.parametrize(
    'body',
    [
        dict(position='0', side='left', milliseconds=5),
        dict(position=True, side='left', milliseconds=5),
        dict(position=-1, side='left', milliseconds=5),
        dict(position=10**30, side='left', milliseconds=10**30),
        dict(position=0, side='both', milliseconds=5),
        dict(position=0, side='left', milliseconds=-5),
        dict(position=0, side='left', milliseconds=0.5),
        dict(position=0, side='left'),
        dict(position=0, side=['left'], milliseconds=5),
        [],
        'text',
        None,
    ],
)
def test_what_is_no_answer_is_refused(app, client, body):
    token = client.join()
    status, _, content = client.post('/api/answers', body, token=token)
    assert status == 400 and content['error']
    assert list(app.database.answers()) == []


def test_long_and_broken_requests_are_refused(client):
    status, _, _ = client.post('/api/participants', dict(x='y' * 5000))
    assert status == 413
    for language in ('xx', None, ['en']):
        status, _, _ = client.post(
            '/api/participants', dict(language=language)
        )
        assert status == 400
    assert client.request('PUT', '/api/answers', {})[0] == 404


def test_full_study_says_so(tmp_path):
    client = Client(StudyApp(*small_study(tmp_path, participants=1)))
    client.join()
    status, _, content = client.post('/api/participants', dict(language='en'))
    assert status == 403 and 'participants' in content['error']


def test_a_failure_is_told_and_ends_one_request_only(app, tmp_path, caplog):
    client = Client(app)
    token = client.join()
    for source in ('real', 'ours', 'theirs'):
        (tmp_path / source).rename(tmp_path / f'no_{source}')
    status, _, content = client.get(f'/picture/{token}/0/picture')
    assert status == 500 and str(tmp_path) not in content['error']
    assert 'a request failed' in caplog.text
    assert client.get('/api/session', token=token)[0] == 200


def test_fifty_people_at_once_lose_nothing(app):
    """Each answers everything, at random and twice over as after a loss."""

    def visit(seed):
        client, chance = Client(app), random.Random(seed)
        token = client.join()
        said = []
        while True:
            _, _, session = client.get('/api/session', token=token)
            position = session['next']
            if position == len(session['trials']):
                return token, said
            path = next(iter(session['trials'][position]['pictures'].values()))
            assert client.get(f'/{path}')[0] == 200
            said.append(chance.choice(['left', 'right']))
            for _ in range(chance.choice([1, 2])):
                assert client.answer(token, position, said[-1]) == 200

    with ThreadPoolExecutor(50) as pool:
        visits = list(pool.map(visit, range(50)))
    kept = {}
    for number, _, side in app.database.answers():
        kept.setdefault(number, []).append(side)
    people = [app.database.participant(token).number for token, _ in visits]
    assert sorted(people) == list(range(50))
    assert [kept[number] for number in people] == [said for _, said in visits]
    assert app.database.finished() == set(range(50))
