"""Dense correspondence of two pictures of one mesh: flow and visibility.

Each pixel of the target picture that shows the mesh shows one point of it.
Flow says where the reference picture would show this very point, visibility
whether it does (the paper's equation 1).

Conventions: vertices are projected (see ``cameras``). Flow is (2, H, W)
float32 = (dx, dy) in pixels on the TARGET grid, reference position minus
target position, defined for invisible points too and 0 on the background.
Visibility is uint8 (1, H, W): 0 visible, 1 invisible, 2 background.
"""

import numpy as np
from numba import njit

from mmposetransfer.structures.visibility import (
    BACKGROUND,
    INVISIBLE,
    VISIBLE,
)

from .occlusion import find_hidden
from .projected_mesh import check_mesh, low3
from .rasterizer import rasterize

__all__ = [
    'JOINT_DEPTHS',
    'RULES',
    'correspond',
    'flow_and_visibility',
    'part_map',
    'visible_keypoints',
]

#: How visibility is decided, see :func:`correspond`.
RULES = ('depth', 'face')

#: How deep OpenPose's 18 joints lie in the body at most, in metres.
JOINT_DEPTHS = np.array(
    [
        0.04,
        0.15,
        0.13,
        0.09,
        0.07,
        0.13,
        0.09,
        0.07,
        0.18,
        0.11,
        0.10,
        0.18,
        0.11,
        0.10,
        0.04,
        0.04,
        0.05,
        0.05,
    ],
    np.float32,
)


@njit(cache=True, nogil=True)
def _trace(face_map, bary_map, faces, vertices, perspective, size):
    """Follow every point that the target shows into the reference.

    Returns:
        Flow, visibility (invisible or background), and of the points that
        fall into the reference picture: (N, 3) x, y, depth there, (N, ) int32
        target pixel (row * W + col) and (N, ) int32 face.
    """
    height, width = face_map.shape
    flow = np.zeros((2, height, width), np.float32)
    visibility = np.full((1, height, width), BACKGROUND, np.uint8)
    covered = 0
    for f in face_map.reshape(-1):
        covered += f >= 0
    points = np.empty((covered, 3), np.float32)
    pixels = np.empty(covered, np.int32)
    owner = np.empty(covered, np.int32)
    half = np.float32(0.5)
    count = 0
    for row in range(height):
        for col in range(width):
            f = face_map[row, col]
            if f < 0:
                continue
            visibility[0, row, col] = INVISIBLE
            i, j, k = faces[f, 0], faces[f, 1], faces[f, 2]
            b0, b1 = bary_map[row, col, 0], bary_map[row, col, 1]
            b2 = bary_map[row, col, 2]
            z0, z1, z2 = vertices[i, 2], vertices[j, 2], vertices[k, 2]
            z = b0 * z0 + b1 * z1 + b2 * z2
            if perspective:
                if low3(z0, z1, z2) <= 0:  # it has no picture
                    continue
                # A point's share of the picture grows with its depth.
                b0, b1, b2 = b0 * z0 / z, b1 * z1 / z, b2 * z2 / z
            x0, x1, x2 = vertices[i, 0], vertices[j, 0], vertices[k, 0]
            y0, y1, y2 = vertices[i, 1], vertices[j, 1], vertices[k, 1]
            x = np.float64(b0) * x0 + np.float64(b1) * x1 + b2 * x2
            y = np.float64(b0) * y0 + np.float64(b1) * y1 + b2 * y2
            flow[0, row, col] = x - col
            flow[1, row, col] = y - row
            u, v = np.float32(x) + half, np.float32(y) + half
            if (u >= 0) & (u < size[1]) & (v >= 0) & (v < size[0]):
                points[count, 0] = x
                points[count, 1] = y
                points[count, 2] = z
                pixels[count] = row * width + col
                owner[count] = f
                count += 1
    return (flow, visibility, points[:count], pixels[:count], owner[:count])


@njit(cache=True, nogil=True)
def _shown_anywhere(face_map, num_faces):
    """Rule 'face': which faces are the front one in some pixel."""
    shown = np.zeros(num_faces, np.bool_)
    for f in face_map.reshape(-1):
        if f >= 0:
            shown[f] = True
    return shown


