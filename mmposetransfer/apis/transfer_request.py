"""What a user hands to the inferencer, as one request for each picture."""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mmposetransfer.datasets.keypoint_arrays import check_keypoints
from mmposetransfer.datasets.keypoint_io import load_keypoints
from mmposetransfer.utils.image_io import read_image

from .framing import fit_frame

__all__ = ['TransferRequest', 'broadcast', 'load_request']

NO_POSE = (
    '{side}_keypoints are missing: the library finds no poses itself. Pass '
    'joints as an array, or a CSV, OpenPose JSON or COCO JSON file; '
    'OpenPose, rtmlib, MediaPipe or mmpose make them from a picture.'
)


@dataclass
class TransferRequest:
    """One picture to be made.

    Attributes:
        ref_id: Name of the reference.
        tgt_id: Name of the target pose.
        ref_img: The reference, (H, W, 3) uint8 BGR.
        ref_keypoints: Its pose, (18, 3), in its pixels.
        tgt_keypoints: The wanted pose, (18, 3), in pixels of ``tgt_size``.
        tgt_size: (height, width) of the picture that the pose is from; None
            if the pose is meant for the reference's own picture.
        tgt_img: The picture that the pose is from, where there is one.
    """

    ref_id: str
    tgt_id: str
    ref_img: np.ndarray
    ref_keypoints: np.ndarray
    tgt_keypoints: np.ndarray
    tgt_size: tuple[int, int] | None
    tgt_img: np.ndarray | None

    def frames(self, canvas_size, crop):
        """Choose the parts of the two photographs that the model shall see.

        Args:
            canvas_size (tuple[int, int]): (height, width) of the model.
            crop (bool): Whether to cut out a person who is small.

        Returns:
            tuple[Frame, Frame]: Of the reference and of the target; the same
            if the wanted pose is meant for the reference's own picture.
        """
        size = self.ref_img.shape[:2]
        if self.tgt_size is None:
            both = np.concatenate([self.ref_keypoints, self.tgt_keypoints])
            frame = fit_frame(size, canvas_size, both if crop else None)
            return frame, frame
        return (
            fit_frame(size, canvas_size, self.ref_keypoints if crop else None),
            fit_frame(
                self.tgt_size,
                canvas_size,
                self.tgt_keypoints if crop else None,
            ),
        )


def broadcast(**sources):
    """One dictionary for each picture, out of single sources and lists.

    Args:
        **sources: Each a single source, which is meant for all pictures, or
            a list or tuple with one for each picture.

    Returns:
        list[dict]: With the keys of ``sources``.

    Raises:
        ValueError: If two lists differ in length, or one is empty.
    """
    lists = {
        key: value
        for key, value in sources.items()
        if isinstance(value, (list, tuple)) and not _is_pose(value)
    }
    lengths = {key: len(value) for key, value in lists.items()}
    count = max(lengths.values(), default=1)
    if not set(lengths.values()) <= {1, count} or count == 0:
        raise ValueError(
            'sources must be single, or lists with one entry for each '
            f'picture; got lists of these lengths: {lengths}'
        )
    return [
        {
            key: lists[key][i % len(lists[key])] if key in lists else value
            for key, value in sources.items()
        }
        for i in range(count)
    ]


def _is_pose(value):
    """Whether a list is one pose, [[x, y, score], ...], not many sources."""
    first = value[0] if value else None
    return (
        isinstance(first, (list, tuple))
        and len(first) > 0
        and isinstance(first[0], (int, float))
    )


def load_request(
    reference,
    reference_keypoints,
    target_keypoints,
    target=None,
    target_name=None,
    target_size=None,
    reference_person=None,
    target_person=None,
    index=0,
):
    """Read and check all that one picture is made of.

    Args:
        reference (str | Path | ndarray): The photograph of the person.
        reference_keypoints: Its pose, see
            `mmposetransfer.datasets.keypoint_io.load_keypoints`.
        target_keypoints: The wanted pose, likewise.
        target (str | Path | ndarray, optional): The picture that the wanted
            pose is from.
        target_name (str, optional): Its name in the keypoint file, where it
            is not that of ``target``.
        target_size (tuple[int, int], optional): Its (height, width), where
            ``target`` is not given. Defaults to the reference's.
        reference_person (int, optional): Which person of several in the
            reference's keypoint file.
        target_person (int, optional): Which person of several in the
            target's.
        index (int): Names sources that have no name.

    Returns:
        TransferRequest: Checked.

    Raises:
        FileNotFoundError, TypeError, ValueError: If an image or a pose
            cannot be used; the message names the file and the joint.
    """
    for side, keypoints in (
        ('reference', reference_keypoints),
        ('target', target_keypoints),
    ):
        if keypoints is None:
            raise ValueError(NO_POSE.format(side=side))
    ref_img = read_image(reference)
    tgt_img = None if target is None else read_image(target)
    if tgt_img is not None:
        target_size = tgt_img.shape[:2]
    if target_name is None:
        target_name = _file_name(target)
    ref_name = _file_name(reference)
    ref_keypoints = _load_pose(
        reference_keypoints,
        ref_name,
        reference_person,
        'reference_keypoints',
        ref_img.shape[:2],
    )
    tgt_keypoints = _load_pose(
        target_keypoints,
        target_name,
        target_person,
        'target_keypoints',
        target_size or ref_img.shape[:2],
    )
    return TransferRequest(
        ref_id=_stem(ref_name) or f'reference{index}',
        tgt_id=_stem(target_name or _file_name(target_keypoints))
        or f'target{index}',
        ref_img=ref_img,
        ref_keypoints=ref_keypoints,
        tgt_keypoints=tgt_keypoints,
        tgt_size=tuple(target_size) if target_size else None,
        tgt_img=tgt_img,
    )


def _load_pose(source, image_name, person, argument, size):
    try:
        keypoints = load_keypoints(source, image_name, person=person)
        check_keypoints(keypoints, size=size)
    except (TypeError, ValueError) as error:
        raise type(error)(f'{argument}: {error}') from error
    return keypoints


def _file_name(source):
    is_path = isinstance(source, (str, os.PathLike))
    return Path(source).name if is_path else None


def _stem(name):
    return Path(name).stem if name else None
