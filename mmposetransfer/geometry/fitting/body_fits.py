"""Fitted bodies of many pictures: what a fit is, and its file.

Conventions: the body as :class:`BodyModel` poses it without translation,
seen by the camera of its row. A person takes about a quarter of a kilobyte
in the file, names aside.
"""

import os
import zipfile
from dataclasses import dataclass, replace

import numpy as np

from mmposetransfer.utils.atomic_write import atomic_write

from ..cameras import PerspectiveCamera, WeakPerspectiveCamera

__all__ = ['BodyFits', 'body_name', 'load_fits', 'save_fits']

_VERSION = 1
# Of each array: its shape after the people, and its type in the file. Half
# floats hold an axis-angle to 0.06 degrees.
_ARRAYS = {
    'betas': ((None,), np.float16),
    'body_pose': ((69,), np.float16),
    'global_orient': ((3,), np.float32),
    'camera': ((4,), np.float32),
    'sizes': ((2,), np.int32),
    'errors': ((18,), np.float16),
    'energy': ((), np.float32),
    'success': ((), np.bool_),
}
# NaN where a joint is missing, or the fit was made elsewhere.
_MAY_BE_NAN = ('errors', 'energy')


@dataclass(frozen=True)
class BodyFits:
    """Bodies fitted to N pictures of people.

    Attributes:
        names (np.ndarray): (N,) str, the pictures.
        betas (np.ndarray): (N, S) float32 shape coefficients.
        body_pose (np.ndarray): (N, 69) float32 axis-angle of SMPL's 23 body
            joints, radians.
        global_orient (np.ndarray): (N, 3) float32 axis-angle of the pelvis.
        camera (np.ndarray): (N, 4) float32: pixels per metre at the world's
            origin, its column and row, and its distance from the camera in
            metres, infinite for weak perspective.
        sizes (np.ndarray): (N, 2) int32 height and width of the pictures, 0
            where not known.
        errors (np.ndarray): (N, 18) float32 pixels between each keypoint of
            OpenPose-18 and the body's, NaN where the keypoint is missing.
        energy (np.ndarray): (N,) float32, the negative log posterior up to a
            constant: what is above 100 is seldom a person as the keypoints
            say. NaN for fits made elsewhere.
        success (np.ndarray): (N,) bool, whether the fit is to be trusted.
        body (str): Which body the numbers are of, see :func:`body_name`.

    Indexing with a number, slice, array or name gives the fits of those.
    """

    names: np.ndarray
    betas: np.ndarray
    body_pose: np.ndarray
    global_orient: np.ndarray
    camera: np.ndarray
    sizes: np.ndarray
    errors: np.ndarray
    energy: np.ndarray
    success: np.ndarray
    body: str

    def __len__(self):
        return len(self.names)

    def __getitem__(self, index):
        if isinstance(index, str):
            index = self.index(index)
        if isinstance(index, (int, np.integer)):
            index = [index]
        return replace(
            self,
            **{
                name: getattr(self, name)[index]
                for name in ('names', *_ARRAYS)
            },
        )

    def index(self, name):
        """The row of a picture.

        Args:
            name (str): As in ``names``.

        Returns:
            int: The row.

        Raises:
            KeyError: If there is no fit of that name.
        """
        rows = np.flatnonzero(self.names == name)
        if not len(rows):
            raise KeyError(f'there is no fit of {name!r} among {len(self)}')
        return int(rows[0])

    def mean_errors(self):
        """(N,) float32 pixels: the mean of each person's ``errors``."""
        there = ~np.isnan(self.errors)
        total = np.where(there, self.errors, 0).sum(1)
        return np.where(there.any(1), total / there.sum(1).clip(1), np.nan)

    def camera_of(self, row):
        """The camera of one fit.

        Args:
            row (int): Which.

        Returns:
            PerspectiveCamera | WeakPerspectiveCamera: Projects what
            ``BodyModel.pose(betas, body_pose, global_orient)`` gives.
        """
        scale, tx, ty, distance = map(float, self.camera[row])
        if np.isinf(distance):
            return WeakPerspectiveCamera(scale, tx, ty)
        return PerspectiveCamera(
            scale * distance, (tx, ty), translation=np.array([0, 0, -distance])
        )

    @staticmethod
    def concatenate(parts):
        """Join fits of the same body.

        Args:
            parts (Sequence[BodyFits]): At least one.

        Returns:
            BodyFits: All of them, in order.

        Raises:
            ValueError: If they are of different bodies.
        """
        bodies = {part.body for part in parts}
        if len(bodies) != 1:
            raise ValueError(
                'expected fits of one body, got fits of '
                f'{sorted(bodies) or "none"}'
            )
        return BodyFits(
            **{
                name: np.concatenate([getattr(part, name) for part in parts])
                for name in ('names', *_ARRAYS)
            },
            body=bodies.pop(),
        )


