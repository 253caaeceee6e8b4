"""The progress bar of whatever takes minutes."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

__all__ = ['progress_bar', 'tracked']


@contextmanager
def progress_bar(
    description: str, total: int | None = None, shown: bool = True
) -> Iterator[Callable[[int], None]]:
    """Show how far something is.

    The bar goes to stderr, so that stdout holds results only. Where that is
    no terminal, one line says how many there were at the end.

    Args:
        description: What is done.
        total: How many there are, where that is known.
        shown: Whether to show anything; one of many processes does.

    Yields:
        To be called with the number of those that are done.
    """
    columns = (
        TextColumn('{task.description}'),
        BarColumn(),
        MofNCompleteColumn(),
        TaskProgressColumn(show_speed=True),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    console = Console(file=sys.stderr)
    with Progress(*columns, console=console, disable=not shown) as progress:
        task = progress.add_task(description, total=total)
        yield lambda done: progress.update(task, completed=done)
        progress.update(task, total=progress.tasks[0].completed)


def tracked(
    description: str, total: int | None = None
) -> Callable[[Iterable], Iterator]:
    """A function that goes through an iterable under a `progress_bar`.

    Args:
        description: What is done.
        total: How many there are. Defaults to the length of the iterable,
            where it has one.

    Returns:
        From an iterable to an iterator over the same.
    """

    def track(iterable):
        count = total
        if count is None and hasattr(iterable, '__len__'):
            count = len(iterable)
        with progress_bar(description, count) as show:
            for done, item in enumerate(iterable, start=1):
                yield item
                show(done)

    return track
