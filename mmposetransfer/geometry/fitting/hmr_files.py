"""Files of fits made elsewhere, by the names that their fields go by."""

import os
import zipfile
from dataclasses import replace

import numpy as np

from mmposetransfer.errors import UserFileNotFoundError, UserValueError
from mmposetransfer.io.plain_pickle import load_plain_pickle

from .body_fits import BodyFits
from .hmr_fits import fits_from_hmr, fits_from_paper
from .hmr_tracks import (
    are_frames_of_phalp,
    are_tracks,
    fields_of_phalp,
    named_by_frames,
)

__all__ = ['read_hmr_fits']

# What each field is called by whom; the first that is there counts.
_POSES = ('pose', 'rotmats', 'pred_rotmat', 'pred_pose')
_BETAS = ('betas', 'pred_betas', 'shape')
_CAMS = ('pred_cam', 'pred_camera', 'cam', 'camera')
_NAMES = ('names', 'imgname')
_NESTED = ('pred_smpl_params', 'smpl_params')
_MARKS = ('theta', 'global_orient', *_POSES, *_NESTED)
_PICKLES = ('.pkl', '.pickle', '.joblib', '.z', '.gz', '.bz2', '.xz', '.lzma')


def read_hmr_fits(path, body, box=None, size=None, frames=None):
    """Read fits of HMR, SPIN, VIBE, PHALP, 4D-Humans or of the paper's line.

    Understood are ``.npz`` and ``.pkl`` of plain arrays (nothing in them is
    executed; also those of joblib, compressed or not) with, for one person
    or with people along the first axis,

    - ``theta`` (85): camera, 72 of pose, 10 betas (HMR), and of the paper's
      files ``verts2d`` beside it, from which the camera is taken then; or
    - ``pose`` / ``rotmats`` / ``pred_rotmat``, or ``global_orient`` and
      ``body_pose`` (4D-Humans; also inside ``pred_smpl_params``), axis-angle
      or rotation matrices; ``betas`` / ``pred_betas`` / ``shape``; and
      ``pred_cam`` / ``pred_camera`` / ``cam`` / ``camera``;
    - the crop: ``box_center`` and ``box_size`` (4D-Humans), ``bboxes`` or
      ``bbox`` of cx, cy, w, h (VIBE; the longer side counts) or cx, cy,
      side, or ``center`` and ``scale`` in units of 200 pixels (SPIN);
    - optionally names as ``names`` or ``imgname``, or numbers of frames as
      ``frame_ids``, and ``img_size`` as width and height (4D-Humans).

    A ``.pkl`` may also map the names of pictures to such dicts, people to
    such dicts with ``frame_ids`` (VIBE's demo), or frames to lists of people
    (PHALP's and 4D-Humans' demos). Fits are then named by frame, and, where
    there are several people, as FRAME#PERSON.

    Args:
        path (str | Path): The file.
        body (BodyModel): The body that they are of: the user's SMPL.
        box (np.ndarray, optional): cx, cy and side of the crop in pixels where
            the file does not say: (3,) or (N, 3). An HMR picture of 224 that
            was not cropped is (112, 112, 224).
        size (tuple[int, int], optional): Height and width of the pictures,
            where the file does not say.
        frames (Sequence[str], optional): Names of the pictures of a video,
            the first is that of frame 0. Defaults to the paths in the file
            (PHALP) or to the numbers of frames (VIBE).

    Returns:
        BodyFits: The fits. Those of people whom PHALP did not see in a frame
        are marked as no success.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If a field is missing or malformed; names file and field.
    """
    content = _content(os.fspath(path))
    rest = (body, box, size, frames)
    if are_frames_of_phalp(content):
        return _explained(_tracked, f"'{path}'", content, body, frames)
    if (
        not any(mark in content for mark in _MARKS)
        and content
        and all(isinstance(value, dict) for value in content.values())
    ):
        several = are_tracks(content) and len(content) > 1
        return BodyFits.concatenate(
            [
                _explained(
                    _fits,
                    f"'{path}' ({key})",
                    value,
                    str(key),
                    *rest,
                    f'#{key}' if several else '',
                )
                for key, value in content.items()
            ]
        )
    stem = os.path.splitext(os.path.basename(path))[0]
    return _explained(_fits, f"'{path}'", content, stem, *rest)


