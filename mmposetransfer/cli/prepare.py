"""What the tools that prepare data sets share on the command line."""

import argparse
import sys

from mmposetransfer.datasets.preparing import (
    RESAMPLING,
    count_files,
    file_sources,
)
from mmposetransfer.utils.mistakes import told_plainly

from .progress import tracked

__all__ = ['add_prepare_arguments', 'image_size', 'prepare_published',
           'report_filing']


def image_size(text):
    """An argparse type: '512x352' -> (512, 352), height and width."""
    try:
        height, width = map(int, text.lower().split('x'))
        if min(height, width) < 1:
            raise ValueError
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"expected HEIGHTxWIDTH in pixels, as 256x176, got '{text}'"
        ) from None
    return height, width


def add_prepare_arguments(parser):
    """Add ``--size``, ``--ending``, ``--resampling`` and ``--overwrite``.

    Args:
        parser (argparse.ArgumentParser): Of a tool of tools/dataset_tools.
    """
    parser.add_argument(
        '--size', type=image_size, metavar='HxW',
        help='size that images are brought to, such as 512x352')
    parser.add_argument(
        '--ending', choices=('.png', '.jpg'), default='.png',
        help='format of images that had to be resized (default: .png)')
    parser.add_argument(
        '--resampling', choices=tuple(RESAMPLING), default='bicubic',
        help='filter that they are resized with (default: bicubic)')
    parser.add_argument(
        '--overwrite', action='store_true',
        help='write files that are there already, too')


@told_plainly()
def prepare_published(args, places):
    """Run a tool that prepares a published data set.

    Args:
        args (argparse.Namespace): With ``sources``, ``out`` and those of
            `add_prepare_arguments`.
        places (Callable): `deepfashion_places` or `market1501_places`.
    """
    counts = [count_files(source) for source in args.sources]
    total = None if None in counts else sum(counts)
    report = file_sources(
        args.sources, places(args.size, args.ending, args.resampling),
        args.out, args.overwrite, progress=tracked('filing', total))
    if not report.placed:
        raise ValueError(
            f'none of the {report.unused} files of {args.sources} belongs '
            'to this data set; see docs/data.md for what is expected.')
    report_filing(report, args.out)


def report_filing(report, out):
    """Print what was done; end with status 1 if something is wrong.

    Args:
        report (FilingReport): Of `file_sources`.
        out (str): Root of the data set.
    """
    for problem in report.problems:
        print(f'problem: {problem}', file=sys.stderr)
    for folder, count in sorted(report.placed.items()):
        print(f'{out}/{folder}: {count:,} files')
    print(f'written: {report.written:,}, there already: {report.kept:,}, '
          f'not of this data set: {report.unused:,}, '
          f'problems: {len(report.problems):,}')
    if report.problems:
        sys.exit(1)
