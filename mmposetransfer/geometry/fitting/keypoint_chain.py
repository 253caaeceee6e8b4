"""From joint angles and shape to OpenPose-18 keypoints, with derivatives.

No vertices: joints are linear in the betas, the face's points ride on the
head. Everything is batched torch, on any device, and runs under autograd;
the Jacobian is closed-form (joint axes, as in robotics) and far cheaper.

Convention: as :class:`BodyModel`: metres, x to the body's left, y up, z to
the front; angles as in ``pose_angles``, in radians here.
"""

from typing import NamedTuple

import numpy as np
import torch

from mmposetransfer.errors import UserValueError

from ..body_model import BodyModel
from ..pose_angles import ARM_JOINTS
from ..smpl_layout import OPENPOSE_FACE

__all__ = [
    'SOLVED_JOINTS',
    'ChainState',
    'KeypointChain',
    'angle_axes',
    'angle_rotations',
]

#: Of SMPL's 24 joints those that move a keypoint; the turns of wrists,
#: hands, ankles and feet move none.
SOLVED_JOINTS = (1, 2, 3, 4, 5, 6, 9, 12, 13, 14, 15, 16, 17, 18, 19)
_HEAD = 15
# Nodes of the chain, parents first, by distance from the pelvis: SMPL's
# joints, and nose, right eye, left eye, right ear and left ear as 24 to 28.
_LEVELS = (
    (0,),
    (1, 2, 3),
    (4, 5, 6),
    (7, 8, 9),
    (12, 13, 14),
    (15, 16, 17),
    (18, 19, 24, 25, 26, 27, 28),
    (20, 21),
)
_NODES = sum(_LEVELS, ())
_TURNING = (0, *SOLVED_JOINTS)
# Node, or two whose middle it is, of each OpenPose-18 keypoint.
_KEYPOINT_NODES = (
    (24,),
    (16, 17),
    (17,),
    (19,),
    (21,),
    (16,),
    (18,),
    (20,),
    (2,),
    (5,),
    (8,),
    (1,),
    (4,),
    (7,),
    (25,),
    (26,),
    (27,),
    (28,),
)
_ARM = ARM_JOINTS[[j - 1 for j in SOLVED_JOINTS]]


class ChainState(NamedTuple):
    """Where bodies stand.

    Attributes:
        orient: (N, 3, 3) rotation of the pelvis.
        camera: (N, 3) log of pixels per metre, and the column and row of the
            world's origin.
        angles: (N, 15, 3) radians about x, y, z of :data:`SOLVED_JOINTS`.
        betas: (N, S) shape.
    """

    orient: torch.Tensor
    camera: torch.Tensor
    angles: torch.Tensor
    betas: torch.Tensor


def angle_rotations(angles, arm):
    """Rotation matrices of joint angles.

    Args:
        angles (Tensor): (..., J, 3) radians about x, y, z.
        arm (Tensor): (J,) bool, whether a joint turns as arms do
            (Rz Ry Rx), else as legs and spine do (Rx Rz Ry).

    Returns:
        Tensor: (..., J, 3, 3).
    """
    (cx, cy, cz), (sx, sy, sz) = (
        t.unbind(-1) for t in (angles.cos(), angles.sin())
    )
    zero = torch.zeros_like(cx)
    limb = [
        cz * cy,
        cz * sy * sx - sz * cx,
        cz * sy * cx + sz * sx,
        sz * cy,
        sz * sy * sx + cz * cx,
        sz * sy * cx - cz * sx,
        -sy,
        cy * sx,
        cy * cx,
    ]
    trunk = [
        cz * cy,
        -sz,
        cz * sy,
        cx * sz * cy + sx * sy,
        cx * cz,
        cx * sz * sy - sx * cy,
        sx * sz * cy - cx * sy,
        sx * cz,
        sx * sz * sy + cx * cy,
    ]
    entries = [
        torch.where(arm, a, b + zero) for a, b in zip(limb, trunk, strict=True)
    ]
    return torch.stack(entries, -1).unflatten(-1, (3, 3))


def angle_axes(angles, arm):
    """Axes that each angle turns about, in the parent's frame.

    Args: as :func:`angle_rotations`.

    Returns:
        Tensor: (..., J, 3, 3): rows are the axes of x, y and z.
    """
    (cx, cy, cz), (sx, sy, sz) = (
        t.unbind(-1) for t in (angles.cos(), angles.sin())
    )
    zero, one = torch.zeros_like(cx), torch.ones_like(cx)
    limb = [cz * cy, sz * cy, -sy, -sz, cz, zero, zero, zero, one]
    trunk = [one, zero, zero, -sz, cx * cz, sx * cz, zero, -sx, cx]
    entries = [
        torch.where(arm, a, b) for a, b in zip(limb, trunk, strict=True)
    ]
    return torch.stack(entries, -1).unflatten(-1, (3, 3))


