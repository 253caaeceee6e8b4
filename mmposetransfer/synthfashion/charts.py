"""Texture coordinates of cloth in metres, as if it were laid out flat.

The torso and the legs are unrolled as cylinders (angle times a radius and
height), sleeves along the arm. A garment is cut where two charts meet, so
that patterns change at seams as they do on sewn clothes.
"""

import numpy as np

from .cutting import split
from .mesh import Mesh, concatenate

__all__ = ['chart', 'unroll']

TORSO_RADIUS, LEG_RADIUS, ARM_RADIUS = 0.15, 0.09, 0.06


def _wrap(angle):
    """Corner angles (F, 3) made continuous over each face."""
    turns = np.round((angle - angle[:, :1]) / (2 * np.pi))
    return angle - 2 * np.pi * turns


def unroll(points, faces, centre, axes, radius):
    """Cylinder coordinates of the corners of faces.

    Args:
        points (np.ndarray): (V, 3).
        faces (np.ndarray): (F, 3).
        centre (np.ndarray): (3,) a point of the axis.
        axes (tuple[int, int, int]): Coordinates that give the sine and the
            cosine of the angle, and the one along the axis.
        radius (float): Metres an angle of one radian is worth.

    Returns:
        np.ndarray: (F, 3, 2) float32, metres.
    """
    sine, cosine, along = (points[:, axis] - centre[axis] for axis in axes)
    out = np.empty((*faces.shape, 2), np.float32)
    out[..., 0] = _wrap(np.arctan2(sine, cosine).take(faces)) * radius
    out[..., 1] = -along.take(faces)
    return out


def _with_uv(mesh, uv):
    return Mesh(mesh.vertices, mesh.faces, uv, mesh.material, mesh.part)


def _chart_limb(mesh, surface, joints, axes, radius):
    """Unroll a limb around the line through its three joints."""
    sine, cosine, along = axes
    mesh = mesh.compact()
    line = surface.joints[joints]
    line = line[np.argsort(line[:, along])]
    place = mesh.canon[:, along]
    straight = mesh.canon.copy()
    for axis in (sine, cosine):
        straight[:, axis] -= np.interp(place, line[:, along], line[:, axis])
    straight[:, along] -= surface.joints[joints[0], along]
    return _with_uv(
        mesh, unroll(straight, mesh.faces, np.zeros(3), axes, radius)
    )


def _unroll_torso(mesh, surface):
    """As a cylinder that narrows to a cone over the shoulders."""
    centre = surface.joints[0] + np.float32([0, 0, 0.02])
    uv = unroll(mesh.canon, mesh.faces, centre, (0, 2, 1), 1.0)
    x, y, z = mesh.canon.T
    above = np.clip((y - surface.height(2.62)) / 0.17, 0, 1)
    # Metres from the axis, the flat torso taken as round.
    across = np.hypot(x - centre[0], 1.5 * (z - centre[2]))
    lower = 0.8 * above * np.clip(TORSO_RADIUS - across, 0, 0.1)
    uv[..., 0] *= (TORSO_RADIUS * (1 - 0.45 * above)).take(mesh.faces)
    uv[..., 1] -= lower.take(mesh.faces)
    return uv


def chart(mesh, garment, surface):
    """Give a shell its chart coordinates, cutting it along the seams.

    Args:
        mesh (Mesh): Trimmed shell.
        garment (Garment): What it is.
        surface (BodySurface): The body.

    Returns:
        Mesh: The same surface in pieces with coordinates.
    """
    pieces = []
    if garment.is_upper:
        if garment.sleeve > 0:
            x = np.abs(mesh.canon[:, 0])
            down = np.clip(
                surface.joints[16, 1] - mesh.canon[:, 1], -0.05, 0.12
            )
            arm = x - surface.reach(0) + 0.005 + 0.15 * down
            sleeves, mesh = split(
                mesh, np.minimum(arm, mesh.canon[:, 1] - surface.height(2.55))
            )
            # Both sides of a cut carry the vertices of both.
            sleeves = sleeves.compact()
            left, right = split(sleeves, sleeves.canon[:, 0])
            for side, joints in ((left, [16, 18, 20]), (right, [17, 19, 21])):
                pieces.append(
                    _chart_limb(side, surface, joints, (1, 2, 0), ARM_RADIUS)
                )
        body, legs = split(mesh, mesh.canon[:, 1] - surface.height(1.85))
        body = body.compact()
        pieces.append(_with_uv(body, _unroll_torso(body, surface)))
    else:
        legs = mesh
    if len(legs.faces):
        legs = legs.compact()
        left, right = split(legs, legs.canon[:, 0])
        for side, joints in ((left, [1, 4, 7]), (right, [2, 5, 8])):
            pieces.append(
                _chart_limb(side, surface, joints, (0, 2, 1), LEG_RADIUS)
            )
    return concatenate([piece for piece in pieces if len(piece.faces)])
