"""Warp the clothes of one person onto the pose of another, without a network.

    python demo/warp_demo.py demo/inputs/cardigan.png demo/inputs/dress.png \
        --keypoints demo/inputs/poses.csv --out demo_out/warp.png

Bodies are fitted to the keypoints; where the target shows a point of the body,
flow tells where the reference has it, also if the two are different people.
Each picture of three or more is warped onto the next one. Without --keypoints
the poses are found in the pictures.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import torch

from mmposetransfer.apis.framing import fit_frame
from mmposetransfer.cli.arguments import at_least, spelled_as_options
from mmposetransfer.cli.left_out import tell_left_out
from mmposetransfer.cli.mistakes import told_plainly
from mmposetransfer.datasets import load_keypoints
from mmposetransfer.datasets.keypoints import match_keypoints
from mmposetransfer.geometry import BodyFitter, FlowSynthesizer
from mmposetransfer.io.folders import Picture, find_pictures
from mmposetransfer.io.image_io import read_image, write_image
from mmposetransfer.models import warp_image
from mmposetransfer.pose_estimators import build_pose_estimator
from mmposetransfer.structures import PoseTransferDataSample
from mmposetransfer.visualization import image_from_bgr, make_grid

PANELS = (
    'reference',
    'target_image',
    'target_pose',
    'flow',
    'visibility',
    'warped',
)


def parse_args(argv=None):
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        'images', nargs='+', help='two photographs or more, or folders of them'
    )
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        '--keypoints',
        metavar='FILE',
        help='a keypoint file of any format that docs/keypoints.md lists',
    )
    source.add_argument(
        '--pose-estimator',
        default='auto',
        metavar='NAME',
        help='finds the poses otherwise: mediapipe, rtmlib or mmpose '
        '(default: mediapipe, where it is installed)',
    )
    parser.add_argument(
        '--size',
        type=at_least(1),
        nargs=2,
        default=(256, 256),
        metavar=('H', 'W'),
        help='of the pictures drawn',
    )
    parser.add_argument('--out', default='demo_out/warp.png')
    return parser.parse_args(argv)


def find_images(args):
    """The photographs, also those of folders."""
    images = []
    for name in args.images:
        if Path(name).is_dir():
            found = find_pictures(name)
            tell_left_out(
                f'{name}: {len(found.pictures)} pictures taken', found.left_out
            )
            images += found.pictures
        else:
            images.append(Picture('', name))
    if len(images) < 2:
        sys.exit(f'error: found {len(images)} of at least two photographs')
    return images


def read_poses(args, names, images):
    """Keypoints (18, 3) of the largest person in each photograph."""
    if args.keypoints:
        tables = {}
        entries = match_keypoints(
            args.keypoints, dict.fromkeys(names), tables=tables
        )
        return [
            load_keypoints(
                args.keypoints,
                entries.get(name) or name,
                tables=tables,
                size=image.shape[:2],
            )
            for name, image in zip(names, images, strict=True)
        ]
    found = build_pose_estimator(args.pose_estimator)(
        images, list(map(str, names))
    )
    for name, persons in zip(names, found, strict=True):
        if not len(persons):
            sys.exit(
                f"error: nobody was found in '{name}': give another "
                'picture, or its pose by --keypoints'
            )
    return [persons[0] for persons in found]


def framed(args, names):
    """Photographs and poses, around the person where that is small."""
    images = [read_image(name) for name in names]
    poses = read_poses(args, names, images)
    frames = [
        fit_frame(image.shape[:2], tuple(args.size), pose)
        for image, pose in zip(images, poses, strict=True)
    ]
    return (
        [f.place_image(i) for f, i in zip(frames, images, strict=True)],
        [f.place_keypoints(p) for f, p in zip(frames, poses, strict=True)],
    )


def make_sample(images, poses, synthesizer, ref, tgt):
    """One pair, with the reference warped onto the target's pose."""
    flow, visibility = map(torch.from_numpy, synthesizer(ref, tgt))
    ref_img = image_from_bgr(images[ref])
    warped = warp_image(ref_img[None], flow[None], visibility[None])[0]
    return PoseTransferDataSample(
        ref_img=ref_img,
        target_img=image_from_bgr(images[tgt]),
        tgt_keypoints=torch.from_numpy(poses[tgt]),
        pred_flow=flow,
        pred_visibility=visibility,
        warped_img=warped,
    )


@told_plainly()
@spelled_as_options(image_name='the name of the picture')
def main(argv=None):
    """Fit, warp, draw."""
    args = parse_args(argv)
    names = find_images(args)
    images, poses = framed(args, names)
    fits = BodyFitter()(
        np.stack(poses), list(map(str, names)), np.array(args.size)
    )
    for name, good in zip(names, fits.success, strict=True):
        if not good:
            print(f'{name}: the body does not fit well; look at its pose')
    synthesizer = FlowSynthesizer(fits)
    count = len(images) if len(images) > 2 else 1
    grid = make_grid(
        [
            make_sample(images, poses, synthesizer, k, (k + 1) % len(images))
            for k in range(count)
        ],
        PANELS,
    )
    write_image(args.out, grid[..., ::-1])
    print(args.out)


if __name__ == '__main__':
    main()
