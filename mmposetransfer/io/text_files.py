"""Text and JSON from files that may hold anything."""

import json
import os

from mmposetransfer.errors import UserFileNotFoundError, UserValueError

__all__ = ['read_json', 'read_text']


def read_text(path, what='file'):
    """The text of a file.

    Args:
        path (str | Path): In UTF-8, with or without a byte order mark.
        what (str): What error messages call it.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no text.
    """
    if not os.path.isfile(path):
        raise UserFileNotFoundError(
            f"the {what} '{path}' "
            + ('is a folder' if os.path.isdir(path) else 'does not exist')
        )
    with open(path, 'rb') as file:
        data = file.read()
    try:
        return data.decode('utf-8-sig')
    except UnicodeDecodeError as error:
        line = data.count(b'\n', 0, error.start) + 1
        raise UserValueError(
            f"'{path}' is no text file in UTF-8 (line {line})"
        ) from None


def read_json(path, what='file'):
    """The content of a JSON file.

    Args:
        path (str | Path): The file.
        what (str): What error messages call it.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no JSON; names the line.
    """
    text = read_text(path, what)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise UserValueError(
            f"'{path}' is no valid JSON: line {error.lineno}, column "
            f'{error.colno}: {error.msg}'
        ) from None
    # A number of thousands of digits, thousands of brackets.
    except (ValueError, RecursionError) as error:
        raise UserValueError(f"'{path}' is no valid JSON: {error}") from None
