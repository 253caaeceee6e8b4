# Copyright (c) the mmposetransfer authors. Licensed under Apache-2.0.
"""Joint angles that read like anatomy, their limits, and axis-angle.

Convention: SMPL's 23 body joints, T-pose at zero, x to the body's left, y
up, z to the front. Angles are in degrees about x, y and z. Arms (collar,
shoulder, elbow, wrist, hand) turn by Rz @ Ry @ Rx: twist about the arm, then
swing forward (left: negative y), then raise (left: positive z). Legs, spine
and head turn by Rx @ Rz @ Ry: twist about the upright bone, then move
sideways, then bend (hip: negative x lifts the thigh forward; knee: positive
x bends; spine: positive x leans forward).

A right joint is the mirror image of the left one: same x, opposite y and z.
"""

import numpy as np
from scipy.spatial.transform import Rotation

__all__ = [
    'ARM_JOINTS',
    'JOINT_LIMITS',
    'JOINT_NAMES',
    'MIRROR',
    'angles_to_axis_angle',
    'axis_angle_to_angles',
    'joint_rotations',
    'mirror_angles',
]

JOINT_NAMES = (
    'left_hip',
    'right_hip',
    'spine1',
    'left_knee',
    'right_knee',
    'spine2',
    'left_ankle',
    'right_ankle',
    'spine3',
    'left_foot',
    'right_foot',
    'neck',
    'left_collar',
    'right_collar',
    'head',
    'left_shoulder',
    'right_shoulder',
    'left_elbow',
    'right_elbow',
    'left_wrist',
    'right_wrist',
    'left_hand',
    'right_hand',
)
MIRROR = np.array(
    [
        JOINT_NAMES.index(
            name.replace('left', '?')
            .replace('right', 'left')
            .replace('?', 'right')
        )
        for name in JOINT_NAMES
    ]
)

#: (23,) bool, which joints turn as arms do.
ARM_JOINTS = np.array(
    [
        name.split('_')[-1] in ('collar', 'shoulder', 'elbow', 'wrist', 'hand')
        for name in JOINT_NAMES
    ]
)
_ARMS, _OTHERS = np.flatnonzero(ARM_JOINTS), np.flatnonzero(~ARM_JOINTS)

# Degrees (low, high) about x, y, z; of a pair the left one. Within the range
# of motion of healthy adults (hip -120..30, knee 0..150, elbow 0..150 ...).
_RANGES = {
    'hip': ((-120, 35), (-40, 45), (-25, 60)),
    'knee': ((-3, 150), (-10, 10), (-5, 5)),
    'ankle': ((-30, 50), (-20, 20), (-25, 25)),
    'foot': ((-50, 25), (-5, 5), (-5, 5)),
    'spine1': ((-20, 35), (-20, 20), (-15, 15)),
    'spine2': ((-15, 25), (-20, 20), (-15, 15)),
    'spine3': ((-15, 20), (-20, 20), (-15, 15)),
    'neck': ((-30, 35), (-40, 40), (-20, 20)),
    'head': ((-30, 30), (-40, 40), (-20, 20)),
    'collar': ((-10, 10), (-20, 20), (-12, 35)),
    'shoulder': ((-80, 95), (-125, 45), (-95, 95)),
    'elbow': ((-85, 85), (-150, 3), (-3, 3)),
    'wrist': ((-20, 20), (-30, 30), (-75, 65)),
    'hand': ((-10, 10), (-10, 10), (-80, 20)),
}


def _limits():
    limits = np.empty((23, 3, 2), np.float32)
    for j, name in enumerate(JOINT_NAMES):
        limits[j] = _RANGES[name.split('_')[-1]]
        if name.startswith('right'):
            limits[j, 1:] = -limits[j, 1:, ::-1]
    limits.setflags(write=False)
    return limits


#: (23, 3, 2) degrees: lowest and highest angle about x, y, z of each joint,
#: in the turning order that the module's docstring states.
JOINT_LIMITS = _limits()


def joint_rotations(angles):
    """Turn joint angles into rotation matrices.

    Args:
        angles (np.ndarray): (23, 3) degrees.

    Returns:
        np.ndarray: (23, 3, 3) float64.
    """
    radians = np.radians(angles).T
    axes = np.zeros((3, 23, 3, 3))
    cosines, sines = np.cos(radians), np.sin(radians)
    for axis, (turned, c, s) in enumerate(
        zip(axes, cosines, sines, strict=True)
    ):
        a, b = (axis + 1) % 3, (axis + 2) % 3
        turned[:, axis, axis] = 1
        turned[:, a, a] = turned[:, b, b] = c
        turned[:, b, a], turned[:, a, b] = s, -s
    rx, ry, rz = axes
    arm = ARM_JOINTS[:, None, None]
    return np.where(arm, rz @ ry @ rx, rx @ rz @ ry)


def angles_to_axis_angle(angles):
    """Turn joint angles into SMPL's pose vector.

    Args:
        angles (np.ndarray): (23, 3) degrees.

    Returns:
        np.ndarray: (69,) float32 axis-angle, radians.
    """
    rotations = Rotation.from_matrix(joint_rotations(angles))
    return rotations.as_rotvec().astype(np.float32).reshape(69)


def axis_angle_to_angles(body_pose):
    """Inverse of :func:`angles_to_axis_angle`.

    Args:
        body_pose (np.ndarray): (69,) axis-angle, radians.

    Returns:
        np.ndarray: (23, 3) float64 degrees. Of the two triples that give
        the same rotation, the one that is nearer to ``JOINT_LIMITS``; no
        joint's limits hold both.
    """
    rotvec = np.asarray(body_pose, np.float64).reshape(23, 3)
    angles = np.empty((23, 3))
    angles[_ARMS] = Rotation.from_rotvec(rotvec[_ARMS]).as_euler(
        'ZYX', degrees=True
    )[:, ::-1]
    xzy = Rotation.from_rotvec(rotvec[_OTHERS]).as_euler('XZY', degrees=True)
    angles[_OTHERS] = xzy[:, [0, 2, 1]]
    # The other triple: half a turn more about both outer axes.
    other = angles + 180
    middle = np.where(ARM_JOINTS, 1, 2)[:, None] == np.arange(3)
    other = np.where(middle, 180 - angles, other)
    other = (other + 180) % 360 - 180
    better = _excess(other) < _excess(angles)
    return np.where(better[:, None], other, angles)


def _excess(angles):
    """Degrees by which each joint is beyond its limits, (23,)."""
    beyond = np.maximum(
        JOINT_LIMITS[..., 0] - angles, angles - JOINT_LIMITS[..., 1]
    )
    return beyond.clip(0).sum(1)


def mirror_angles(angles):
    """Swap left and right.

    Args:
        angles (np.ndarray): (23, 3) degrees.

    Returns:
        np.ndarray: (23, 3) degrees.
    """
    return angles[MIRROR] * np.array([1, -1, -1])