def correspond(
    tgt_raster,
    ref_vertices,
    faces,
    ref_size=None,
    rule='depth',
    ref_raster=None,
    tolerance=1e-3,
    perspective=False,
):
    """Flow and visibility from a target that has been rasterized already.

    A point is visible when it falls into the reference picture (into the
    area of its pixels, half a pixel beyond the outer centres) and

    - rule ``'depth'``: no face of the reference lies before it. That is a
      depth buffer with its samples at the very points instead of at the
      centres of pixels (an irregular z-buffer, Aila and Laine 2004, Johnson
      et al. 2005): it agrees with casting a ray to each point and has
      neither the speckle nor the light leaks of comparing with the nearest
      pixel.
    - rule ``'face'``, the paper's: its face is the front one in some pixel
      of the reference. With faces smaller than a pixel many are front in no
      pixel and count as invisible.

    Both sides of a face are surface: a sheet that is seen from behind is
    visible.

    Args:
        tgt_raster (Raster): The target picture of the mesh.
        ref_vertices (np.ndarray): (V, 3), the reference's vertices: x, y in
            pixels and depth.
        faces (np.ndarray): (F, 3) int, as they were rasterized.
        ref_size (tuple[int, int], optional): (height, width) of the
            reference picture. Default: that of the target.
        rule (str): ``'depth'`` or ``'face'``.
        ref_raster (Raster, optional): The reference picture, of size
            ``ref_size``, for the rule ``'face'``; drawn when not given.
        tolerance (float): For the rule ``'depth'``: a face hides what lies
            more than this behind it, in units of depth.
        perspective (bool): Whether a perspective camera projected the
            reference.

    Returns:
        tuple[np.ndarray, np.ndarray]: flow (2, H, W) float32 and visibility
        (1, H, W) uint8.

    Raises:
        ValueError: On wrong shapes, an unknown rule or vertices that are not
            finite.
    """
    ref_vertices, faces = check_mesh(ref_vertices, faces, 'ref_vertices')
    if rule not in RULES:
        raise ValueError(f'rule: expected one of {RULES}, got {rule!r}')
    ref_size = tuple(map(int, ref_size or tgt_raster.size))
    if ref_raster is not None and ref_raster.size != ref_size:
        raise ValueError(
            f'ref_raster: expected a picture of {ref_size[0]}x'
            f'{ref_size[1]}, got {ref_raster.size[0]}x'
            f'{ref_raster.size[1]}'
        )
    last = tgt_raster.face.max(initial=-1)
    if last >= len(faces) or faces.max(initial=-1) >= len(ref_vertices):
        raise ValueError(
            f'expected one mesh, got a raster that shows face {last}, '
            f'{len(faces)} faces naming vertices up to '
            f'{faces.max(initial=-1)} and {len(ref_vertices)} vertices'
        )
    flow, visibility, points, pixels, owner = _trace(
        tgt_raster.face,
        tgt_raster.bary,
        faces,
        ref_vertices,
        perspective,
        ref_size,
    )
    if rule == 'depth':
        hidden = find_hidden(
            points,
            owner,
            ref_vertices,
            faces,
            ref_size,
            tolerance,
            perspective,
        )
        visible = pixels[~hidden]
    else:
        if ref_raster is None:
            ref_raster = rasterize(ref_vertices, faces, ref_size, perspective)
        shown = _shown_anywhere(ref_raster.face, len(faces))
        visible = pixels[shown[owner]]
    visibility.reshape(-1)[visible] = VISIBLE
    return flow, visibility


def flow_and_visibility(
    ref_vertices,
    tgt_vertices,
    faces,
    size,
    rule='depth',
    ref_size=None,
    tolerance=1e-3,
    perspective=False,
):
    """Flow and visibility of two posed and projected bodies.

    Args:
        ref_vertices (np.ndarray): (V, 3), reference: x, y in pixels, depth.
        tgt_vertices (np.ndarray): (V, 3), target: the same mesh, reposed.
        faces (np.ndarray): (F, 3) int.
        size (tuple[int, int]): (height, width) of the target picture.
        rule (str): ``'depth'`` or ``'face'``, see :func:`correspond`.
        ref_size (tuple[int, int], optional): (height, width) of the
            reference picture. Default: ``size``.
        tolerance (float): See :func:`correspond`.
        perspective (bool): Whether perspective cameras projected both.

    Returns:
        tuple[np.ndarray, np.ndarray]: flow (2, H, W) float32 and visibility
        (1, H, W) uint8.

    Raises:
        ValueError: As in :func:`correspond`.
    """
    if np.shape(ref_vertices) != np.shape(tgt_vertices):
        raise ValueError(
            'expected as many vertices in the reference as in the target, '
            f'got {np.shape(ref_vertices)} and {np.shape(tgt_vertices)}'
        )
    tgt_vertices, faces = check_mesh(tgt_vertices, faces, 'tgt_vertices')
    tgt_raster = rasterize(tgt_vertices, faces, size, perspective)
    return correspond(
        tgt_raster,
        ref_vertices,
        faces,
        ref_size or size,
        rule,
        tolerance=tolerance,
        perspective=perspective,
    )


