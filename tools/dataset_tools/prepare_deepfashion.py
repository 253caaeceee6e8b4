"""Bring DeepFashion from its archives into the layout that the configs read.

  prepare_deepfashion.py ARCHIVE_OR_FOLDER... --out data/deepfashion

It may be stopped at any time and run again: what is there is left alone. See
docs/data.md for what to download.
"""

import argparse

from mmposetransfer.cli.prepare import (
    add_prepare_arguments,
    prepare_published,
)
from mmposetransfer.datasets.preparing import deepfashion_places


def parse_args(argv=None):
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        'sources', nargs='+', metavar='SOURCE',
        help='.zip, .tar (.gz, .bz2, .xz) or folder with images, lists of '
        'pairs, keypoints, segmentations or flow')
    parser.add_argument(
        '--out', default='data/deepfashion',
        help='root of the data set (default: data/deepfashion)')
    add_prepare_arguments(parser)
    return parser.parse_args(argv)


if __name__ == '__main__':
    prepare_published(parse_args(), deepfashion_places)
