"""Bring DeepFashion from its archives into the layout that the configs read.

    mmposetransfer prepare-deepfashion ARCHIVE_OR_FOLDER... \
        --out data/deepfashion

It may be stopped at any time and run again: what is there is left alone. See
docs/data.md for what to download.
"""

from mmposetransfer.datasets.preparing import deepfashion_places

from .prepare_published import parse_published, prepare_published

__all__ = ['main']


def main(argv=None):
    """File the archives, and say what was done.

    Args:
        argv (list[str], optional): Arguments; default: the command line's.

    Returns:
        int: The exit code.
    """
    args = parse_published('deepfashion', __doc__, argv)
    return prepare_published(args, deepfashion_places)
