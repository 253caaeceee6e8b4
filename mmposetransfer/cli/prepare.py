"""What the tools that prepare data sets share on the command line."""

import argparse
import sys

from mmposetransfer.datasets.preparing import (
    RESAMPLING,
    count_files,
    file_sources,
)
from mmposetransfer.utils.mistakes import told_plainly
from mmposetransfer.utils.progress import tracked

from .left_out import tell_left_out

__all__ = [
    'add_prepare_arguments',
    'image_size',
    'parse_published',
    'prepare_published',
    'report_filing',
]


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
        '--size',
        type=image_size,
        metavar='HxW',
        help='size that images are brought to, such as 512x352',
    )
    parser.add_argument(
        '--ending',
        choices=('.png', '.jpg'),
        default='.png',
        help='format of images that had to be resized (default: .png)',
    )
    parser.add_argument(
        '--resampling',
        choices=tuple(RESAMPLING),
        default='bicubic',
        help='filter that they are resized with (default: bicubic)',
    )
    parser.add_argument(
        '--overwrite',
        action='store_true',
        help='write files that are there already, too',
    )


def parse_published(doc, out, argv=None):
    """Read the command line of a tool that prepares a published data set.

    Args:
        doc (str): What ``--help`` says of the tool.
        out (str): Where the data set goes by default.
        argv (list[str], optional): Defaults to the command line.

    Returns:
        argparse.Namespace: What `prepare_published` takes.
    """
    parser = argparse.ArgumentParser(
        description=doc, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        'sources',
        nargs='+',
        metavar='SOURCE',
        help='.zip, .tar (.gz, .bz2, .xz) or folder with images, lists of '
        'pairs, keypoints, segmentations or flow; or one such file',
    )
    parser.add_argument(
        '--out', default=out, help=f'root of the data set (default: {out})'
    )
    add_prepare_arguments(parser)
    return parser.parse_args(argv)


@told_plainly()
def prepare_published(args, places):
    """Run a tool that prepares a published data set.

    Args:
        args (argparse.Namespace): Of `parse_published`.
        places (Callable): `deepfashion_places` or `market1501_places`.
    """
    counts = [count_files(source) for source in args.sources]
    total = None if None in counts else sum(counts)
    report = file_sources(
        args.sources,
        places(args.size, args.ending, args.resampling),
        args.out,
        args.overwrite,
        progress=tracked('filing', total),
    )
    if not report.placed:
        raise ValueError(
            f'none of the {len(report.left_out)} files of {args.sources} '
            'belongs to this data set; see docs/data.md for what is expected. '
            f'{"; ".join(report.left_out.lines())}'
        )
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
    print(
        f'written: {report.written:,}, there already: {report.kept:,}, '
        f'left out: {len(report.left_out):,}, '
        f'problems: {len(report.problems):,}'
    )
    taken = sum(report.placed.values())
    tell_left_out(f'{taken:,} files taken', report.left_out, 10)
    if report.problems:
        sys.exit(1)
