"""Make a data set of your own photographs and their keypoints.

  prepare_folder.py photos --keypoints keypoints.csv --out data/mine

Images are brought to one size, pairs are formed of images of one person, and
lists are written that configs/dipt/generator_custom.py reads. Who is in an
image is told by a table (--identities), else by its folder; images in no
folder of their own all show one person. It may be stopped at any time and run
again.
"""

import argparse
import sys
from pathlib import PurePosixPath

from mmposetransfer.apis.framing import fit_frame
from mmposetransfer.cli.arguments import at_least
from mmposetransfer.cli.prepare import image_size
from mmposetransfer.cli.progress import tracked
from mmposetransfer.datasets import read_keypoint_table
from mmposetransfer.datasets.image_names import split_ending
from mmposetransfer.datasets.preparing import count_files
from mmposetransfer.datasets.preparing.own_folder import prepare_folder
from mmposetransfer.utils.mistakes import told_plainly


def parse_args(argv=None):
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('source', help='folder or archive of images')
    parser.add_argument(
        '--keypoints', required=True,
        help='a keypoint file of any format that docs/keypoints.md lists')
    parser.add_argument(
        '--identities', metavar='FILE.csv',
        help='who is in the images: columns name, identity')
    parser.add_argument('--out', default='data/mine',
                        help='root of the data set (default: data/mine)')
    parser.add_argument('--size', type=image_size, default=(256, 256),
                        metavar='HxW', help='default: 256x256')
    parser.add_argument('--test-share', type=float, default=0.1,
                        help='of the people, to test on (default: 0.1)')
    parser.add_argument('--max-pairs', type=at_least(1), metavar='N',
                        help='draw at most so many pairs of each split')
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--overwrite', action='store_true',
                        help='make images anew that are there already')
    args = parser.parse_args(argv)
    if not 0 <= args.test_share < 1:
        parser.error('--test-share must be at least 0 and less than 1')
    return args


def finder(table):
    """A function from the name of an image to its keypoints, or None."""
    stems = {split_ending(name)[0]: name for name in table}

    def find(name):
        path = PurePosixPath(name)
        for wanted in (name, path.name):
            key = stems.get(split_ending(wanted)[0])
            key = wanted if wanted in table else key
            if key is not None:
                return table[key]
        return None

    return find


@told_plainly()
def main(argv=None):
    """Prepare, and say what was left out."""
    args = parse_args(argv)
    table = read_keypoint_table(args.keypoints)
    report = prepare_folder(
        args.source, args.out, finder(table), args.size, fit_frame,
        args.identities, args.test_share, args.max_pairs, args.seed,
        args.overwrite, tracked('files', count_files(args.source)),
        found_in=finder(table.found_in))
    if report.people == 1 and not args.identities:
        print('note: all images are taken to show one person: say who is in '
              'them by sub-folders or --identities', file=sys.stderr)
    for name in report.without_pose:
        print(f"left out: nobody was found in '{name}'", file=sys.stderr)
    for problem in report.problems:
        print(f'problem: {problem}', file=sys.stderr)
    print(f'{args.out}: {report.images} images ({report.kept} there already) '
          f'of {report.people} people, {report.train_pairs} training and '
          f'{report.test_pairs} test pairs; '
          f'left out: {len(report.without_pose) + len(report.problems)}')
    if report.problems:
        sys.exit(1)


if __name__ == '__main__':
    main()
