"""Fits made elsewhere: HMR, SPIN and its line, 4D-Humans, and the paper's.

Their common convention: SMPL in the axes of the camera, x right, y DOWN, z
AWAY from the viewer, and a weak-perspective camera (s, tx, ty) of a square
crop: ``x_crop = s * (X + tx)`` in [-1, 1] over the crop, likewise y. SPIN
and 4D-Humans render with a focal length of 5000 pixels for a crop, hence
from so far away that weak perspective differs by a fraction of a percent.

Ours: y up, z to the viewer. The turn between the two, half around x, leaves
the pelvis joint J0 in place (SMPL turns about it), hence the column and row
of the world's origin, in pixels of the image, are ``cx + s b tx / 2`` and
``cy + s b (ty + 2 J0_y) / 2`` for a box of b pixels around (cx, cy); the
scale is ``s b / 2`` pixels per metre.
"""

import numpy as np
from scipy.spatial.transform import Rotation

from mmposetransfer.errors import UserValueError

from .body_fits import BodyFits, body_name

__all__ = ['fits_from_hmr', 'fits_from_paper']

_FLIP = np.diag([1.0, -1.0, -1.0])


def fits_from_hmr(body, pose, betas, cam, boxes, names=None, sizes=None):
    """Bring parameters of HMR, SPIN, VIBE, 4D-Humans ... into our form.

    Args:
        body (BodyModel): The body that they are of: the user's SMPL.
        pose (np.ndarray): (N, 72) or (N, 24, 3) axis-angle, or (N, 24, 3, 3)
            rotations, the pelvis first.
        betas (np.ndarray): (N, S), S up to the body's.
        cam (np.ndarray): (N, 3): s, tx, ty of the crop.
        boxes (np.ndarray): (N, 3) or (3,): cx, cy and side of the square
            crop in pixels of the image.
        names (Sequence[str], optional): Defaults to 0, 1, ...
        sizes (np.ndarray, optional): (N, 2) or (2,), height and width of the
            images.

    Returns:
        BodyFits: N fits, all successful, without errors and energy.

    Raises:
        ValueError: If the shapes are wrong, a number is not finite, or s or
            a side is not positive.
    """
    vectors = _pose_vectors(pose)
    count = len(vectors)
    betas = _rows('betas', betas, count)
    if betas.shape[1] > body.num_betas:
        raise UserValueError(
            f'betas: expected at most {body.num_betas}, those '
            f'of the body, got {betas.shape[1]}'
        )
    cam, boxes = _rows('cam', cam, count, 3), _rows('boxes', boxes, count, 3)
    sizes = _rows('sizes', np.zeros(2) if sizes is None else sizes, count, 2)
    if not ((cam[:, 0] > 0) & (boxes[:, 2] > 0)).all():
        raise UserValueError(
            'expected a positive scale in cam and a positive '
            f'side in boxes, got {cam[:, 0].min()} and '
            f'{boxes[:, 2].min()}'
        )
    names = [str(n) for n in range(count)] if names is None else names
    if len(names) != count:
        raise UserValueError(f'names: expected {count}, got {len(names)}')
    full = np.zeros((count, body.num_betas), np.float32)
    full[:, : betas.shape[1]] = betas
    pelvis = body.rest_joints(full)[:, 0]
    scale = cam[:, 0] * boxes[:, 2] / 2
    orient = _FLIP @ Rotation.from_rotvec(vectors[:, 0]).as_matrix()
    camera = np.stack(
        [
            scale,
            boxes[:, 0] + scale * cam[:, 1],
            boxes[:, 1] + scale * (cam[:, 2] + 2 * pelvis[:, 1]),
            np.full(count, np.inf),
        ],
        1,
    )
    return BodyFits(
        names=np.array(list(names), object),
        betas=full,
        body_pose=vectors[:, 1:].reshape(count, 69).astype(np.float32),
        global_orient=Rotation.from_matrix(orient)
        .as_rotvec()
        .astype(np.float32),
        camera=camera.astype(np.float32),
        sizes=sizes.astype(np.int32),
        errors=np.full((count, 18), np.nan, np.float32),
        energy=np.full(count, np.nan, np.float32),
        success=np.ones(count, bool),
        body=body_name(body),
    )


