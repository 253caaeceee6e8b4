"""What a tool tells of files that it did not take."""

import sys

__all__ = ['tell_left_out']


def tell_left_out(taken, left_out, shown=3):
    """Say how many were taken and left out, and why, on stderr.

    Args:
        taken (str): What was taken, such as 'photos: 12 pictures taken'.
        left_out (LeftOut): What was not.
        shown (int): How many names are told of each reason.
    """
    print(f'{taken}, {len(left_out):,} left out', file=sys.stderr)
    for line in left_out.lines(shown):
        print(f'  {line}', file=sys.stderr)
