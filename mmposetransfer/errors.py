"""Errors that say that a user can mend what went wrong.

A user's mistake is raised as what Python calls it and as a `UserError`: an
option out of range as `UserValueError`, which is a ValueError, a file that is
not there as `UserFileNotFoundError`. The command line tells such an error in
one line. Every other error is a bug, and keeps its traceback.
"""

__all__ = [
    'UserChildProcessError',
    'UserError',
    'UserFileNotFoundError',
    'UserImportError',
    'UserKeyError',
    'UserTypeError',
    'UserValueError',
]


class UserError(Exception):
    """Something that the user can mend, whose message says how."""


class UserValueError(UserError, ValueError):
    """A value of the right type that cannot be used; a damaged file."""


class UserTypeError(UserError, TypeError):
    """A value of another type, or an argument that is not known."""


class UserKeyError(UserError, KeyError):
    """A name or key that is not there."""

    def __str__(self):
        """The message without the quotes that a KeyError puts around it."""
        return Exception.__str__(self)


class UserFileNotFoundError(UserError, FileNotFoundError):
    """A file or folder that is not there."""


class UserImportError(UserError, ImportError):
    """A package that is not installed, or cannot be imported."""


class UserChildProcessError(UserError, ChildProcessError):
    """A process that the system has ended, as when memory runs out."""
