"""Say what of a data set is missing, damaged or inconsistent, file by file.

    mmposetransfer verify-dataset data/deepfashion

Ends with status 1 if something is wrong. Numbers that differ from the
published ones are shown; with --published they count as wrong.
"""

import json
import os
from collections import Counter

from mmposetransfer.datasets.layouts import LAYOUTS, find_layout
from mmposetransfer.datasets.verification import verify_dataset
from mmposetransfer.utils.atomic_write import atomic_write
from mmposetransfer.utils.mistakes import told_plainly
from mmposetransfer.utils.progress import tracked

from .arguments import at_least, command_parser, image_size


def parse_args(argv=None):
    """Read the command line."""
    parser = command_parser('verify-dataset', __doc__)
    parser.add_argument('root', help='of the data set')
    parser.add_argument(
        '--layout',
        choices=tuple(LAYOUTS),
        help='default: by the folders that are there',
    )
    parser.add_argument(
        '--size',
        type=image_size,
        metavar='HxW',
        help="of the images (default: the layout's)",
    )
    parser.add_argument(
        '--img',
        metavar='FOLDER',
        help='folder of images, such as Img/img_512x352',
    )
    parser.add_argument(
        '--quick',
        action='store_true',
        help='look only whether files are there',
    )
    parser.add_argument(
        '--published',
        action='store_true',
        help='numbers that differ from the published ones are wrong',
    )
    parser.add_argument(
        '--jobs',
        type=at_least(1),
        default=os.cpu_count(),
        help='threads (default: one for each core)',
    )
    parser.add_argument(
        '--json', metavar='FILE', help='write all of it there; - is stdout'
    )
    parser.add_argument(
        '--show',
        type=at_least(0),
        default=20,
        metavar='N',
        help='problems of each kind to print (default: 20)',
    )
    return parser.parse_args(argv)


def print_report(report, show):
    """What was found, in lines."""
    shown = Counter()
    for problem in report.problems:
        shown[problem.kind] += 1
        if shown[problem.kind] <= show:
            print(f'{problem.kind}: {problem.file}: {problem.message}')
    for kind, count in shown.items():
        if count > show:
            print(f'{kind}: ... and {count - show:,} more (--show, --json)')
    for note in report.notes:
        print(f'note: {note}')
    for what, (found, published) in report.counts.items():
        says = (
            ''
            if published is None
            else (
                ' (as published)'
                if found == published
                else f' (published: {published:,})'
            )
        )
        print(f'{what}: {found:,}{says}')
    print(
        'checked: '
        + ', '.join(
            f'{count:,} {what}' for what, count in report.checked.items()
        )
    )
    print(
        'problems: '
        + (
            ', '.join(f'{count:,} {kind}' for kind, count in shown.items())
            or 'none'
        )
    )


@told_plainly('Less is taken by fewer --jobs.')
def main(argv=None):
    """Verify, and report.

    Args:
        argv (list[str], optional): Arguments; default: the command line's.

    Returns:
        int: 1 if something is wrong, else 0.
    """
    args = parse_args(argv)
    layout = find_layout(args.root, args.layout)
    report = verify_dataset(
        args.root,
        layout,
        args.size,
        args.img,
        args.quick,
        args.jobs,
        tracked('checking'),
    )
    text = json.dumps(report.as_dict(), indent=1)
    if args.json == '-':
        print(text)
    elif args.json:
        with atomic_write(args.json, 'w') as file:
            file.write(text)
    if args.json != '-':
        print_report(report, args.show)
    wrong = report.problems or args.published and report.differing_counts
    return int(bool(wrong))
