"""What the commands that prepare published data sets share."""

import sys

from mmposetransfer.datasets.preparing import (
    RESAMPLING,
    count_files,
    file_sources,
)
from mmposetransfer.utils.mistakes import told_plainly
from mmposetransfer.utils.progress import tracked

from .arguments import command_parser, image_size
from .left_out import tell_left_out

__all__ = [
    'parse_published',
    'prepare_published',
]


def parse_published(name, doc, argv=None):
    """Read the command line of a command that prepares a data set.

    Args:
        name (str): Of the data set, such as 'market1501'.
        doc (str): What ``--help`` says of the command.
        argv (list[str], optional): Defaults to the command line.

    Returns:
        argparse.Namespace: What `prepare_published` takes.
    """
    parser = command_parser(f'prepare-{name}', doc)
    parser.add_argument(
        'sources',
        nargs='+',
        metavar='SOURCE',
        help='.zip, .tar (.gz, .bz2, .xz) or folder with images, lists of '
        'pairs, keypoints, segmentations or flow; or one such file',
    )
    parser.add_argument(
        '--out',
        default=f'data/{name}',
        help=f'root of the data set (default: data/{name})',
    )
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
    return parser.parse_args(argv)


@told_plainly()
def prepare_published(args, places):
    """File a published data set, and say what was done.

    Args:
        args (argparse.Namespace): Of `parse_published`.
        places (Callable): `deepfashion_places` or `market1501_places`.

    Returns:
        int: 1 if there were problems, else 0.
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
    _tell(report, args.out)
    return int(len(report.problems) > 0)


def _tell(report, out):
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
