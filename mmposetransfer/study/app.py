"""What the server of a study answers: a WSGI application.

| request | answer |
|---|---|
| GET / and the files of `web` | the page |
| GET /api/study | what the page says before anyone takes part |
| POST /api/participants {language} | a participant's secret |
| GET /api/session | the trials of a participant, and which is next |
| POST /api/answers {position, side, milliseconds} | kept |
| GET /picture/SECRET/POSITION/PLACE | a picture of one of their trials |

Nothing that a browser is sent says which picture is real or of which method.
A participant is known by the secret in ``Authorization: Bearer SECRET``.
"""

import json
import logging
import mimetypes
from collections.abc import Callable, Iterable
from http import HTTPStatus
from importlib import resources
from typing import Any

from .database import Conflict, Participant, StudyDatabase, StudyIsFull
from .design import REAL, Trial
from .pictures import StudyPictures

__all__ = ['LANGUAGES', 'StudyApp']

#: Languages of the page, each a file of web/texts.
LANGUAGES = ('en', 'zh')
# Bytes of a request; an answer has about 50.
_MOST = 4096
# Of a day: who answers later has left the page open.
_LONGEST = 86_400_000
_HEADERS = [
    (
        'Content-Security-Policy',
        # jsPsych lays out its pages by style attributes.
        "default-src 'self'; style-src 'self' 'unsafe-inline'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    ('Referrer-Policy', 'no-referrer'),  # addresses hold secrets
    ('X-Content-Type-Options', 'nosniff'),
]
_JSON = 'application/json'
_FRESH, _KEPT = 'no-store', 'private, max-age=86400, immutable'

StartResponse = Callable[[str, list[tuple[str, str]]], Any]
Answer = tuple[HTTPStatus, str, bytes, str]


class HttpError(Exception):
    """A request that is refused."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


class StudyApp:
    """The WSGI application of a study, for many threads at once.

    Args:
        database (StudyDatabase): Of the study.
        pictures (StudyPictures): Of the study.
    """

    def __init__(
        self, database: StudyDatabase, pictures: StudyPictures
    ) -> None:
        self.database, self.pictures = database, pictures
        self.study = database.study
        self.files = _web_files()
        self.routes: dict[tuple[str, str], Callable[[dict], Answer]] = {
            ('GET', '/api/study'): self.describe,
            ('POST', '/api/participants'): self.join,
            ('GET', '/api/session'): self.session,
            ('POST', '/api/answers'): self.answer,
        }

    def __call__(
        self, environ: dict[str, Any], start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer a request, as PEP 3333 has it."""
        try:
            status, kind, body, caching = self.dispatch(environ)
        except HttpError as error:
            status, kind, body, caching = _json(
                dict(error=str(error)), error.status
            )
        except Exception:  # one request, not the study, ends with it
            logging.getLogger(__name__).exception('a request failed')
            status, kind, body, caching = _json(
                dict(error='the server failed; try again'),
                HTTPStatus.INTERNAL_SERVER_ERROR,
            )
        start_response(
            f'{status.value} {status.phrase}',
            [
                ('Content-Type', kind),
                ('Content-Length', str(len(body))),
                ('Cache-Control', caching),
                *_HEADERS,
            ],
        )
        return [body]

    def dispatch(self, environ: dict[str, Any]) -> Answer:
        """Find who answers a request, and have it answered."""
        method, path = environ['REQUEST_METHOD'], environ['PATH_INFO']
        if (method, path) in self.routes:
            return self.routes[method, path](environ)
        if method == 'GET' and path in self.files:
            return HTTPStatus.OK, *self.files[path], 'no-cache'
        if method == 'GET' and path.startswith('/picture/'):
            return self.picture(path)
        raise HttpError(HTTPStatus.NOT_FOUND, 'there is nothing here')

    def describe(self, environ: dict[str, Any]) -> Answer:
        """What the page says before anyone takes part."""
        design, study = self.study.design, self.study
        return _json(
            dict(
                id=study.identity,
                languages=LANGUAGES,
                seconds=study.seconds,
                images=2 * design.images * design.image_blocks,
                pairs=design.pairs * design.pair_blocks,
            )
        )

    def join(self, environ: dict[str, Any]) -> Answer:
        """Take up a participant."""
        language = _body(environ).get('language')
        if language not in LANGUAGES:
            raise HttpError(
                HTTPStatus.BAD_REQUEST, f'language must be of {LANGUAGES}'
            )
        try:
            token = self.database.join(language)
        except StudyIsFull:
            raise HttpError(
                HTTPStatus.FORBIDDEN, 'the study has all its participants'
            ) from None
        return _json(dict(token=token), HTTPStatus.CREATED)

    def session(self, environ: dict[str, Any]) -> Answer:
        """The trials of a participant, and which is next."""
        token, participant = self._participant(environ)
        trials = self.database.trials(participant.number)
        return _json(
            dict(
                language=participant.language,
                next=participant.answered,
                seconds=self.study.seconds,
                trials=[
                    self._shown(token, position, trial)
                    for position, trial in enumerate(trials)
                ],
            )
        )

    def _shown(self, token: str, position: int, trial: Trial) -> dict:
        """What a browser may know of a trial."""
        shown: dict[str, Any] = dict(
            block=trial.block,
            practice=trial.practice,
            pictures={
                place: f'picture/{token}/{position}/{place}'
                for place in trial.pictures(self.study.beside)
            },
        )
        if trial.method is not None:
            shown['left_is_real'] = trial.left == REAL
        return shown

    def answer(self, environ: dict[str, Any]) -> Answer:
        """Keep an answer."""
        _, participant = self._participant(environ)
        body = _body(environ)
        side = body.get('side')
        position, milliseconds = (
            body.get(key) for key in ('position', 'milliseconds')
        )
        if (
            side not in ('left', 'right')
            or type(position) is not int
            or type(milliseconds) is not int
            or position < 0
            or not 0 <= milliseconds <= _LONGEST
        ):
            raise HttpError(HTTPStatus.BAD_REQUEST, 'this is no answer')
        try:
            self.database.answer(
                participant.number, position, side, milliseconds
            )
        except Conflict:
            raise HttpError(
                HTTPStatus.CONFLICT, 'it is the turn of another trial'
            ) from None
        return _json(dict(kept=position))

    def picture(self, path: str) -> Answer:
        """A picture of a trial, by its place on the page."""
        _, _, token, *rest = path.split('/')
        participant = self.database.participant(token)
        missing = HttpError(HTTPStatus.NOT_FOUND, 'there is no such picture')
        if participant is None or len(rest) != 2 or not _is_number(rest[0]):
            raise missing
        trial = self.database.trial(participant.number, int(rest[0]))
        places = trial.pictures(self.study.beside) if trial else {}
        if trial is None or rest[1] not in places:
            raise missing
        body = self.pictures.png(places[rest[1]], trial.scene)
        return HTTPStatus.OK, 'image/png', body, _KEPT

    def _participant(self, environ: dict[str, Any]) -> tuple[str, Participant]:
        kind, _, token = environ.get('HTTP_AUTHORIZATION', '').partition(' ')
        found = kind == 'Bearer' and self.database.participant(token)
        if not found:
            raise HttpError(HTTPStatus.UNAUTHORIZED, 'nobody is known by that')
        return token, found


def _json(content: dict, status: HTTPStatus = HTTPStatus.OK) -> Answer:
    return status, _JSON, json.dumps(content).encode(), _FRESH


def _body(environ: dict[str, Any]) -> dict:
    length = environ.get('CONTENT_LENGTH') or '0'
    if not _is_number(length) or int(length) > _MOST:
        raise HttpError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f'at most {_MOST} bytes'
        )
    try:
        body = json.loads(environ['wsgi.input'].read(int(length)))
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise HttpError(HTTPStatus.BAD_REQUEST, 'expected a JSON object')
    return body


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def _web_files() -> dict[str, tuple[str, bytes]]:
    """The files of the page by their paths; nothing else is ever read."""
    files = {}
    pending = [('', resources.files(__package__) / 'web')]
    while pending:
        path, entry = pending.pop()
        if entry.is_dir():
            pending += [(f'{path}/{e.name}', e) for e in entry.iterdir()]
        else:
            kind = mimetypes.guess_type(path)[0] or 'text/plain'
            files[path] = (f'{kind}; charset=utf-8', entry.read_bytes())
    return files | {'/': files['/index.html']}
