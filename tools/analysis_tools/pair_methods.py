"""Pairs of photographs, and what methods make of them."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch

from mmposetransfer.apis import PoseTransferInferencer
from mmposetransfer.cli.left_out import tell_left_out
from mmposetransfer.datasets import load_keypoints, picture_id
from mmposetransfer.datasets.keypoints import match_keypoints
from mmposetransfer.errors import UserFileNotFoundError, UserValueError
from mmposetransfer.geometry import BodyFitter, FlowSynthesizer
from mmposetransfer.io.folders import find_pictures
from mmposetransfer.io.image_io import read_image
from mmposetransfer.io.left_out import few
from mmposetransfer.models import warp_image
from mmposetransfer.structures.visibility import BACKGROUND
from mmposetransfer.visualization import image_from_bgr, image_to_rgb

MARGIN = 4  # columns of the reference on each side that are the wall's


@dataclass
class Pair:
    """One pair at the size it is judged at; pictures are uint8 BGR.

    Attributes:
        name: What its files' names begin with.
        ref_img, gt_img: Reference and truth, (H, W, 3).
        ref_pose, gt_pose: OpenPose-18 joints in their pixels, (18, 3); None
            where nobody needs them.
    """

    name: str
    ref_img: np.ndarray
    gt_img: np.ndarray
    ref_pose: np.ndarray | None = None
    gt_pose: np.ndarray | None = None


def bring_to(image, size):
    """A picture at (height, width)."""
    return cv2.resize(image, tuple(size)[::-1], interpolation=cv2.INTER_AREA)


def read_pairs(folder, size, with_poses):
    """The pairs of a folder, in the order of their names."""
    if not Path(folder).is_dir():
        raise UserFileNotFoundError(
            f"there is no folder '{folder}' of pairs. The library ships none, "
            'as photographs have owners; --help says what belongs there'
        )
    files = find_pairs(folder)
    path, tables, entries = Path(folder, 'keypoints.csv'), {}, {}
    if with_poses:
        pictures = [file for pair in files.values() for file in pair]
        entries = match_keypoints(path, pictures, tables=tables)
    pairs = []
    for name, pair in files.items():
        images = [read_image(file) for file in pair]
        poses = [
            read_pose(path, entries[file] or file, image, size, tables)
            for file, image in zip(pair, images, strict=True)
            if with_poses
        ]
        small = [bring_to(image, size) for image in images]
        pairs.append(Pair(name, *small, *poses))
    return pairs


def find_pairs(folder):
    """Name of each pair of a folder -> its reference and its truth."""
    found = find_pictures(folder)
    files = {picture_id(picture.name): picture for picture in found.pictures}
    names = sorted(
        name.removesuffix('_gt') for name in files if name.endswith('_gt')
    )
    tell_left_out(f'{folder}: {len(names):,} pairs taken', found.left_out)
    if not names:
        raise UserFileNotFoundError(
            f"'{folder}' holds no pairs NN_ref.png, NN_gt.png"
        )
    lacking = [name for name in names if f'{name}_ref' not in files]
    if lacking:
        raise UserFileNotFoundError(
            f"'{folder}' has no NN_ref of {len(lacking)} pairs NN: "
            f'{few(lacking)}'
        )
    return {
        name: (files[f'{name}_ref'], files[f'{name}_gt']) for name in names
    }


def read_pose(path, entry, image, size, tables):
    """Joints of a picture, in pixels of what it is brought to."""
    pose = load_keypoints(path, entry, tables=tables, size=image.shape[:2])
    scale = np.array(size)[::-1] / image.shape[1::-1]
    moved = (pose[:, :2] + 0.5) * scale - 0.5  # centres of pixels
    pose[:, :2] = np.where(pose[:, 2:] > 0, moved, 0)
    return pose


def warped_by_fits(pairs, size):
    """References warped to the targets' bodies, on a wall of one colour."""
    poses = [pose for p in pairs for pose in (p.ref_pose, p.gt_pose)]
    names = [name for p in pairs for name in (f'{p.name}_ref', f'{p.name}_gt')]
    synthesizer = FlowSynthesizer(
        BodyFitter()(np.stack(poses), names, np.array(size))
    )
    pictures = {}
    for row, pair in enumerate(pairs):
        flow, visibility = map(
            torch.from_numpy, synthesizer(2 * row, 2 * row + 1)
        )
        warped = warp_image(
            image_from_bgr(pair.ref_img)[None], flow[None], visibility[None]
        )[0]
        body = visibility.permute(1, 2, 0).numpy() != BACKGROUND
        pictures[pair.name] = np.where(
            body, image_to_rgb(warped)[..., ::-1], wall_colour(pair.ref_img)
        )
    return pictures


def wall_colour(image):
    """The median colour at the left and right side, (3,) uint8."""
    sides = np.hstack([image[:, :MARGIN], image[:, -MARGIN:]])
    return np.median(sides, axis=(0, 1)).astype(np.uint8)


def made_by_model(pairs, config, checkpoint, size):
    """What a model makes of the pairs, by the same way as any user's."""
    made = PoseTransferInferencer(config, checkpoint)(
        [pair.ref_img for pair in pairs],
        [pair.ref_pose for pair in pairs],
        [pair.gt_pose for pair in pairs],
        target_size=tuple(size),
        crop='none',
    )['predictions']
    return {
        pair.name: result['image']
        for pair, result in zip(pairs, made, strict=True)
    }


def read_results(pairs, folder, size, ending=''):
    """Pictures NN or NN_..., one for each pair."""
    by_name, found = {}, find_pictures(folder)
    names = [pair.name for pair in pairs]
    for picture in found.pictures:
        stem = picture_id(picture.name)
        name = pair_of(stem, names)
        if name is None or not stem.endswith(ending):
            found.left_out.add('no result of a pair', picture.name)
        elif by_name.setdefault(name, picture) != picture:
            raise UserValueError(
                f"'{folder}' has more than one picture of the pair {name}: "
                f"'{by_name[name].name}' and '{picture.name}'"
            )
    tell_left_out(f'{folder}: {len(by_name):,} results taken', found.left_out)
    missing = [name for name in names if name not in by_name]
    if missing:
        raise UserFileNotFoundError(
            f"'{folder}' has no picture of {len(missing)} pairs: "
            f'{few(missing)}'
        )
    return {
        pair.name: bring_to(read_image(by_name[pair.name]), size)
        for pair in pairs
    }


def pair_of(stem, names):
    """Which pair a result NN or NN_... is of; None if it is of none."""
    parts = stem.split('/')
    own = [
        name
        for name in names
        # Names of pairs may have folders and underscores in them.
        if f'{"/".join(parts[-1 - name.count("/") :])}_'.startswith(f'{name}_')
    ]
    return max(own, key=len, default=None)
