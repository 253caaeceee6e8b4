"""Text in columns."""

import shutil
import sys

__all__ = ['print_columns']


def print_columns(rows, indent=0):
    """Print rows of a name and a text, the texts below one another.

    On a terminal what does not fit into a line is cut.

    Args:
        rows (list[tuple[str, str]]): (name, text).
        indent (int): Blanks before each row.
    """
    width = max((len(name) for name, _ in rows), default=0)
    end = None
    if sys.stdout.isatty():
        end = shutil.get_terminal_size().columns
    for name, text in rows:
        line = f'{"":{indent}}{name:<{width}}  {text}'.rstrip()
        if end is not None and len(line) > end:
            line = f'{line[: end - 3]}...'
        print(line)
