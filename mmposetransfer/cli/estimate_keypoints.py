"""Find the poses of all pictures in a folder.

    mmposetransfer estimate-keypoints photos/ keypoints.csv \
        --estimator mediapipe --overlay-dir overlays/

writes a CSV of name:keypoints_y:keypoints_x, with names relative to the
folder. The same command goes on where a run was stopped or killed, and takes
up pictures that have been added; what is known lies in keypoints.csv.jsonl.

    ... --estimator rtmlib --options pose=rtmpose.onnx det=yolox.onnx
    ... --estimator mmpose --options config=rtmpose.py checkpoint=rtmpose.pth
    ... --estimator files --options source=openpose_jsons/

docs/keypoints.md tells the providers, their options and their joints.
"""

from functools import partial
from pathlib import Path

from mmposetransfer.pose_estimators import build_pose_estimator
from mmposetransfer.pose_estimators.folder import (
    check_openpose_files,
    estimate_folder,
    pictures_of_folder,
    read_boxes,
    write_poses,
)
from mmposetransfer.pose_estimators.record import PoseRecord
from mmposetransfer.utils.atomic_write import check_writable
from mmposetransfer.utils.config_file import OptionsAction
from mmposetransfer.utils.mistakes import told_plainly
from mmposetransfer.utils.progress import progress_bar, tracked

from .arguments import at_least, command_parser
from .left_out import tell_left_out

__all__ = ['main', 'parse_args']

SHOWN = 10


def parse_args(argv=None):
    """Read the command line."""
    parser = command_parser('estimate-keypoints', __doc__)
    parser.add_argument(
        'folder', help='the pictures; sub-folders are looked into'
    )
    parser.add_argument('out', help='the CSV to be written')
    parser.add_argument(
        '--estimator',
        default='mediapipe',
        help='mediapipe, rtmlib, mmpose or files (default: mediapipe)',
    )
    parser.add_argument(
        '--options',
        nargs='+',
        action=OptionsAction,
        default={},
        metavar='KEY=VALUE',
        help="the estimator's arguments",
    )
    parser.add_argument(
        '--min-size',
        type=at_least(0),
        metavar='PIXELS',
        help='enlarge pictures whose longer side is shorter, such as those '
        'of Market-1501, before the estimator sees them',
    )
    parser.add_argument(
        '--boxes',
        metavar='FILE',
        help='a JSON of picture -> [left, top, right, bottom]: the person '
        'who is meant (default: the largest)',
    )
    parser.add_argument(
        '--openpose-dir',
        metavar='DIR',
        help='write an OpenPose JSON of everyone in each picture, too',
    )
    parser.add_argument(
        '--overlay-dir',
        metavar='DIR',
        help='draw the skeletons over the pictures, too',
    )
    parser.add_argument(
        '--workers',
        type=at_least(1),
        default=1,
        help='processes, of one thread and one estimator each (default: 1)',
    )
    args = parser.parse_args(argv)
    if args.min_size is not None and args.estimator == 'files':
        parser.error(
            '--min-size enlarges pictures for those who look at '
            'them; keypoints of files are taken as they are'
        )
    inside = Path(args.folder).resolve()
    overlays = Path(args.overlay_dir or '/').resolve()
    if args.overlay_dir and overlays.is_relative_to(inside):
        parser.error(
            'the overlays may not lie among the pictures: the next run would '
            'take them for some'
        )
    return args


def report(names, record, out):
    """Say what was found, and what was not."""
    nobody = [name for name in names if not len(record.persons.get(name, '-'))]
    bad = {
        name: record.problems[name]
        for name in names
        if name in record.problems
    }
    found = len(names) - len(nobody) - len(bad)
    print(f"{found} of {len(names)} pictures: keypoints in '{out}'")
    _list('nobody was found in', nobody)
    _list('not usable:', [f'{name}: {why}' for name, why in bad.items()])
    return bool(bad)


def _list(title, lines):
    if lines:
        print(f'{len(lines)}: {title}')
        print(*(f'  {line}' for line in lines[:SHOWN]), sep='\n')
        if len(lines) > SHOWN:
            print(f'  and {len(lines) - SHOWN} more')


@told_plainly()
def main(argv=None):
    """Find poses, write them, say what was found.

    Args:
        argv (list[str], optional): Arguments; default: the command line's.

    Returns:
        int: 1 if pictures could not be used, else 0.
    """
    args = parse_args(argv)
    found = pictures_of_folder(args.folder)
    tell_left_out(
        f'{args.folder}: {len(found.pictures):,} pictures taken',
        found.left_out,
    )
    if args.openpose_dir:
        check_openpose_files(found.names)
    boxes = args.boxes and read_boxes(args.boxes)
    check_writable(args.out)
    options = dict(args.options)
    if args.min_size is not None:
        options['min_size'] = args.min_size
    settings = dict(estimator=args.estimator, options=options, boxes=boxes)
    build = partial(build_pose_estimator, args.estimator, **options)
    estimator = build()  # before a record of settings that cannot be
    with PoseRecord(f'{args.out}.jsonl', settings) as record:
        total = len(found.pictures)
        with progress_bar('poses', total) as show:
            for done in estimate_folder(
                build if args.workers > 1 else lambda: estimator,
                found.pictures,
                record,
                boxes,
                args.workers,
            ):
                show(done)
        steps = write_poses(
            found.pictures,
            record,
            args.out,
            args.openpose_dir,
            args.overlay_dir,
        )
        for _ in tracked('writing', total)(steps):
            pass
    return int(report(found.names, record, args.out))
