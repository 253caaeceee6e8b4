"""Files that a tool left out, and why."""

__all__ = ['LeftOut', 'few']


class LeftOut:
    """Files that were left out, by reason.

    Attributes:
        names (dict[str, list[str]]): Reason -> names, in the order in which
            they came up. A reason is said of one file.
    """

    def __init__(self):
        self.names = {}

    def add(self, reason, name):
        """Note a file.

        Args:
            reason (str): Such as 'no picture'.
            name (str): Of the file.
        """
        self.names.setdefault(reason, []).append(name)

    def update(self, other):
        """Add all of another one."""
        for reason, names in other.names.items():
            self.names.setdefault(reason, []).extend(names)

    def __len__(self):
        return sum(map(len, self.names.values()))

    def lines(self, shown=3):
        """What to tell a user.

        Args:
            shown (int): How many names of each reason are told.

        Returns:
            list[str]: A line a reason, such as 'no picture (2): a.txt, b.md'.
        """
        return [
            f'{reason} ({len(names)}): {few(names, shown)}'
            for reason, names in self.names.items()
        ]


def few(names, shown=3):
    """Some of many names, and how many more there are.

    Args:
        names (Sequence[str]): What to tell of.
        shown (int): How many at most; one more is told rather than counted.

    Returns:
        str: Such as 'a, b, c and 5 more'. What a terminal would not print is
        written as Python does.
    """
    names = [name if name.isprintable() else repr(name) for name in names]
    if len(names) <= shown + 1:
        return ', '.join(names)
    return f'{", ".join(names[:shown])} and {len(names) - shown} more'
