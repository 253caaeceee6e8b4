"""Bring Market-1501 from its archives into the layout that the configs read.

    mmposetransfer prepare-market1501 ARCHIVE_OR_FOLDER... \
        --out data/market1501

It may be stopped at any time and run again: what is there is left alone. See
docs/data.md for what to download.
"""

from mmposetransfer.datasets.preparing import market1501_places

from .prepare_published import parse_published, prepare_published

__all__ = ['main']


def main(argv=None):
    """File the archives, and say what was done.

    Args:
        argv (list[str], optional): Arguments; default: the command line's.

    Returns:
        int: The exit code.
    """
    args = parse_published('market1501', __doc__, argv)
    return prepare_published(args, market1501_places)