def _content(path):
    if path.lower().endswith(_PICKLES):
        content = load_plain_pickle(path)
    elif not os.path.isfile(path):
        raise UserFileNotFoundError(f"there is no file of fits '{path}'")
    elif zipfile.is_zipfile(path):
        with np.load(path, allow_pickle=False) as file:
            try:
                content = dict(file)
            except Exception as error:  # a damaged entry fails in many ways
                raise UserValueError(
                    f"'{path}' is no .npz of plain arrays: {error}"
                ) from error
    else:
        raise UserValueError(f"'{path}' is neither an .npz nor a .pkl")
    if not isinstance(content, dict):
        raise UserValueError(
            f"'{path}': expected a dict of arrays, got "
            f'{type(content).__name__}'
        )
    return content


def _explained(read, where, *arguments):
    """Read, and say where it is that something is wrong."""
    try:
        return read(*arguments)
    except (KeyError, TypeError, ValueError) as error:
        text = error.args[0] if error.args else error
        raise UserValueError(f'{where}: {text}') from error


def _tracked(content, body, frames):
    """Fits of the frames of PHALP."""
    fields, boxes, seen = fields_of_phalp(content, frames)
    fits = _fits(fields, '', body, boxes, None, None)
    return replace(fits, success=fits.success & seen)


def _fits(content, stem, body, box, size, frames, person=''):
    for key in _NESTED:
        if isinstance(content.get(key), dict):
            content = {**content, **content[key]}
    if 'frame_ids' in content and not set(_NAMES) & set(content):
        content = named_by_frames(content, frames, person)
    count, theta = None, None
    if 'theta' in content:
        theta = np.atleast_2d(np.asarray(content['theta'], np.float64))
        if theta.ndim != 2 or theta.shape[1] != 85:
            raise UserValueError(f'theta: expected (N, 85), got {theta.shape}')
        pose, count = theta[:, 3:75], len(theta)
    else:
        pose = _pose(content)
        count = len(pose)
    names = _names(content, stem, count)
    size = _size(content, size)
    if theta is not None and 'verts2d' in content:
        return fits_from_paper(body, theta, content['verts2d'], names, size)
    betas = _find(content, _BETAS) if theta is None else theta[:, 75:]
    cam = _find(content, _CAMS) if theta is None else theta[:, :3]
    return fits_from_hmr(
        body, pose, betas, cam, _boxes(content, box, count), names, size
    )


def _find(content, keys):
    for key in keys:
        if key in content:
            return np.asarray(content[key])
    raise UserValueError(
        f'none of the fields {", ".join(keys)}; there are '
        f'{", ".join(sorted(map(str, content))) or "no fields"}'
    )


def _pose(content):
    """(N, 72) or (N, 24, 3, 3) from one field or two."""
    if 'global_orient' in content and 'body_pose' in content:
        parts = [
            np.asarray(content[key]) for key in ('global_orient', 'body_pose')
        ]
        matrices = parts[0].shape[-2:] == (3, 3) and parts[0].ndim >= 3
        tail = (3, 3) if matrices else (3,)
        parts = [
            part.reshape(-1, joints, *tail)
            for part, joints in zip(parts, (1, 23), strict=True)
        ]
        return np.concatenate(parts, 1)
    pose = _find(content, _POSES)
    single = pose.shape in ((72,), (24, 3), (24, 3, 3))
    return pose[None] if single else pose


def _boxes(content, box, count):
    """(N, 3) centre and side."""
    if box is not None:
        return np.asarray(box, np.float64)
    if 'box_center' in content and 'box_size' in content:
        centre, side = content['box_center'], content['box_size']
    elif 'center' in content and 'scale' in content:
        centre, side = content['center'], 200 * np.asarray(content['scale'])
    else:
        boxes = np.asarray(_find(content, ('bboxes', 'bbox')), np.float64)
        boxes = boxes.reshape(-1, boxes.shape[-1])
        centre, side = boxes[:, :2], boxes[:, 2:].max(1)
    return np.concatenate(
        [np.reshape(centre, (count, 2)), np.reshape(side, (count, 1))], 1
    )


def _names(content, stem, count):
    for key in _NAMES:
        if key in content:
            return [
                name.decode() if isinstance(name, bytes) else str(name)
                for name in np.atleast_1d(content[key])
            ]
    return [stem] if count == 1 else [f'{stem}#{n}' for n in range(count)]


def _size(content, size):
    if size is None and 'img_size' in content:
        return np.asarray(content['img_size']).reshape(-1, 2)[:, ::-1]
    return size
