"""Parts of a job that have a file each, which says that they are done."""

import os
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from .processes import run

__all__ = ['Part', 'make_parts']


class Part(NamedTuple):
    """A part of a job.

    Attributes:
        path: The file that is there, and whole, when the part is done.
        count: How many things the part holds, such as people.
        work: Says what to make.
    """

    path: str
    count: int
    work: Any


def make_parts(
    start: Callable[[], Callable[[Part], Any]],
    parts: Sequence[Part],
    workers: int = 1,
    progress: Callable[[int], Any] | None = None,
) -> int:
    """Make the parts whose files are not there yet.

    Args:
        start: As of `run`. What it gives writes the file of a part, by
            `atomic_write`.
        parts: The parts.
        workers: As of `run`.
        progress: Called with the number of things that are done after each
            part, first with those of parts that were there.

    Returns:
        How many things were made now.

    Raises:
        ChildProcessError: If a worker was killed.
        Exception: What making a part has raised.
    """
    missing = [part for part in parts if not os.path.isfile(part.path)]
    made = 0
    done = sum(part.count for part in parts) - sum(
        part.count for part in missing
    )
    if progress and done:
        progress(done)
    for _, part in zip(run(start, missing, workers), missing, strict=True):
        made += part.count
        if progress:
            progress(done + made)
    return made
