"""Write SynthFashion as files, in the layout of DeepFashion or Market-1501.

    mmposetransfer export-synthfashion data/deepfashion \
        --train-pairs 1000 --test-pairs 100

Images, body parts, flow, keypoints and lists of pairs are written in all of
the published formats, so that configs of DeepFashion run on them. It may be
stopped at any time and run again.
"""

import os
import time

from mmposetransfer.datasets.layouts import LAYOUTS
from mmposetransfer.datasets.preparing.label_files import write_archive
from mmposetransfer.datasets.preparing.synthfashion_export import (
    ExportSettings,
    export_synthfashion,
)
from mmposetransfer.utils.mistakes import told_plainly
from mmposetransfer.utils.progress import progress_bar

from .arguments import at_least, command_parser, image_size
from .left_out import tell_left_out


def parse_args(argv=None):
    """Read the command line."""
    parser = command_parser('export-synthfashion', __doc__)
    parser.add_argument('out', help='root of the data set to write')
    parser.add_argument(
        '--layout',
        choices=('deepfashion', 'market1501'),
        default='deepfashion',
    )
    parser.add_argument(
        '--size',
        type=image_size,
        metavar='HxW',
        help="size of the images (default: the layout's)",
    )
    for split, pairs, people in (('train', 1000, 250), ('test', 100, 25)):
        parser.add_argument(
            f'--{split}-pairs',
            type=at_least(1),
            default=pairs,
            help=f'pairs with known flow (default: {pairs})',
        )
        parser.add_argument(
            f'--{split}-people',
            type=at_least(1),
            default=people,
            help=f'people in them (default: {people})',
        )
    parser.add_argument('--seed', type=at_least(0), default=0)
    parser.add_argument(
        '--jobs',
        type=at_least(1),
        default=os.cpu_count(),
        help='processes (default: one for each core)',
    )
    parser.add_argument(
        '--archive',
        metavar='FILE.zip',
        help='also pack the images as the official archive of DeepFashion',
    )
    return parser.parse_args(argv)


@told_plainly('Less is taken by fewer --jobs.')
def main(argv=None):
    """Export, and say how fast it was.

    Args:
        argv (list[str], optional): Arguments; default: the command line's.
    """
    args = parse_args(argv)
    layout = LAYOUTS[args.layout]
    settings = ExportSettings(
        args.layout,
        args.size or layout.size,
        args.train_pairs,
        args.test_pairs,
        args.train_people,
        args.test_people,
        args.seed,
    )
    start = time.perf_counter()
    total = args.train_pairs + args.test_pairs
    with progress_bar('pairs', total) as show:
        made = export_synthfashion(args.out, settings, args.jobs, show)
    seconds = time.perf_counter() - start
    print(
        f'{args.out}: {made} pairs made in {seconds:.1f} s '
        f'({made / seconds:.2f} a second)'
        if made
        else f'{args.out}: complete already'
    )
    if args.archive:
        count, left_out = write_archive(
            args.archive, os.path.join(args.out, layout.img)
        )
        print(f'{args.archive}: {count} images')
        if left_out:
            tell_left_out(f'{count} images taken', left_out)
