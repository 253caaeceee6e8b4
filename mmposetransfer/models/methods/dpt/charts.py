"""Surface coordinates of a body in the SMPL format: part, u and v.

Convention: parts have DensePose's numbers. Coordinates within them are ours,
as DensePose's charts are not free: a part is a cylinder, or half of one,
around its bone in the T-pose. v goes along the bone, away from the trunk; u
goes around it. Left and right have the same coordinates at mirrored places.
"""

from typing import NamedTuple

import numpy as np

from mmposetransfer.geometry import BodyModel, Raster, interpolate

from .fields import STEPS

__all__ = ['SurfaceCharts']

_UP, _FRONT = (0, 1, 0), (0, 0, 1)


class _Limb(NamedTuple):
    """What lies around one bone.

    Attributes:
        joints: Of SMPL, on the body's left or in its middle.
        right: The same on the right; none for the trunk.
        bone: The joints that it goes from and to; None for straight up.
        towards: Where the angle around the bone begins, roughly.
        parts: Labels of the half towards there and of the other one; of a
            whole cylinder one.
        right_parts: Those of the right.
    """

    joints: tuple
    right: tuple
    bone: tuple | None
    towards: tuple
    parts: tuple
    right_parts: tuple


_LIMBS = (
    _Limb((0, 3, 6, 9, 13, 14), (), None, _FRONT, (2, 1), ()),
    _Limb((20, 22), (21, 23), (20, 22), _UP, (4,), (3,)),
    _Limb((7, 10), (8, 11), (7, 10), _UP, (5,), (6,)),
    _Limb((1,), (2,), (1, 4), _FRONT, (10, 8), (9, 7)),
    _Limb((4,), (5,), (4, 7), _FRONT, (14, 12), (13, 11)),
    _Limb((16,), (17,), (16, 18), _FRONT, (17, 15), (18, 16)),
    _Limb((18,), (19,), (18, 20), _FRONT, (21, 19), (22, 20)),
)
# Of head and neck the halves are left and right.
_HEAD, _LEFT_HEAD, _RIGHT_HEAD = (12, 15), 24, 23


class SurfaceCharts:
    """The atlas of a body: which part each triangle is, and where in it.

    All 24 parts are told apart by the strongest joint of the skinning
    weights, and by the side of the bone that a triangle lies on: any body in
    the SMPL format has them.

    Args:
        body (BodyModel, optional): Defaults to the free body.

    Attributes:
        face_parts (np.ndarray): (F,) uint8, 1 to 24.
        face_uv (np.ndarray): (F, 3, 2) float32 in [0, 1], u and v at the
            corners of each triangle.
    """

    def __init__(self, body: BodyModel | None = None) -> None:
        body = BodyModel() if body is None else body
        rest = body.smpl.v_template.numpy()[body.faces]  # (F, 3, 3)
        bones = body.rest_joints()[0]
        strongest = body.weights[body.faces].sum(1).argmax(1)
        self.face_parts = np.zeros(len(body.faces), np.uint8)
        self.face_uv = np.zeros((len(body.faces), 3, 2), np.float32)
        for limb in _LIMBS:
            for joints, parts, mirror in (
                (limb.joints, limb.parts, 1),
                (limb.right, limb.right_parts, -1),
            ):
                rows = np.isin(strongest, joints)
                corners = rest[rows] * np.float32([mirror, 1, 1])
                self._chart(
                    rows, corners, _bone(limb.bone, bones), limb, parts
                )
        self._chart_head(np.isin(strongest, _HEAD), rest)
        count = len(body.faces)
        self._corners = np.arange(3 * count, dtype=np.int32).reshape(-1, 3)

    def _chart(self, rows, corners, bone, limb, parts):
        if not rows.any():
            return
        angle, along = _around(
            corners, _middle(corners), bone, np.float32(limb.towards)
        )
        if len(parts) == 1:
            self.face_parts[rows] = parts[0]
            around = 0.5 + angle / (2 * np.pi)
        else:
            # Half way around on one side, and back on the other one.
            near = angle.mean(1, keepdims=True) >= 0
            self.face_parts[rows] = np.where(near[:, 0], *parts)
            around = np.where(near, angle, -angle) / np.pi
        self._set_uv(rows, around, along)

    def _chart_head(self, rows, rest):
        left = rest[rows].mean(1)[:, 0] >= 0
        mirror = np.where(left[:, None], [1, 1, 1], [-1, 1, 1])[:, None]
        angle, along = _around(
            rest[rows] * mirror,
            _middle(rest[rows]),
            _bone(None, None),
            np.float32([1, 0, 0]),
        )
        self.face_parts[rows] = np.where(left, _LEFT_HEAD, _RIGHT_HEAD)
        self._set_uv(rows, angle / np.pi, along)

    def _set_uv(self, rows, around, along):
        uv = np.stack([around, along], -1).clip(0, 1)
        self.face_uv[rows] = uv

    def iuv(self, raster: Raster) -> np.ndarray:
        """Surface coordinates of a picture of the body.

        Args:
            raster (Raster): Of ``geometry.rasterize``, with this body's
                faces.

        Returns:
            np.ndarray: (3, H, W) uint8: part, u and v in steps of 1/255; 0
            on the background.
        """
        uv = interpolate(raster, self._corners, self.face_uv.reshape(-1, 2))
        parts = np.append(self.face_parts, np.uint8(0))[raster.face]
        steps = np.rint(STEPS * uv).astype(np.uint8).transpose(2, 0, 1)
        return np.concatenate([parts[None], steps])


def _bone(ends, joints):
    """Unit vector of a bone; straight up for none."""
    if ends is None:
        return np.float32(_UP)
    bone = joints[ends[1]] - joints[ends[0]]
    return bone / np.linalg.norm(bone)


def _middle(corners):
    """(3,), of the box around triangles (F, 3, 3)."""
    points = corners.reshape(-1, 3)
    return (points.min(0) + points.max(0)) / 2


def _around(corners, middle, bone, towards):
    """Angle around a bone, and the place along it.

    Args:
        corners (np.ndarray): (F, 3, 3) of triangles.
        middle (np.ndarray): (3,), what the angle is measured around.
        bone (np.ndarray): (3,) unit vector.
        towards (np.ndarray): (3,), the middle of the angles above 0.

    Returns:
        tuple[np.ndarray, np.ndarray]: (F, 3) radians, those of a triangle
        within pi of their middle, which lies in [-pi, pi]; (F, 3) in [0, 1].
    """
    towards = towards - bone * (towards @ bone)
    towards = towards / np.linalg.norm(towards)
    along = corners @ bone
    along = (along - along.min()) / (along.max() - along.min())
    points = corners - middle
    across = np.cross(towards, bone)

    def angle(of):
        return np.arctan2(of @ towards, of @ across)

    of_face = angle(points.mean(1))[:, None]
    turn = angle(points) - of_face
    turn = (turn + np.pi) % (2 * np.pi) - np.pi
    return of_face + turn, along
