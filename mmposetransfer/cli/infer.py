"""Put the person of a photograph into another pose.

With the model that comes with the package:

    mmposetransfer infer me.jpg --target dancer.jpg --out-dir out

With another one, and the pictures of the repository:

    mmposetransfer infer demo/inputs/cardigan.png \
        dipt/full_synthfashion_64 work_dirs/quickstart \
        --keypoints demo/inputs/poses.csv --target demo/inputs/dress.png

with the weights that `make quickstart` has trained. Without --keypoints the
poses are found in the pictures.
"""

from pathlib import Path

from mmposetransfer.apis import PoseTransferInferencer
from mmposetransfer.apis.background import BACKGROUNDS
from mmposetransfer.apis.model import load_config
from mmposetransfer.apis.shipped_weights import with_shipped_weights
from mmposetransfer.cli.mistakes import told_plainly
from mmposetransfer.config.file import OptionsAction
from mmposetransfer.pose_estimators import build_pose_estimator

from .arguments import at_least, command_parser, spelled_as_options
from .run_config import add_cfg_options

__all__ = ['main', 'parse_args']

LESS_MEMORY = (
    'Less is taken by a smaller --batch-size and by smaller photographs; '
    "--device cpu uses the main memory in place of the GPU's."
)


def parse_args(argv=None):
    """Read the command line."""
    parser = command_parser('infer', __doc__)
    parser.add_argument(
        'reference',
        help='the photograph of the person, or a folder of photographs, '
        'whose sub-folders are looked into, too',
    )
    parser.add_argument(
        'config',
        nargs='?',
        help='path of the config, or a name that `mmposetransfer list-models` '
        'prints (default: the shipped model, without one geometry alone)',
    )
    parser.add_argument(
        'checkpoint',
        nargs='?',
        help='the trained weights, or the work directory of a training, '
        'whose newest are taken; without it the weights are random',
    )
    parser.add_argument(
        '--model',
        metavar='NAME',
        help='the same as the config, such as geometry: bodies fitted to '
        'both poses, without a network',
    )
    parser.add_argument(
        '--background',
        choices=BACKGROUNDS,
        default='auto',
        help='what stands behind the person: what the model makes, the '
        "reference's own wall, white or nothing (default: the wall where "
        'the person is known in both pictures, else what the model makes)',
    )
    parser.add_argument(
        '--keypoints',
        metavar='FILE',
        help='the poses: a CSV of name:keypoints_y:keypoints_x, a JSON of '
        'OpenPose, COCO, AlphaPose, mmpose or ControlNet, a folder of such '
        'JSONs, a .pkl or a .npy',
    )
    parser.add_argument(
        '--target-keypoints',
        metavar='FILE',
        help='the wanted pose, where it lies in another file',
    )
    parser.add_argument(
        '--pose-estimator',
        default='auto',
        metavar='NAME',
        help='finds the poses where no --keypoints are given: mediapipe, '
        'rtmlib or mmpose (default: mediapipe, where it is installed)',
    )
    parser.add_argument(
        '--pose-options',
        nargs='+',
        action=OptionsAction,
        default={},
        metavar='KEY=VALUE',
        help="the estimator's arguments, such as pose=rtmpose.onnx",
    )
    parser.add_argument(
        '--target',
        metavar='IMAGE',
        help='the picture that the wanted pose is from',
    )
    parser.add_argument(
        '--reference-name',
        metavar='NAME',
        help='the name of the photograph in the keypoint file, where that is '
        'another one',
    )
    parser.add_argument(
        '--target-name',
        metavar='NAME',
        help='its name in the keypoint file, instead of --target where you '
        'have no picture',
    )
    for side in ('reference', 'target'):
        parser.add_argument(
            f'--{side}-person',
            type=at_least(0),
            metavar='N',
            help=f'which person of several in the {side}, in the order of the '
            'keypoint file, from 0 (default: the largest, or the surest)',
        )
    parser.add_argument(
        '--min-score',
        type=float,
        metavar='SCORE',
        help='joints with a lower score count as missing (default: 0.1 for '
        "OpenPose's files, 0.3 for those of other detectors, else 0)",
    )
    parser.add_argument(
        '--crop',
        choices=('auto', 'none'),
        default='auto',
        help='auto: cut out the person where they are small in the '
        'photograph; none: take the whole photograph (default: auto)',
    )
    parser.add_argument(
        '--out-dir',
        default='demo_out',
        help='nothing in it is overwritten (default: demo_out)',
    )
    parser.add_argument(
        '--device', help='such as cpu or cuda:0 (default: a GPU if there is)'
    )
    parser.add_argument(
        '--batch-size', type=at_least(1), default=1, help='default: 1'
    )
    add_cfg_options(parser, 'model.batch_stats_parts=[]')
    args = parser.parse_args(argv)
    if args.model and args.config:
        parser.error('name the model once: as CONFIG, or by --model')
    args.config = args.model or args.config
    if args.reference_name and Path(args.reference).is_dir():
        parser.error('--reference-name is of one photograph, not of a folder')
    return args


def spelled_here(args):
    """Have the inferencer's messages speak of our options."""
    return spelled_as_options(
        'target',
        'reference_name',
        'target_name',
        'reference_person',
        'target_person',
        'min_score',
        'pose_estimator',
        'background',
        'device',
        reference_keypoints='--keypoints of the reference',
        target_keypoints='--keypoints of the target'
        if args.keypoints and not args.target_keypoints
        else '--target-keypoints',
    )


@told_plainly(LESS_MEMORY)
def main(argv=None):
    """Run the model, and say what was written.

    Args:
        argv (list[str], optional): Arguments; default: the command line's.
    """
    args = parse_args(argv)
    estimator = build_pose_estimator(args.pose_estimator, **args.pose_options)
    with spelled_here(args):
        config, checkpoint = with_shipped_weights(args.config, args.checkpoint)
        inferencer = PoseTransferInferencer(
            load_config(config, args.cfg_options),
            checkpoint,
            args.device,
            show_progress=True,
            pose_estimator=estimator,
        )
        result = inferencer(
            args.reference,
            args.keypoints,
            args.target_keypoints or args.keypoints,
            args.target,
            reference_name=args.reference_name,
            target_name=args.target_name,
            reference_person=args.reference_person,
            target_person=args.target_person,
            min_score=args.min_score,
            crop=args.crop,
            background=args.background,
            out_dir=args.out_dir,
            batch_size=args.batch_size,
            return_arrays=False,
        )
    for prediction in result['predictions']:
        print(f'{prediction["ref_id"]} as {prediction["tgt_id"]}:')
        for what, path in prediction['paths'].items():
            print(f'  {what:<16} {path}')
