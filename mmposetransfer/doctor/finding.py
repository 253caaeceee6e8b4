"""What a check finds."""

from dataclasses import dataclass

from mmposetransfer.utils.broken_imports import mending_line, wanted_module
from mmposetransfer.utils.dependencies import CORE

__all__ = [
    'FAILED',
    'OK',
    'SKIPPED',
    'WARNING',
    'Finding',
    'missing_package',
    'run_check',
]

OK = 'ok'
SKIPPED = '-'
WARNING = 'warn'
FAILED = 'FAIL'


@dataclass(frozen=True)
class Finding:
    """The answer of a check.

    Attributes:
        status: OK, SKIPPED (for want of a package), WARNING (some runs will
            fail) or FAILED.
        text: What was found, on one line.
        mend: The command or the setting that mends it, where it is not OK.
        name: What was checked; filled in by `run_check`.
    """

    status: str
    text: str
    mend: str = ''
    name: str = ''


def run_check(name, check):
    """Run one check; what it raises is a finding, too.

    Args:
        name (str): What is checked.
        check (Callable): Returns a Finding or a list of them.

    Returns:
        list[Finding]: At least one.
    """
    try:
        found = check()
    except Exception as error:  # a broken package may raise anything
        package = missing_package(error)
        if package:
            found = Finding(SKIPPED, f'needs {package}')
        else:
            text = f'{type(error).__name__}: {error}'
            found = Finding(
                FAILED, ' '.join(text.split()), mending_line(error)
            )
    found = [found] if isinstance(found, Finding) else found
    return [Finding(f.status, f.text, f.mend, name) for f in found]


def missing_package(error):
    """The required package that an error wants, or ''.

    That it is missing is a finding of its own, once.
    """
    package = wanted_module(error)
    missing = isinstance(error, ModuleNotFoundError)
    return (
        package
        if missing and package in {part.module for part in CORE}
        else ''
    )
