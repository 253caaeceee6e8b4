"""From fits to projected vertices, quick enough for millions of pairs."""

import numpy as np
from numba import njit

from mmposetransfer.errors import UserValueError

from ..body_model import BodyModel
from ..kinematics import joint_transforms
from .body_fits import body_name

__all__ = ['FitProjector']


class FitProjector:
    """Projected meshes of many fits.

    Triangles are about a pixel wide and depths differ little over them, so
    rasterize and correspond with ``perspective=False``, whatever the fit's
    camera: the difference is below a hundredth of a pixel.

    Args:
        body (BodyModel, optional): The body that was fitted. Defaults to the
            free body.

    Attributes:
        faces: (F, 3) int32 triangles.
        face_parts: (F,) uint8 body part of each.
    """

    def __init__(self, body=None):
        self.body = BodyModel() if body is None else body
        self.faces, self.face_parts = self.body.faces, self.body.face_parts
        self._name = body_name(self.body)
        smpl = self.body.smpl
        self._template = np.ascontiguousarray(smpl.v_template.numpy())
        # (S, V, 3): a beta's whole slope lies together
        self._dirs = np.ascontiguousarray(
            smpl.shapedirs.numpy().transpose(2, 0, 1)
        )
        self._weights = self.body.skin_weights
        self._parents = self.body.parents.astype(np.int64)
        self._corrective = bool(smpl.posedirs.any())

    def __call__(self, fits, rows=None):
        """Vertices as the pictures show them.

        Args:
            fits (BodyFits): Fits of this body.
            rows (Sequence[int], optional): Which of them. Defaults to all.

        Returns:
            np.ndarray: (N, V, 3) float32: x and y in pixels, depth in metres
            behind the world's origin.

        Raises:
            ValueError: If the fits are of another body.
        """
        self.check(fits)
        rows = range(len(fits)) if rows is None else rows
        out = np.empty((len(rows), self.body.num_vertices, 3), np.float32)
        for place, row in enumerate(rows):
            self._one(fits, row, out[place])
        return out

    def check(self, fits):
        """Refuse fits of another body.

        Args:
            fits (BodyFits): Any.

        Raises:
            ValueError: If the fits are of another body.
        """
        if fits.body != self._name:
            raise UserValueError(
                f'these fits are of the body {fits.body}, but '
                f'this is {self._name}'
            )

    def _one(self, fits, row, out):
        betas = np.ascontiguousarray(fits.betas[row], np.float32)
        pose = np.concatenate(
            [fits.global_orient[row], fits.body_pose[row]]
        ).reshape(24, 3)
        rest = self.body.rest_joints(betas)[0].astype(np.float64)
        transforms = joint_transforms(
            rest, pose.astype(np.float64), self._parents
        )
        scale, tx, ty, distance = fits.camera[row]
        camera = np.array([scale, tx, ty, 1 / distance], np.float32)
        shaped = self._template
        if self._corrective:
            shaped = self.body.rest_vertices(betas, pose[1:].reshape(69))[0]
            betas = betas[:0]
        _pose_and_project(
            shaped,
            self._dirs,
            betas,
            self._weights.index,
            self._weights.weight,
            transforms,
            camera,
            out,
        )


@njit(cache=True, nogil=True, fastmath=True)
def _pose_and_project(
    template, dirs, betas, index, weight, transforms, camera, out
):
    """Shape, skin and project all vertices, into ``out``."""
    scale, tx, ty, near = camera[0], camera[1], camera[2], camera[3]
    one = np.float32(1)
    for v in range(len(template)):
        for c in range(3):
            out[v, c] = template[v, c]
    for s in range(len(betas)):
        for v in range(len(template)):
            for c in range(3):
                out[v, c] += betas[s] * dirs[s, v, c]
    for v in range(len(template)):
        x, y, z = out[v, 0], out[v, 1], out[v, 2]
        px, py, pz = np.float32(0), np.float32(0), np.float32(0)
        for k in range(index.shape[1]):
            w = weight[v, k]
            if w > 0:
                m = transforms[index[v, k]]
                px += w * (m[0, 0] * x + m[0, 1] * y + m[0, 2] * z + m[0, 3])
                py += w * (m[1, 0] * x + m[1, 1] * y + m[1, 2] * z + m[1, 3])
                pz += w * (m[2, 0] * x + m[2, 1] * y + m[2, 2] * z + m[2, 3])
        size = scale / (one - near * pz)
        out[v, 0] = size * px + tx
        out[v, 1] = ty - size * py
        out[v, 2] = -pz
