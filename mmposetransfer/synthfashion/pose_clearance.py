# Copyright (c) the mmposetransfer authors. Licensed under Apache-2.0.
"""How far the limbs of a posed body go through each other.

The body is a set of capsules (a bone with a thickness) on the mean skeleton
of the free body; real shapes differ by a few centimetres.
"""

import numpy as np
from numba import njit

from mmposetransfer.geometry.pose_angles import joint_rotations
from mmposetransfer.geometry.smpl_layout import PARENTS

__all__ = ['REST_JOINTS', 'forward_kinematics', 'penetration']

#: (24, 3) metres: SMPL's joints of the free body's mean shape in T-pose.
REST_JOINTS = np.array(
    [
        (0, -0.220, 0.030),
        (0.113, -0.273, 0.041),
        (-0.113, -0.273, 0.041),
        (0, -0.107, 0.025),
        (0.117, -0.659, 0.033),
        (-0.117, -0.659, 0.033),
        (0, -0.025, 0.024),
        (0.108, -1.081, -0.006),
        (-0.108, -1.081, -0.006),
        (0, 0.103, 0.012),
        (0.134, -1.130, 0.141),
        (-0.134, -1.130, 0.141),
        (0, 0.288, 0.048),
        (0.063, 0.222, 0.063),
        (-0.063, 0.222, 0.063),
        (0, 0.386, 0.083),
        (0.170, 0.191, 0.059),
        (-0.170, 0.191, 0.059),
        (0.429, 0.178, 0.033),
        (-0.429, 0.178, 0.033),
        (0.662, 0.185, 0.033),
        (-0.662, 0.185, 0.033),
        (0.769, 0.179, 0.024),
        (-0.769, 0.179, 0.024),
    ]
)
_OFFSETS = REST_JOINTS - REST_JOINTS[PARENTS]  # the pelvis' is not used

# name: (joint whose frame it lives in, ends at rest, radius in metres)
_CAPSULES = {
    'belly_left': (0, (0.06, -0.24, 0.06), (0.055, -0.04, 0.07), 0.100),
    'belly_right': (0, (-0.06, -0.24, 0.06), (-0.055, -0.04, 0.07), 0.100),
    'chest_left': (9, (0.05, -0.04, 0.07), (0.06, 0.14, 0.065), 0.095),
    'chest_right': (9, (-0.05, -0.04, 0.07), (-0.06, 0.14, 0.065), 0.095),
    'head': (15, (0, 0.40, 0.085), (0, 0.46, 0.095), 0.080),
    'left_upper_arm': (16, (0.29, 0.186, 0.043), (0.43, 0.178, 0.033), 0.038),
    'right_upper_arm': (
        17,
        (-0.29, 0.186, 0.043),
        (-0.43, 0.178, 0.033),
        0.038,
    ),
    'left_forearm': (18, (0.44, 0.178, 0.033), (0.66, 0.185, 0.033), 0.032),
    'right_forearm': (19, (-0.44, 0.178, 0.033), (-0.66, 0.185, 0.033), 0.032),
    'left_palm': (20, (0.68, 0.183, 0.03), (0.77, 0.179, 0.024), 0.020),
    'right_palm': (21, (-0.68, 0.183, 0.03), (-0.77, 0.179, 0.024), 0.020),
    'left_thigh': (1, (0.115, -0.36, 0.045), (0.117, -0.64, 0.035), 0.070),
    'right_thigh': (2, (-0.115, -0.36, 0.045), (-0.117, -0.64, 0.035), 0.070),
    'left_shank': (4, (0.117, -0.68, 0.030), (0.108, -1.06, -0.005), 0.045),
    'right_shank': (5, (-0.117, -0.68, 0.030), (-0.108, -1.06, -0.005), 0.045),
    'left_sole': (7, (0.110, -1.11, 0.0), (0.137, -1.13, 0.15), 0.035),
    'right_sole': (8, (-0.110, -1.11, 0.0), (-0.137, -1.13, 0.15), 0.035),
}
_NAMES = tuple(_CAPSULES)


