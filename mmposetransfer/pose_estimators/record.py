"""What is known of each picture of a folder, kept while it grows."""

import json
import os
from pathlib import Path

import numpy as np

from mmposetransfer.jobs import check_same
from mmposetransfer.utils.atomic_write import WriteError, check_writable
from mmposetransfer.utils.text_files import read_text

__all__ = ['PoseRecord']


class PoseRecord:
    """A file of JSON lines, one a picture, that a killed run goes on with.

    Its first line holds the settings, so that no two are mixed. A line that
    was cut off is dropped. Only one process may write to it.

    Args:
        path (str | Path): The file; it is made where there is none.
        settings (dict): Of plain values: how the poses are made.

    Attributes:
        persons (dict[str, ndarray]): Picture -> (P, 18, 3), the chosen
            person first; P is 0 where nobody was found.
        problems (dict[str, str]): Picture that could not be used -> why.

    Raises:
        ValueError: If the file was made with other settings, or is none.
        WriteError: If it cannot be written to.
    """

    def __init__(self, path, settings):
        self.path = Path(path)
        self.persons, self.problems = {}, {}
        self._settings = json.loads(json.dumps(settings, default=str))
        if self.path.exists():
            self._read()
            self._file = self._open()
        else:
            check_writable(self.path)
            self._file = self._open()
            self._write_line(dict(settings=self._settings))

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._file.close()

    def add(self, name, persons=None, problem=None):
        """Note the outcome of a picture, in the file as well.

        Args:
            name (str): The picture.
            persons (ndarray, optional): (P, 18, 3), the chosen one first.
            problem (str, optional): Why there are none.
        """
        if problem is None:
            rows = np.round(np.asarray(persons, np.float64), 3).tolist()
            self._write_line(dict(name=name, persons=rows))
        else:
            self._write_line(dict(name=name, problem=problem))
        self._note(name, persons, problem)

    def _note(self, name, persons, problem):
        self.problems.pop(name, None)
        if problem is None:
            persons = np.array(persons, np.float32).reshape(-1, 18, 3)
            self.persons[name] = persons
        else:
            self.problems[name] = problem

    def _open(self):
        try:
            return open(self.path, 'a', encoding='utf-8')
        except OSError as error:
            raise WriteError(
                f"'{self.path}' cannot be written: {error.strerror}"
            ) from error

    def _write_line(self, content):
        try:
            self._file.write(json.dumps(content) + '\n')
            self._file.flush()
        except OSError as error:
            raise WriteError(
                f"'{self.path}' cannot be written: {error.strerror}. What it "
                'holds is whole; the same command goes on from there.'
            ) from error

    def _read(self):
        text = read_text(self.path, 'record of poses')
        whole = text[: text.rfind('\n') + 1]
        if len(whole) < len(text):
            os.truncate(self.path, len(whole.encode()))
        lines = whole.splitlines()
        for number, line in enumerate(lines, start=1):
            try:
                entry = json.loads(line)
                if number == 1:
                    settings = entry['settings']
                else:
                    self._note(
                        entry['name'],
                        entry.get('persons'),
                        entry.get('problem'),
                    )
            except (KeyError, TypeError, ValueError):
                raise ValueError(
                    f"'{self.path}', line {number}, is no line of a record of "
                    'poses; remove the file to begin anew'
                ) from None
        if not lines:  # killed before the first line was whole
            with self._open() as self._file:
                self._write_line(dict(settings=self._settings))
        else:
            check_same(self.path, settings, self._settings)