def part_map(raster, face_parts):
    """The body part that each pixel shows.

    Args:
        raster (Raster): From :func:`rasterize`.
        face_parts (np.ndarray): (F, ) uint8, part of each face: 1 head,
            2 torso, 3 left arm, 4 right arm, 5 left leg, 6 right leg.

    Returns:
        np.ndarray: (H, W) uint8, 0 on the background.

    Raises:
        ValueError: If there are fewer parts than faces in the raster.
    """
    face_parts = np.asarray(face_parts, np.uint8)
    last = raster.face.max(initial=-1)
    if face_parts.ndim != 1 or last >= len(face_parts):
        raise ValueError(
            'face_parts: expected shape (F, ) with one part per '
            f'face, got {face_parts.shape} for a raster that '
            f'shows face {last}'
        )
    return _look_up(np.ascontiguousarray(face_parts), raster.face)


@njit(cache=True, nogil=True)
def _look_up(face_parts, face_map):
    """The part of the face in each pixel, 0 where there is none."""
    out = np.zeros(face_map.shape, np.uint8)
    for row in range(face_map.shape[0]):
        for col in range(face_map.shape[1]):
            if face_map[row, col] >= 0:
                out[row, col] = face_parts[face_map[row, col]]
    return out


def visible_keypoints(joints, raster, tolerance=None):
    """Projected joints, scored by what the picture shows of them.

    Joints lie inside the body, so some surface lies before each one. It
    hides the joint when it is farther before it than the body is thick
    there: another limb, or the body's other side.

    Args:
        joints (np.ndarray): (K, 3): x, y in pixels and depth.
        raster (Raster): The picture of the body, in the same units.
        tolerance (float | np.ndarray, optional): How far before the joint
            its own surface may lie, in units of depth, one number or (K, ).
            Default: ``correspondence.JOINT_DEPTHS``, for OpenPose's 18
            joints in metres.

    Returns:
        np.ndarray: (K, 3) float32 x, y and score: 1 visible, 0.5 hidden by
        the body, 0 outside the picture.

    Raises:
        ValueError: On a wrong shape or joints that are not finite.
    """
    joints = np.asarray(joints, np.float32)
    if joints.ndim != 2 or joints.shape[1] != 3:
        raise ValueError(
            f'joints: expected shape (K, 3) of x, y, depth, got {joints.shape}'
        )
    if not np.isfinite(joints).all():
        bad = np.flatnonzero(~np.isfinite(joints).all(axis=1))
        raise ValueError(
            'joints: expected finite x, y, depth, got '
            f'{joints[bad[0]]} at joint {bad[0]}'
        )
    if tolerance is None:
        tolerance = JOINT_DEPTHS
    tolerance = np.asarray(tolerance, np.float32)
    if tolerance.ndim and tolerance.shape != joints.shape[:1]:
        raise ValueError(
            'tolerance: expected a number or one for each of '
            f'{len(joints)} joints, got shape {tolerance.shape}'
        )
    height, width = raster.size
    col, row = np.floor(joints[:, :2].T + 0.5)
    inside = (col >= 0) & (col < width) & (row >= 0) & (row < height)
    col = np.where(inside, col, 0).astype(int)
    row = np.where(inside, row, 0).astype(int)
    hidden = raster.depth[row, col] < joints[:, 2] - tolerance
    keypoints = joints.copy()
    keypoints[:, 2] = np.where(inside, np.where(hidden, 0.5, 1), 0)
    return keypoints
