"""Make a data set of your own photographs and their keypoints.

    mmposetransfer prepare-folder photos --keypoints keypoints.csv \
        --out data/mine

Images are brought to one size, pairs are formed of images of one person, and
lists are written that configs/dipt/generator_custom.py reads. Who is in an
image is told by a table (--identities), else by its folder; images in no
folder of their own all show one person. It may be stopped at any time and run
again.
"""

import sys

from mmposetransfer.apis.framing import fit_frame
from mmposetransfer.datasets import read_keypoint_table
from mmposetransfer.datasets.keypoints import index_keypoints
from mmposetransfer.datasets.preparing import count_files
from mmposetransfer.datasets.preparing.own_folder import prepare_folder
from mmposetransfer.utils.left_out import few
from mmposetransfer.utils.mistakes import told_plainly
from mmposetransfer.utils.progress import tracked

from .arguments import at_least, command_parser, image_size
from .left_out import tell_left_out


def parse_args(argv=None):
    """Read the command line."""
    parser = command_parser('prepare-folder', __doc__)
    parser.add_argument('source', help='folder or archive of images')
    parser.add_argument(
        '--keypoints',
        required=True,
        help='a keypoint file of any format that docs/keypoints.md lists',
    )
    parser.add_argument(
        '--identities',
        metavar='FILE.csv',
        help='who is in the images: columns name, identity',
    )
    parser.add_argument(
        '--out',
        default='data/mine',
        help='root of the data set (default: data/mine)',
    )
    parser.add_argument(
        '--size',
        type=image_size,
        default=(256, 256),
        metavar='HxW',
        help='default: 256x256',
    )
    parser.add_argument(
        '--test-share',
        type=float,
        default=0.1,
        help='of the people, to test on (default: 0.1)',
    )
    parser.add_argument(
        '--max-pairs',
        type=at_least(1),
        metavar='N',
        help='draw at most so many pairs of each split',
    )
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument(
        '--overwrite',
        action='store_true',
        help='make images anew that are there already',
    )
    args = parser.parse_args(argv)
    if not 0 <= args.test_share < 1:
        parser.error('--test-share must be at least 0 and less than 1')
    return args


@told_plainly()
def main(argv=None):
    """Prepare, and say what was left out.

    Args:
        argv (list[str], optional): Arguments; default: the command line's.

    Returns:
        int: 1 if images could not be used, else 0.
    """
    args = parse_args(argv)
    keypoints = read_keypoint_table(args.keypoints)
    report = prepare_folder(
        args.source,
        args.out,
        keypoints,
        args.size,
        fit_frame,
        args.identities,
        args.test_share,
        args.max_pairs,
        args.seed,
        args.overwrite,
        tracked('files', count_files(args.source)),
        index_keypoints(keypoints, args.keypoints),
    )
    if report.people == 1 and not args.identities:
        print(
            'note: all images are taken to show one person: say who is in '
            'them by sub-folders or --identities',
            file=sys.stderr,
        )
    for name in report.without_pose:
        report.left_out.add('there are no keypoints of it', name)
    for problem in report.problems:
        print(f'problem: {problem}', file=sys.stderr)
    tell_left_out(
        f'{args.source}: {report.images:,} images taken, '
        f'{len(report.problems)} with problems',
        report.left_out,
        10,
    )
    if report.without_image:
        print(
            f'{args.keypoints}: {len(report.without_image):,} entries are '
            f'of no image: {few(report.without_image)}',
            file=sys.stderr,
        )
    left_out = len(report.left_out) + len(report.problems)
    print(
        f'{args.out}: {report.images} images ({report.kept} there already) '
        f'of {report.people} people, {report.train_pairs} training and '
        f'{report.test_pairs} test pairs; left out: {left_out}'
    )
    return int(len(report.problems) > 0)