def _pairs():
    """Index pairs of capsules that must stay apart."""
    trunk = ['belly_left', 'belly_right', 'chest_left', 'chest_right', 'head']
    arm = ['upper_arm', 'forearm', 'palm']
    leg = ['thigh', 'shank', 'sole']
    pairs = []
    for side, other in (('left', 'right'), ('right', 'left')):
        for limb in ('forearm', 'palm'):
            pairs += [(f'{side}_{limb}', part) for part in trunk]
            pairs += [(f'{side}_{limb}', f'{s}_thigh') for s in (side, other)]
        pairs += [
            (f'{side}_upper_arm', part)
            for part in trunk
            if part.endswith(side) or part == 'head'
        ]
        pairs += [(f'{side}_upper_arm', f'{other}_{limb}') for limb in arm[1:]]
        pairs += [
            (f'{side}_{a}', f'{other}_{b}') for a in leg[:2] for b in leg[1:]
        ]
        pairs.append((f'{side}_palm', f'{other}_forearm'))
    pairs += [
        ('left_forearm', 'right_forearm'),
        ('left_palm', 'right_palm'),
        ('left_sole', 'right_sole'),
    ]
    pairs = {tuple(sorted(pair)) for pair in pairs}
    return np.array(
        [[_NAMES.index(a), _NAMES.index(b)] for a, b in sorted(pairs)]
    )


_PAIRS = _pairs()
_FRAMES = np.array([c[0] for c in _CAPSULES.values()])
_ENDS = np.array([c[1:3] for c in _CAPSULES.values()])  # (C, 2, 3)
_LOCAL_ENDS = _ENDS - REST_JOINTS[_FRAMES][:, None]
_RADII = np.array([c[3] for c in _CAPSULES.values()])


def forward_kinematics(angles):
    """Pose the mean skeleton, the pelvis upright at its rest place.

    Args:
        angles (np.ndarray): (23, 3) degrees.

    Returns:
        tuple: joints (24, 3) metres and rotations (24, 3, 3) of the bones.
    """
    return _chain(joint_rotations(angles), PARENTS, _OFFSETS, REST_JOINTS[0])


def penetration(angles):
    """Depth to which limbs lie inside the trunk or other limbs.

    Args:
        angles (np.ndarray): (23, 3) degrees.

    Returns:
        tuple: the largest depth in metres (negative: all are apart) and the
        names of the two parts concerned.
    """
    joints, rotations = forward_kinematics(angles)
    depth = _depths(joints, rotations, _FRAMES, _LOCAL_ENDS, _RADII, _PAIRS)
    worst = int(depth.argmax())
    return float(depth[worst]), tuple(_NAMES[c] for c in _PAIRS[worst])


@njit(cache=True, nogil=True)
def _chain(local, parents, offsets, root):
    """Forward kinematics: joints (24, 3) and rotations (24, 3, 3)."""
    joints, rotations = np.empty((24, 3)), np.empty((24, 3, 3))
    joints[0], rotations[0] = root, np.eye(3)
    for j in range(1, 24):
        parent = parents[j]
        for r in range(3):
            joints[j, r] = joints[parent, r]
            for k in range(3):
                joints[j, r] += rotations[parent, r, k] * offsets[j, k]
            for c in range(3):
                rotations[j, r, c] = 0.0
                for k in range(3):
                    rotations[j, r, c] += (
                        rotations[parent, r, k] * local[j - 1, k, c]
                    )
    return joints, rotations


@njit(cache=True, nogil=True)
def _depths(joints, rotations, frames, local_ends, radii, pairs):
    """Penetration (P,) of pairs of capsules."""
    ends = np.empty((len(frames), 2, 3))
    for c in range(len(frames)):
        for e in range(2):
            for r in range(3):
                ends[c, e, r] = joints[frames[c], r]
                for k in range(3):
                    ends[c, e, r] += (
                        rotations[frames[c], r, k] * local_ends[c, e, k]
                    )
    depths = np.empty(len(pairs))
    for i in range(len(pairs)):
        a, b = pairs[i]
        depths[i] = (
            radii[a]
            + radii[b]
            - segment_distance(ends[a, 0], ends[a, 1], ends[b, 0], ends[b, 1])
        )
    return depths


@njit(cache=True, nogil=True)
def segment_distance(p0, p1, q0, q1):
    """Smallest distance between the segments p0-p1 and q0-q1, (3,) each.

    After Ericson, Real-Time Collision Detection (2005), section 5.1.9.
    """
    d1, d2, r = p1 - p0, q1 - q0, p0 - q0
    a, e = (d1 * d1).sum(), (d2 * d2).sum()
    b, c, f = (d1 * d2).sum(), (d1 * r).sum(), (d2 * r).sum()
    denominator = a * e - b * b
    s = 0.0
    if denominator > 1e-12:
        s = min(max((b * f - c * e) / denominator, 0.0), 1.0)
    t = (b * s + f) / e
    if t < 0.0 or t > 1.0:
        t = min(max(t, 0.0), 1.0)
        s = min(max((b * t - c) / a, 0.0), 1.0)
    gap = r + s * d1 - t * d2
    return np.sqrt((gap * gap).sum())
