"""What a user hands to the inferencer, as one request for each picture."""

import numbers
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mmposetransfer.datasets.keypoints import load_keypoints, match_keypoints
from mmposetransfer.errors import UserValueError
from mmposetransfer.io.folders import Picture
from mmposetransfer.io.image_io import read_image
from mmposetransfer.io.left_out import LeftOut
from mmposetransfer.io.picture_formats import split_ending
from mmposetransfer.utils.spelling import spell, spelled

from .framing import fit_frame
from .person_lookup import find_person, look_for_person

__all__ = ['TransferRequest', 'load_request', 'name_references']

NO_POSE = (
    '{keypoints} are missing. Pass joints as an array, or a file of them '
    '(CSV, JSON of OpenPose, COCO, AlphaPose, mmpose or ControlNet, .pkl, '
    ".npy); or have them found in the picture: {found}, 'rtmlib' or 'mmpose'."
)
NO_PICTURE = (
    'the wanted pose is missing, and there is no picture to find it in: pass '
    'one of {target} and {keypoints}'
)


@dataclass
class TransferRequest:
    """One picture to be made.

    Attributes:
        ref_id: Name of the reference.
        tgt_id: Name of the target pose.
        ref_img: The reference, (H, W, 3) uint8 BGR.
        ref_keypoints: Its pose, (18, 3), in its pixels; None where nobody
            knows it, and the method does without.
        tgt_keypoints: The wanted pose, (18, 3), in pixels of ``tgt_size``.
        tgt_size: (height, width) of the picture that the pose is from; None
            if the pose is meant for the reference's own picture.
        tgt_img: The picture that the pose is from, where there is one.
        ref_person: (H, W) float32 in [0, 1], the share of the person in each
            pixel of the reference, where that was found with the pose.
    """

    ref_id: str
    tgt_id: str
    ref_img: np.ndarray
    ref_keypoints: np.ndarray | None
    tgt_keypoints: np.ndarray
    tgt_size: tuple[int, int] | None
    tgt_img: np.ndarray | None
    ref_person: np.ndarray | None = None

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
        shown = self.ref_keypoints if crop else None
        if self.tgt_size is None:
            if shown is not None:
                shown = np.concatenate([shown, self.tgt_keypoints])
            frame = fit_frame(size, canvas_size, shown)
            return frame, frame
        return (
            fit_frame(size, canvas_size, shown),
            fit_frame(
                self.tgt_size,
                canvas_size,
                self.tgt_keypoints if crop else None,
            ),
        )


def load_request(
    reference,
    reference_keypoints,
    target_keypoints,
    target=None,
    reference_name=None,
    target_name=None,
    target_size=None,
    reference_person=None,
    target_person=None,
    min_score=None,
    index=0,
    tables=None,
    pose_estimator=None,
    with_mask=False,
    needs_ref_pose=True,
):
    """Read and check all that one picture is made of.

    Args:
        reference (str | Path | ndarray): The photograph of the person.
        reference_keypoints: Its pose, see
            `mmposetransfer.datasets.load_keypoints`.
        target_keypoints: The wanted pose, likewise.
        target (str | Path | ndarray, optional): The picture that the wanted
            pose is from.
        reference_name (str, optional): The name of the reference in the
            keypoint file, where it is not that of ``reference``.
        target_name (str, optional): That of the target, likewise.
        target_size (tuple[int, int], optional): Its (height, width), where
            ``target`` is not given. Defaults to the reference's.
        reference_person (int, optional): Which person of several in the
            reference's keypoint file, or of those that are found.
        target_person (int, optional): Which person of several in the
            target's.
        min_score (float, optional): Joints with a lower score count as
            missing; see `load_keypoints`.
        index (int): Names sources that have no name.
        tables (dict, optional): Keeps keypoint files for further requests;
            see `load_keypoints`.
        pose_estimator (PoseEstimator, optional): Finds poses that are not
            given in their pictures.
        with_mask (bool): Whether to look for the reference's person also
            where its pose is given, if the pose estimator finds masks.
        needs_ref_pose (bool): Whether it is an error if the reference's pose
            is neither given nor found.

    Returns:
        TransferRequest: Checked.

    Raises:
        FileNotFoundError, TypeError, ValueError: If an image or a pose
            cannot be used; the message names the file and the joint.
    """
    for side, keypoints, needed in (
        ('reference', reference_keypoints, needs_ref_pose),
        ('target', target_keypoints, True),
    ):
        if needed and keypoints is None and pose_estimator is None:
            raise UserValueError(
                NO_POSE.format(
                    keypoints=spell(f'{side}_keypoints'),
                    found=spell('pose_estimator', 'mediapipe'),
                )
            )
    if target_keypoints is None and target is None:
        raise UserValueError(
            NO_PICTURE.format(
                target=spell('target'), keypoints=spell('target_keypoints')
            )
        )
    ref_img = read_image(reference)
    tgt_img = None if target is None else read_image(target)
    if tgt_img is not None:
        target_size = tgt_img.shape[:2]
    elif target_size is not None:
        target_size = _checked_size(target_size)
    ref_name = _picture_name(reference)
    tgt_name = target_name or _picture_name(target)
    ref_person = None
    if reference_keypoints is None and pose_estimator is not None:
        reference_keypoints, ref_person = find_person(
            'reference',
            pose_estimator,
            ref_img,
            ref_name,
            reference_person,
            required=needs_ref_pose,
        )
    if target_keypoints is None:
        target_keypoints, _ = find_person(
            'target', pose_estimator, tgt_img, tgt_name, target_person
        )
    ref_keypoints = None
    if reference_keypoints is not None:
        ref_keypoints = _load_pose(
            'reference',
            ref_img.shape[:2],
            source=reference_keypoints,
            image_name=reference_name or ref_name,
            person=reference_person,
            min_score=min_score,
            tables=tables,
        )
        if with_mask and ref_person is None and pose_estimator is not None:
            ref_keypoints, ref_person = look_for_person(
                pose_estimator, ref_img, ref_name, ref_keypoints
            )
    tgt_keypoints = _load_pose(
        'target',
        target_size or ref_img.shape[:2],
        source=target_keypoints,
        image_name=tgt_name,
        person=target_person,
        min_score=min_score,
        tables=tables,
    )
    return TransferRequest(
        ref_id=_stem(ref_name or reference_name) or f'reference{index}',
        tgt_id=_stem(tgt_name)
        or _file_stem(target_keypoints)
        or f'target{index}',
        ref_img=ref_img,
        ref_keypoints=ref_keypoints,
        tgt_keypoints=tgt_keypoints,
        tgt_size=target_size,
        tgt_img=tgt_img,
        ref_person=ref_person,
    )