def body_name(body):
    """What tells bodies apart whose numbers mean different shapes.

    Args:
        body (BodyModel): A body.

    Returns:
        str: File name without ending, vertices and betas.
    """
    name = os.path.splitext(os.path.basename(body.path))[0]
    return f'{name}:{body.num_vertices}:{body.num_betas}'


def save_fits(path, fits):
    """Write fits, whole or not at all.

    Args:
        path (str | Path): An ``.npz``.
        fits (BodyFits): What to write; reals are rounded to half floats but
            for orientation, camera and energy.

    Raises:
        ValueError: If a name is no text.
        WriteError: If the file cannot be written.
    """
    for name in map(str, fits.names):
        if '\0' in name or name.encode(errors='replace').decode() != name:
            raise ValueError(
                f'{name!r} is no name in UTF-8, so no file of '
                'fits can hold it: rename the picture'
            )
    # 'C': the same numbers are the same bytes
    arrays = {
        name: getattr(fits, name).astype(kind, order='C')
        for name, (_, kind) in _ARRAYS.items()
    }
    names = [str(name).encode() for name in fits.names]
    with atomic_write(path) as file:
        np.savez(
            file,
            version=_VERSION,
            body=np.array(fits.body),
            names=np.array(names, 'S' if names else 'S1'),
            **arrays,
        )


def load_fits(path):
    """Read what :func:`save_fits` wrote; nothing in it is executed.

    Args:
        path (str | Path): The file.

    Returns:
        BodyFits: The fits.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no file of fits; names the file and the key.
    """
    if not os.path.isfile(path):
        raise FileNotFoundError(
            f"there is no file of fits '{path}'; "
            'mmposetransfer fit-bodies makes one of keypoints'
        )
    if not zipfile.is_zipfile(path):
        raise ValueError(f"'{path}' is no .npz file of fits")
    with np.load(path, allow_pickle=False) as file:
        missing = {'version', 'body', 'names', *_ARRAYS} - set(file.files)
        if missing:
            raise ValueError(
                f"'{path}' is no file of fits: it has no key "
                f'{sorted(missing)[0]!r}'
            )
        content = {key: _entry(path, file, key) for key in file.files}
    if content['version'] != _VERSION:
        raise ValueError(
            f"'{path}': expected version {_VERSION} of the "
            f'format, got {content["version"]}'
        )
    names = content['names']
    if names.ndim != 1 or names.dtype.kind != 'S':
        raise ValueError(f"'{path}': 'names' holds no list of names")
    arrays = {
        key: _checked(path, key, content[key], len(names)) for key in _ARRAYS
    }
    return BodyFits(
        names=np.array([name.decode() for name in names], object),
        body=str(content['body']),
        **arrays,
    )


def _entry(path, file, key):
    try:
        return file[key]
    except Exception as error:  # a damaged entry fails in many ways
        raise ValueError(
            f"'{path}': {key!r} cannot be read ({error})"
        ) from error


def _checked(path, key, array, count):
    shape, kind = _ARRAYS[key]
    fits = (
        array.ndim == 1 + len(shape)
        and len(array) == count
        and all(
            want in (None, got)
            for want, got in zip(shape, array.shape[1:], strict=True)
        )
    )
    if not fits or array.dtype.kind != np.dtype(kind).kind:
        wanted = ', '.join(
            [str(count), *('any' if n is None else str(n) for n in shape)]
        )
        raise ValueError(
            f"'{path}': {key!r} should be ({wanted}) of "
            f'{np.dtype(kind).name}, got {array.shape} of {array.dtype}'
        )
    if array.dtype.kind == 'f':
        array = array.astype(np.float32)
        solid = array[:, :3] if key == 'camera' else array
        if key not in _MAY_BE_NAN and not np.isfinite(solid).all():
            raise ValueError(f"'{path}': {key!r} holds NaN or infinity")
    if key == 'camera' and not ((array[:, 0] > 0) & (array[:, 3] > 0)).all():
        raise ValueError(
            f"'{path}': 'camera' holds a scale or distance that "
            'is not positive'
        )
    return array