class KeypointChain:
    """Keypoints of many bodies of one model.

    Args:
        body (BodyModel): The body; its face must be known.
        device (str | torch.device): Where to compute.
        dtype (torch.dtype): Floating type.

    Raises:
        ValueError: If it is not known where this body's face is.
    """

    def __init__(self, body: BodyModel, device='cpu', dtype=torch.float32):
        if body.landmarks is None:
            raise UserValueError(
                f'{body.path}: it is not known where the face of this body '
                'is (neither SMPL nor with the key landmarks), so it cannot '
                'be fitted to keypoints'
            )

        def tensor(array, dtype=dtype):
            return torch.as_tensor(np.array(array), dtype=dtype, device=device)

        rest, dirs = _rest_nodes(body)
        parents = dict(enumerate(map(int, body.parents)))
        parents |= dict.fromkeys(range(24, 29), _HEAD)
        # Of each level: its nodes, their parents among the turning ones,
        # those of it that turn, and their rows among the solved.
        self._levels = [
            (
                [_NODES.index(n) for n in level],
                [_TURNING.index(parents[n]) for n in level],
                [level.index(n) for n in level if n in SOLVED_JOINTS],
                [SOLVED_JOINTS.index(n) for n in level if n in SOLVED_JOINTS],
            )
            for level in _LEVELS[1:]
        ]
        up = [_NODES.index(max(parents[n], 0)) for n in _NODES]
        self.num_betas = body.num_betas
        self._root, self._root_dirs = tensor(rest[0]), tensor(dirs[0])
        self._offsets = tensor(rest - rest[up])
        self._offset_dirs = tensor(dirs - dirs[up])
        self._arm = tensor(_ARM, torch.bool)
        self._mix = tensor(_mixing())
        self._turning = [_NODES.index(n) for n in _TURNING]
        self._solved_parents = [
            _TURNING.index(parents[n]) for n in SOLVED_JOINTS
        ]
        # (16, 18, 25): what of each keypoint hangs below each turning joint
        self._hanging = tensor(_below(parents)[:, None] * _mixing())
        self._hanging_sum = self._hanging.sum(-1, keepdim=True)

    def keypoints(self, state: ChainState):
        """World keypoints.

        Args:
            state (ChainState): N bodies.

        Returns:
            Tensor: (N, 18, 3) metres.
        """
        return self._mix @ self._pose(state)[0]

    def with_jacobian(self, state: ChainState):
        """World keypoints and their derivatives.

        Args:
            state (ChainState): N bodies.

        Returns:
            tuple: (N, 18, 3) keypoints, and (N, 48 + S, 18, 3) their
            derivatives: by small turns of the whole body about the world's
            x, y and z axes through the pelvis, by the 45 angles, and by the
            betas.
        """
        nodes, turns, slopes = self._pose(state, slopes=True)
        axes = angle_axes(state.angles, self._arm)
        axes = axes @ turns[:, self._solved_parents].mT
        eye = torch.eye(3, dtype=axes.dtype, device=axes.device)
        axes = torch.cat([eye.expand(len(nodes), 1, 3, 3), axes], 1)
        # Turning about a joint moves what hangs below it: axis x arm.
        arms = torch.einsum('tkn,bnc->btkc', self._hanging, nodes)
        arms = arms - self._hanging_sum * nodes[:, self._turning, None]
        moved = torch.linalg.cross(
            axes[:, :, :, None], arms[:, :, None], dim=-1
        ).flatten(1, 2)
        shape = (self._mix @ slopes.flatten(2)).unflatten(2, (3, -1))
        return (
            self._mix @ nodes,
            torch.cat([moved, shape.permute(0, 3, 1, 2)], 1),
        )

    def _pose(self, state, slopes=False):
        """Nodes (N, 25, 3), turns (N, 16, 3, 3), d nodes / d betas."""
        count = len(state.orient)
        local = angle_rotations(state.angles, self._arm)
        offsets = self._offsets + torch.einsum(
            'ncs,bs->bnc', self._offset_dirs, state.betas
        )
        turns = [state.orient[:, None]]
        root = self._root + state.betas @ self._root_dirs.T
        places = [root[:, None]]
        slope = [self._root_dirs.expand(count, 1, 3, -1)] if slopes else []
        for nodes, parents, turning, rows in self._levels:
            turn = torch.cat(turns, 1)[:, parents]
            up = [self._turning[p] for p in parents]
            places.append(
                torch.cat(places, 1)[:, up]
                + (turn @ offsets[:, nodes, :, None]).squeeze(-1)
            )
            if slopes:
                slope.append(
                    torch.cat(slope, 1)[:, up]
                    + turn @ self._offset_dirs[nodes]
                )
            if turning:
                turns.append(turn[:, turning] @ local[:, rows])
        return (
            torch.cat(places, 1),
            torch.cat(turns, 1),
            torch.cat(slope, 1) if slopes else None,
        )


def _rest_nodes(body):
    """Resting nodes (25, 3) and their slopes by the betas (25, 3, S)."""
    smpl = body.smpl
    template = smpl.v_template.double().numpy()
    shapedirs = smpl.shapedirs.double().numpy()
    regressor = smpl.J_regressor.double().numpy()
    face = [body.landmarks[name] for name in OPENPOSE_FACE]
    rest = np.concatenate([regressor @ template, template[face]])
    dirs = np.concatenate(
        [np.einsum('jv,vcs->jcs', regressor, shapedirs), shapedirs[face]]
    )
    return rest[list(_NODES)], dirs[list(_NODES)]


def _mixing():
    """(18, 25): keypoints from nodes."""
    mix = np.zeros((len(_KEYPOINT_NODES), len(_NODES)))
    for row, nodes in enumerate(_KEYPOINT_NODES):
        mix[row, [_NODES.index(n) for n in nodes]] = 1 / len(nodes)
    return mix


def _below(parents):
    """(16, 25): which nodes hang below each turning joint."""
    below = np.zeros((len(_TURNING), len(_NODES)))
    for column, node in enumerate(_NODES):
        while node > 0:
            node = parents[node]
            below[_TURNING.index(node), column] = 1
    return below