def fits_from_paper(body, theta, verts2d, names=None, sizes=None):
    """The paper's own fits: HMR's theta and the vertices in the image.

    Only pose and betas of theta count. The camera is the one that projects
    the posed body nearest to ``verts2d`` (least squares, closed form), which
    asks for no knowledge of crops. Where the flow is all that is wanted,
    ``verts2d`` and ``verts_z`` side by side are projected vertices already;
    the field ``visibility`` follows from them.

    Args:
        body (BodyModel): The user's SMPL.
        theta (np.ndarray): (N, 85): camera, pose and betas.
        verts2d (np.ndarray): (N, V, 2) pixels of the image.
        names, sizes: As of :func:`fits_from_hmr`.

    Returns:
        BodyFits: N fits.

    Raises:
        ValueError: If the shapes are wrong or a number is not finite.
    """
    theta = np.asarray(theta, np.float64)
    theta = theta.reshape(-1, theta.shape[-1] if theta.ndim else 1)
    theta = _rows('theta', theta, len(theta), 85)
    verts2d = np.asarray(verts2d, np.float64)
    verts2d = verts2d[None] if verts2d.ndim == 2 else verts2d
    shape = (len(theta), body.num_vertices, 2)
    if verts2d.shape != shape or not np.isfinite(verts2d).all():
        raise UserValueError(
            f'verts2d: expected {shape} finite numbers, as many '
            f'vertices as the body, got {verts2d.shape}'
        )
    fits = fits_from_hmr(
        body,
        theta[:, 3:75],
        theta[:, 75:],
        np.tile([1.0, 0, 0], (len(theta), 1)),
        [0, 0, 2.0],
        names,
        sizes,
    )
    for row, seen in enumerate(verts2d):
        posed = body.pose(
            fits.betas[row], fits.body_pose[row], fits.global_orient[row]
        ).vertices[0, :, :2]
        flat = posed.astype(np.float64) * [1, -1]
        middle, centre = flat.mean(0), seen.mean(0)
        away = flat - middle
        scale = (away * (seen - centre)).sum() / (away**2).sum()
        if not scale > 0:
            raise UserValueError(
                f'verts2d of {fits.names[row]}: no camera shows '
                'the body of theta so; is y down, and is it '
                'the same body?'
            )
        fits.camera[row, :3] = scale, *(centre - scale * middle)
    return fits


def _rows(name, value, count, width=None):
    """(count, width) finite float64; one row is repeated."""
    array = np.asarray(value)
    if array.dtype.kind not in 'fiu':
        raise UserValueError(f'{name}: expected numbers, got {array.dtype}')
    array = array.astype(np.float64)
    array = np.tile(array, (count, 1)) if array.ndim == 1 else array
    if (
        array.ndim != 2
        or len(array) != count
        or width not in (None, array.shape[1])
    ):
        wanted = 'S' if width is None else width
        raise UserValueError(
            f'{name}: expected ({count}, {wanted}), got {np.shape(value)}'
        )
    if not np.isfinite(array).all():
        raise UserValueError(f'{name}: holds NaN or infinity')
    return array


def _pose_vectors(pose):
    """(N, 24, 3) axis-angle of whatever form a pose has."""
    pose = np.asarray(pose)
    if pose.dtype.kind not in 'fiu' or not np.isfinite(pose).all():
        raise UserValueError('pose: expected finite numbers')
    if pose.shape[1:] == (24, 3, 3):
        return (
            Rotation.from_matrix(pose.reshape(-1, 3, 3))
            .as_rotvec()
            .reshape(-1, 24, 3)
        )
    if pose.shape[1:] not in ((72,), (24, 3)):
        raise UserValueError(
            'pose: expected (N, 72) or (N, 24, 3) axis-angle or '
            f'(N, 24, 3, 3) rotations, got {pose.shape}'
        )
    return pose.reshape(-1, 24, 3).astype(np.float64)
