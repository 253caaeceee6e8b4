"""A study and its answers, in one SQLite file.

Every answer is on the disk before it is acknowledged. The file is in SQLite's
write-ahead mode, in which many threads and processes read while one writes;
it does not work on network file systems.
"""

import os
import secrets
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import astuple, dataclass, fields
from typing import Any

from mmposetransfer.errors import UserFileNotFoundError, UserValueError
from mmposetransfer.io.atomic_write import check_writable

from .design import Trial, plan_trials
from .study import Study

__all__ = ['Conflict', 'Participant', 'StudyDatabase', 'StudyIsFull']

# "mmps": what kind of database this is, and its form.
_APPLICATION, _VERSION = 0x6D6D7073, 1
# Seconds that a writer waits for others.
_PATIENCE = 60.0
_TRIAL = tuple(field.name for field in fields(Trial))
_SCHEMA = """
CREATE TABLE study (settings TEXT NOT NULL);
CREATE TABLE participant (
    number INTEGER PRIMARY KEY,
    token TEXT NOT NULL UNIQUE,
    language TEXT NOT NULL,
    joined TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
);
CREATE TABLE trial (
    number INTEGER NOT NULL REFERENCES participant,
    position INTEGER NOT NULL,
    block INTEGER NOT NULL,
    practice INTEGER NOT NULL,
    scene TEXT NOT NULL,
    "left" TEXT NOT NULL,
    "right" TEXT NOT NULL,
    method TEXT,
    shown TEXT,
    PRIMARY KEY (number, position)
) WITHOUT ROWID;
CREATE TABLE answer (
    number INTEGER NOT NULL,
    position INTEGER NOT NULL,
    side TEXT NOT NULL CHECK (side IN ('left', 'right')),
    milliseconds INTEGER NOT NULL,
    answered TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    PRIMARY KEY (number, position),
    FOREIGN KEY (number, position) REFERENCES trial
) WITHOUT ROWID;
"""


class StudyIsFull(Exception):  # noqa: N818
    """As many take part as may."""


class Conflict(Exception):  # noqa: N818
    """An answer to another trial than the next one."""


@dataclass(frozen=True)
class Participant:
    """Who answers.

    Attributes:
        number: In order of joining, from 0.
        language: That the page was in.
        answered: How many trials, which is the position of the next one.
    """

    number: int
    language: str
    answered: int


