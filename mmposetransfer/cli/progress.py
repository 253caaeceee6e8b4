"""A progress bar for commands that take minutes."""

import sys

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

__all__ = ['tracked']


def tracked(description, total=None):
    """A function that goes through an iterable and shows how far it is.

    The bar goes to stderr, so that stdout holds results only. Where that is
    no terminal, one line says how many there were at the end.

    Args:
        description (str): What is done.
        total (int, optional): How many there are. Defaults to the length of
            the iterable, where it has one.

    Returns:
        Callable: From an iterable to one of the same.
    """

    def track(iterable):
        count = total
        if count is None and hasattr(iterable, '__len__'):
            count = len(iterable)
        columns = (
            TextColumn('{task.description}'),
            BarColumn(),
            MofNCompleteColumn(),
            TaskProgressColumn(show_speed=True),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        console = Console(file=sys.stderr)
        with Progress(*columns, console=console) as progress:
            task = progress.add_task(description, total=count)
            for item in iterable:
                yield item
                progress.advance(task)
            progress.update(task, total=progress.tasks[0].completed)

    return track