def name_references(rows, tables):
    """Say which keypoints are whose, where a file holds those of several.

    No two references get one entry, as may happen where each is looked up
    alone.

    Args:
        rows (list[dict]): Arguments of `load_request`; ``reference_name`` is
            put into those that have none.
        tables (dict): As of `load_request`.

    Returns:
        tuple[list[dict], LeftOut]: The rows, without pictures of a folder of
        which there are no keypoints; these pictures.

    Raises:
        FileNotFoundError, ValueError: As of `match_keypoints`; also if a
            picture that was named itself has no keypoints.
    """
    shared, left_out, lacking = {}, LeftOut(), set()
    for row in rows:
        source, picture = row['reference_keypoints'], row['reference']
        is_file = isinstance(source, (str, os.PathLike))
        if (
            is_file
            and _picture_name(picture)
            and not row.get('reference_name')
        ):
            shared.setdefault(os.fspath(source), []).append(row)
    for source, users in shared.items():
        files = {}  # a file may be there under several names
        for row in users:
            path = os.path.realpath(row['reference'])
            files.setdefault(path, _picture_name(row['reference']))
        if len(files) == 1:
            continue
        entries = match_keypoints(source, files.values(), tables=tables)
        for row in users if entries else ():
            picture = files[os.path.realpath(row['reference'])]
            row['reference_name'] = entries[picture]
            if entries[picture] is None:
                reason = f"'{source}' has no keypoints of it"
                left_out.add(reason, picture.name)
                lacking.add(id(row))
                if not picture.folder:
                    raise UserValueError(
                        f"reference_keypoints: '{source}' has no keypoints of "
                        f"the image '{picture}', or only ones that are those "
                        'of another reference'
                    )
    return [row for row in rows if id(row) not in lacking], left_out


def _checked_size(size):
    sides = tuple(size) if np.iterable(size) else ()
    if len(sides) != 2 or not all(
        isinstance(v, numbers.Integral) and v > 0 for v in sides
    ):
        raise UserValueError(
            'target_size must be (height, width) in pixels, or a list with '
            f'one of them for each picture, got {size!r}'
        )
    return sides


def _load_pose(side, size, image_name, person, **source):
    """The keypoints of one side; its messages speak of our arguments."""
    name = spell(f'{side}_name')
    if side == 'target' and image_name is None:
        name = f'{spell("target")} or {name}'
    try:
        with spelled(image_name=name, person=f'{side}_person'):
            return load_keypoints(
                image_name=image_name, person=person, size=size, **source
            )
    except (TypeError, ValueError) as error:
        raise type(error)(f'{spell(f"{side}_keypoints")}: {error}') from error


def _picture_name(source):
    """What a picture is looked up by: where it lies tells namesakes apart."""
    if isinstance(source, Picture):
        return source
    is_path = isinstance(source, (str, os.PathLike))
    return Picture('', os.fspath(source)) if is_path else None


def _stem(name):
    """What results are called: of a picture in a folder its path within."""
    if name is None:
        return None
    if not isinstance(name, Picture) or not name.folder:
        name = Path(name).name
    return split_ending(getattr(name, 'name', name))[0]


def _file_stem(source):
    is_path = isinstance(source, (str, os.PathLike))
    return Path(source).stem if is_path else None
