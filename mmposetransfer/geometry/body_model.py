"""Bodies in the SMPL format: the free one that ships, or a user's SMPL.

Convention: metres, x to the body's left, y up, z to the front (towards the
viewer). The zero pose is the T-pose. Rotations are axis-angle in radians.
Everything takes numpy arrays or torch tensors, gives float32 numpy arrays
and tracks no gradients.
"""

import contextlib
import io
import os
from dataclasses import dataclass

import numpy as np
import smplx
import torch
from smplx.lbs import batch_rigid_transform, batch_rodrigues
from smplx.utils import Struct
from smplx.vertex_ids import vertex_ids

from mmposetransfer.errors import UserValueError

from .lbs import skin, sparse_weights
from .smpl_file import NUM_JOINTS, REQUIRED, read_smpl_file
from .smpl_layout import body_parts, find_landmarks, openpose_keypoints

FREE_BODY = os.path.join(
    os.path.dirname(os.path.dirname(__file__)), 'assets', 'free_body.npz'
)


@dataclass
class BodyOutput:
    """Posed bodies.

    Attributes:
        vertices: (B, V, 3) float32, metres.
        joints: (B, 24, 3) float32, metres, in SMPL's order.
    """

    vertices: np.ndarray
    joints: np.ndarray


class BodyModel:
    """A body in the SMPL format, posed by ``smplx.SMPL``.

    Args:
        path: None for the free body that ships with the package (CC0 data),
            else an SMPL file of the user's, ``.pkl`` (with or without
            chumpy arrays; nothing in it is executed) or ``.npz``.
        num_betas: how many shape components to use at most.

    Attributes:
        faces: (F, 3) int32 triangles.
        num_vertices: how many vertices there are, V.
        num_betas: number of shape components.
        weights: (V, 24) float32 skinning weights.
        skin_weights: the same as :class:`SkinWeights`, for :func:`skin`.
        part_labels: (V,) uint8 body part of each vertex (1 head, 2 torso,
            3 left arm, 4 right arm, 5 left leg, 6 right leg).
        face_parts: (F,) uint8 body part of each triangle.
        parents: (24,) parent joints, -1 for the pelvis.
        uv: (T, 2) float32 texture coordinates in [0, 1], or None.
        face_uv: (F, 3) int32, the row of ``uv`` at each corner of each
            triangle, or None.
        extras: the other arrays of the file, described for the free body in
            ``mmposetransfer/assets/README.md``.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if the file is no body in the SMPL format.
    """

    def __init__(self, path: str | None = None, num_betas: int = 10):
        self.path = FREE_BODY if path is None else os.fspath(path)
        data = read_smpl_file(self.path)
        self.extras = {
            k: v
            for k, v in data.items()
            if k not in REQUIRED and v is not None
        }
        self.landmarks = find_landmarks(data)
        self.smpl = _make_smpl(data, num_betas, self.landmarks)
        self.faces = np.ascontiguousarray(data['f'], dtype=np.int32)
        self.num_vertices = len(data['v_template'])
        self.num_betas = self.smpl.num_betas
        self.weights = np.ascontiguousarray(data['weights'], np.float32)
        self.skin_weights = sparse_weights(self.weights)
        self.parents = self.smpl.parents.numpy().copy()
        self.part_labels, self.face_parts = body_parts(
            self.weights, self.faces
        )
        self.uv = self.extras.pop('uv_coords', None)
        self.face_uv = self.extras.pop('face_uv', None)
        self._precompute()

    def _precompute(self):
        """What rest shapes and joints need, as plain matrices."""
        smpl = self.smpl
        self._template = smpl.v_template.numpy()
        self._shapedirs = smpl.shapedirs.numpy().reshape(-1, self.num_betas)
        regressor = smpl.J_regressor.numpy().astype(np.float64)
        self._joint_template = regressor @ self._template
        self._joint_dirs = np.einsum(
            'jv,vcs->jcs', regressor, smpl.shapedirs.numpy()
        )
        posedirs = smpl.posedirs.numpy()  # (207, V * 3)
        self._posedirs = posedirs.T if posedirs.any() else None

    @torch.no_grad()
    def forward(
        self, betas=None, body_pose=None, global_orient=None, transl=None
    ) -> BodyOutput:
        """Pose bodies with smplx.

        Each argument may lack the batch dimension or have a batch of one,
        which is repeated.

        Args:
            betas: (B, num_betas) or fewer shape coefficients in units of
                standard deviation; None is the mean shape.
            body_pose: (B, 69) axis-angle of the 23 joints below the pelvis,
                radians; None is the T-pose.
            global_orient: (B, 3) axis-angle of the whole body.
            transl: (B, 3) metres.

        Returns:
            :class:`BodyOutput`.
        """
        betas, pose, transl = self._inputs(
            betas, body_pose, global_orient, transl
        )
        output = self.smpl(
            betas=betas,
            global_orient=pose[:, :3],
            body_pose=pose[:, 3:],
            transl=transl,
        )
        return BodyOutput(
            output.vertices.numpy(), output.joints[:, :NUM_JOINTS].numpy()
        )

    __call__ = forward

    def pose(
        self, betas=None, body_pose=None, global_orient=None, transl=None
    ) -> BodyOutput:
        """Same as :meth:`forward`, by :func:`skin`: several times quicker."""
        betas, pose, transl = self._inputs(
            betas, body_pose, global_orient, transl
        )
        joints, transforms = self._transforms(betas, pose, transl)
        rest = self.rest_vertices(betas, pose[:, 3:])
        return BodyOutput(skin(rest, self.skin_weights, transforms), joints)

    def rest_vertices(self, betas=None, body_pose=None) -> np.ndarray:
        """Shaped vertices before skinning.

        Clothes that follow the body start from these: displaced along the
        normals and moved by :func:`skin` they stay outside the skin.

        Args:
            betas: as in :meth:`forward`.
            body_pose: as in :meth:`forward`; given, the pose's corrective
                shapes (SMPL's posedirs) are added.

        Returns:
            (B, V, 3) float32, metres.
        """
        if body_pose is None:
            betas = _rows('betas', betas, self.num_betas, pad=True)
            pose = betas  # as many rows
        else:
            betas, pose, _ = self._inputs(betas, body_pose, None, None)
        betas = _unrepeated(betas.numpy())
        shaped = self._template + (betas @ self._shapedirs.T).reshape(
            len(betas), -1, 3
        )
        if body_pose is None or self._posedirs is None:
            return np.repeat(shaped, len(pose) // len(shaped), axis=0)
        rotations = batch_rodrigues(pose[:, 3:].reshape(-1, 3))
        feature = (rotations - torch.eye(3)).reshape(len(pose), -1).numpy()
        offsets = (self._posedirs @ feature.T).T
        return np.ascontiguousarray(
            shaped + offsets.reshape(len(pose), -1, 3), np.float32
        )

    def rest_joints(self, betas=None) -> np.ndarray:
        """(B, 24, 3) float32 joints of the shaped body in the T-pose."""
        betas = _rows('betas', betas, self.num_betas, pad=True).numpy()
        return (
            self._joint_template
            + np.einsum('jcs,bs->bjc', self._joint_dirs, betas)
        ).astype(np.float32)

    def joint_transforms(
        self, betas=None, body_pose=None, global_orient=None, transl=None
    ) -> np.ndarray:
        """Joint transforms relative to the rest pose, for :func:`skin`.

        Args: as in :meth:`forward`.

        Returns:
            (B, 24, 4, 4) float32; the identity in the zero pose.
        """
        return self._transforms(
            *self._inputs(betas, body_pose, global_orient, transl)
        )[1]

    @torch.no_grad()
    def _transforms(self, betas, pose, transl):
        rest = torch.from_numpy(self.rest_joints(betas))
        rotations = batch_rodrigues(pose.reshape(-1, 3)).reshape(
            -1, NUM_JOINTS, 3, 3
        )
        joints, transforms = batch_rigid_transform(
            rotations, rest, self.smpl.parents
        )
        transforms = transforms.clone()
        transforms[:, :, :3, 3] += transl[:, None]
        return (joints + transl[:, None]).numpy(), transforms.numpy()

    def keypoints(self, output: BodyOutput) -> np.ndarray:
        """3D keypoints in the order of OpenPose-18.

        The neck is the middle of the shoulders, as OpenPose has it.

        Args:
            output: posed bodies.

        Returns:
            (B, 18, 3) float32, metres.

        Raises:
            ValueError: if it is not known where this body's face is.
        """
        if self.landmarks is None:
            raise UserValueError(
                f'{self.path}: a body of {self.num_vertices} vertices, '
                'neither SMPL (6890) nor with keys landmarks and '
                'landmark_names, so its face keypoints are not known'
            )
        return openpose_keypoints(
            output.vertices, output.joints, self.landmarks
        )

    def _inputs(self, betas, body_pose, global_orient, transl):
        """Tensors (B, num_betas), (B, 72), (B, 3) from what was given."""
        betas = _rows('betas', betas, self.num_betas, pad=True)
        body_pose = _rows('body_pose', body_pose, 3 * (NUM_JOINTS - 1))
        global_orient = _rows('global_orient', global_orient, 3)
        transl = _rows('transl', transl, 3)
        sizes = {
            len(rows) for rows in (betas, body_pose, global_orient, transl)
        } - {1}
        if len(sizes) > 1:
            raise ValueError(
                f'betas, body_pose, global_orient and transl have batches of '
                f'{len(betas)}, {len(body_pose)}, {len(global_orient)} and '
                f'{len(transl)}; expected equal sizes, or 1'
            )
        batch = sizes.pop() if sizes else 1
        pose = torch.cat(
            [global_orient.expand(batch, -1), body_pose.expand(batch, -1)],
            dim=1,
        )
        return betas.expand(batch, -1), pose, transl.expand(batch, -1)


def _rows(name, value, width, pad=False):
    """A float32 tensor (B, width); zeros (1, width) for None."""
    if value is None:
        return torch.zeros(1, width)
    rows = torch.as_tensor(value, dtype=torch.float32).detach()
    if rows.ndim == 3:
        rows = rows.flatten(1)
    rows = rows[None] if rows.ndim == 1 else rows
    fits = rows.ndim == 2 and (
        rows.shape[1] == width or pad and rows.shape[1] < width
    )
    if not fits:
        raise ValueError(
            f'{name}: expected (B, {width}), got shape '
            f'{tuple(np.shape(value))}'
        )
    if not torch.isfinite(rows).all():
        raise ValueError(f'{name}: holds NaN or infinity')
    if rows.shape[1] == width:
        return rows
    return torch.nn.functional.pad(rows, (0, width - rows.shape[1]))


def _unrepeated(betas):
    """One row where all rows are the same person's."""
    return betas[:1] if (betas == betas[:1]).all() else betas


def _make_smpl(data, num_betas, landmarks):
    """``smplx.SMPL`` of the arrays; silent, without parameters."""
    # smplx picks extra joints at these vertices; any will do where unknown
    ids = landmarks or dict.fromkeys(vertex_ids['smplh'], 0)
    struct = Struct(**{key: data[key] for key in REQUIRED})
    struct.f = struct.f.astype(np.int64)
    struct.kintree_table = struct.kintree_table.astype(np.int64)
    with contextlib.redirect_stdout(io.StringIO()):  # it warns of 10 betas
        smpl = smplx.SMPL(
            '',
            data_struct=struct,
            num_betas=num_betas,
            vertex_ids=ids,
            create_betas=False,
            create_body_pose=False,
            create_global_orient=False,
            create_transl=False,
        )
    return smpl.eval().requires_grad_(False)