class StudyDatabase:
    """The file of a study; safe to be used by many threads at once.

    Args:
        path (str | Path): The file, which `create` has made.

    Raises:
        UserFileNotFoundError: If it is not there.
        UserValueError: If it is something else.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)
        self._of_thread = threading.local()
        if not os.path.isfile(self.path):
            raise UserFileNotFoundError(f"there is no study '{self.path}'")
        try:
            with closing(_connect(self.path)) as connection:
                kind = _pragma(connection, 'application_id')
                version = _pragma(connection, 'user_version')
                if (kind, version) == (_APPLICATION, _VERSION):
                    row = connection.execute('SELECT settings FROM study')
                    self.study = Study.from_json(row.fetchone()[0])
                    return
        except sqlite3.DatabaseError as error:
            raise UserValueError(
                f"'{self.path}' cannot be opened as the file of a study: "
                f'{error}'
            ) from error
        raise UserValueError(
            f"'{self.path}' is no study of this version: name another file"
        )

    @classmethod
    def create(
        cls, path: str | os.PathLike[str], study: Study
    ) -> 'StudyDatabase':
        """Make the file of a new study.

        Args:
            path: Where nothing is yet.
            study: What it is to hold.

        Raises:
            WriteError: If the file cannot be written.
        """
        check_writable(path)
        with closing(_connect(path)) as connection:
            connection.execute('PRAGMA journal_mode = WAL')
            with _writing(connection):  # all of it or nothing
                for statement in _SCHEMA.split(';\n'):
                    connection.execute(statement)
                connection.execute(
                    'INSERT INTO study VALUES (?)', [study.to_json()]
                )
                connection.execute(f'PRAGMA application_id = {_APPLICATION}')
                connection.execute(f'PRAGMA user_version = {_VERSION}')
        return cls(path)

    def join(self, language: str) -> str:
        """Take up a participant and plan what they are shown.

        Args:
            language: That the page is in.

        Returns:
            str: A secret by which the participant's browser is known.

        Raises:
            StudyIsFull: If as many take part as may.
        """
        token = secrets.token_urlsafe(16)
        study = self.study
        connection = self._connection
        with _writing(connection):
            (number,) = connection.execute(
                'SELECT count(*) FROM participant'
            ).fetchone()
            if number >= study.participants:
                raise StudyIsFull
            connection.execute(
                'INSERT INTO participant (number, token, language) '
                'VALUES (?, ?, ?)',
                [number, token, language],
            )
            trials = plan_trials(
                study.design, study.scenes, study.seed, number
            )
            connection.executemany(
                'INSERT INTO trial VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
                [
                    (number, position, *astuple(trial))
                    for position, trial in enumerate(trials)
                ],
            )
        return token

    def participant(self, token: str) -> Participant | None:
        """Who has a secret, if anyone."""
        row = self._connection.execute(
            'SELECT number, language, (SELECT count(*) FROM answer '
            'WHERE answer.number = participant.number) '
            'FROM participant WHERE token = ?',
            [token],
        ).fetchone()
        return Participant(*row) if row else None

    def trials(self, number: int) -> list[Trial]:
        """The trials of a participant, in order."""
        rows = self._connection.execute(
            f'SELECT {_columns()} FROM trial WHERE number = ? '
            'ORDER BY position',
            [number],
        ).fetchall()
        return [_trial(row) for row in rows]

    def trial(self, number: int, position: int) -> Trial | None:
        """One of them, if there is such a one."""
        row = self._connection.execute(
            f'SELECT {_columns()} FROM trial '
            'WHERE number = ? AND position = ?',
            [number, position],
        ).fetchone()
        return _trial(row) if row else None

    def answer(
        self, number: int, position: int, side: str, milliseconds: int
    ) -> None:
        """Keep an answer; it is on the disk when this returns.

        An answer to a trial that has one is passed over, so a browser that
        has not heard of the first may send it again.

        Args:
            number: Of the participant.
            position: Of the trial.
            side: 'left' or 'right'.
            milliseconds: From the picture's appearance to the answer.

        Raises:
            Conflict: If it is not the turn of this trial.
        """
        connection = self._connection
        with _writing(connection):
            (answered,) = connection.execute(
                'SELECT count(*) FROM answer WHERE number = ?', [number]
            ).fetchone()
            (trials,) = connection.execute(
                'SELECT count(*) FROM trial WHERE number = ?', [number]
            ).fetchone()
            if position < answered:
                return
            if position > answered or position >= trials:
                raise Conflict
            connection.execute(
                'INSERT INTO answer (number, position, side, milliseconds) '
                'VALUES (?, ?, ?, ?)',
                [number, position, side, milliseconds],
            )

    def answers(self) -> Iterator[tuple[int, Trial, str]]:
        """All answers: participant's number, trial, 'left' or 'right'."""
        rows = self._connection.execute(
            f'SELECT number, side, {_columns()} FROM answer '
            'JOIN trial USING (number, position) '
            'ORDER BY number, position'
        ).fetchall()
        for number, side, *trial in rows:
            yield number, _trial(trial), side

    def finished(self) -> set[int]:
        """Numbers of the participants who have answered everything."""
        rows = self._connection.execute(
            'SELECT trial.number FROM trial LEFT JOIN answer '
            'USING (number, position) GROUP BY trial.number '
            'HAVING count(*) = count(answer.side)'
        ).fetchall()
        return {number for (number,) in rows}

    @property
    def _connection(self) -> sqlite3.Connection:
        """That of this thread: to open one anew would cost several writes."""
        if not hasattr(self._of_thread, 'connection'):
            self._of_thread.connection = _connect(self.path)
        return self._of_thread.connection


def _connect(path: str | os.PathLike[str]) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
    # Each commit waits for the disk.
    connection.execute('PRAGMA synchronous = FULL')
    connection.execute('PRAGMA foreign_keys = ON')
    return connection


@contextmanager
def _writing(connection: sqlite3.Connection) -> Iterator[None]:
    """Hold the place of the one writer until all is committed."""
    connection.execute('BEGIN IMMEDIATE')
    try:
        yield
        connection.execute('COMMIT')
    except BaseException:  # also where the disk is full
        if connection.in_transaction:
            connection.execute('ROLLBACK')
        raise


def _columns() -> str:
    return ', '.join(f'"{name}"' for name in _TRIAL)


def _trial(row: Sequence[Any]) -> Trial:
    trial = dict(zip(_TRIAL, row, strict=True))
    return Trial(**trial | dict(practice=bool(trial['practice'])))


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return connection.execute(f'PRAGMA {name}').fetchone()[0]
