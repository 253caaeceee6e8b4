# Copyright (c) the mmposetransfer authors. Licensed under Apache-2.0.
"""How far the limbs of a posed body go through each other.

The body is a set of capsules (a bone with a thickness) on the mean skeleton
of the free body; real shapes differ by a few centimetres.
"""
import numpy as np
from numba import njit

from mmposetransfer.geometry.pose_angles import joint_rotations

__all__ = ['PARENTS', 'REST_JOINTS', 'forward_kinematics', 'penetration']

PARENTS = (-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17,
           18, 19, 20, 21)
#: (24, 3) metres: SMPL's joints of the free body's mean shape in T-pose.
REST_JOINTS = np.array([
    (0, -.220, .030), (.113, -.273, .041), (-.113, -.273, .041),
    (0, -.107, .025), (.117, -.659, .033), (-.117, -.659, .033),
    (0, -.025, .024), (.108, -1.081, -.006), (-.108, -1.081, -.006),
    (0, .103, .012), (.134, -1.130, .141), (-.134, -1.130, .141),
    (0, .288, .048), (.063, .222, .063), (-.063, .222, .063),
    (0, .386, .083), (.170, .191, .059), (-.170, .191, .059),
    (.429, .178, .033), (-.429, .178, .033), (.662, .185, .033),
    (-.662, .185, .033), (.769, .179, .024), (-.769, .179, .024)])
_PARENTS = np.array(PARENTS)
_OFFSETS = REST_JOINTS - REST_JOINTS[_PARENTS]  # the pelvis' is not used

# name: (joint whose frame it lives in, ends at rest, radius in metres)
_CAPSULES = {
    'belly_left': (0, (.06, -.24, .06), (.055, -.04, .07), .100),
    'belly_right': (0, (-.06, -.24, .06), (-.055, -.04, .07), .100),
    'chest_left': (9, (.05, -.04, .07), (.06, .14, .065), .095),
    'chest_right': (9, (-.05, -.04, .07), (-.06, .14, .065), .095),
    'head': (15, (0, .40, .085), (0, .46, .095), .080),
    'left_upper_arm': (16, (.29, .186, .043), (.43, .178, .033), .038),
    'right_upper_arm': (17, (-.29, .186, .043), (-.43, .178, .033), .038),
    'left_forearm': (18, (.44, .178, .033), (.66, .185, .033), .032),
    'right_forearm': (19, (-.44, .178, .033), (-.66, .185, .033), .032),
    'left_palm': (20, (.68, .183, .03), (.77, .179, .024), .020),
    'right_palm': (21, (-.68, .183, .03), (-.77, .179, .024), .020),
    'left_thigh': (1, (.115, -.36, .045), (.117, -.64, .035), .070),
    'right_thigh': (2, (-.115, -.36, .045), (-.117, -.64, .035), .070),
    'left_shank': (4, (.117, -.68, .030), (.108, -1.06, -.005), .045),
    'right_shank': (5, (-.117, -.68, .030), (-.108, -1.06, -.005), .045),
    'left_sole': (7, (.110, -1.11, .0), (.137, -1.13, .15), .035),
    'right_sole': (8, (-.110, -1.11, .0), (-.137, -1.13, .15), .035),
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
            pairs += [(f'{side}_{limb}', f'{s}_thigh')
                      for s in (side, other)]
        pairs += [(f'{side}_upper_arm', part) for part in trunk
                  if part.endswith(side) or part == 'head']
        pairs += [(f'{side}_upper_arm', f'{other}_{limb}')
                  for limb in arm[1:]]
        pairs += [(f'{side}_{a}', f'{other}_{b}')
                  for a in leg[:2] for b in leg[1:]]
        pairs.append((f'{side}_palm', f'{other}_forearm'))
    pairs += [('left_forearm', 'right_forearm'),
              ('left_palm', 'right_palm'), ('left_sole', 'right_sole')]
    pairs = {tuple(sorted(pair)) for pair in pairs}
    return np.array([[_NAMES.index(a), _NAMES.index(b)]
                     for a, b in sorted(pairs)])


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
    return _chain(joint_rotations(angles), _PARENTS, _OFFSETS,
                  REST_JOINTS[0])


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
                    rotations[j, r, c] += (rotations[parent, r, k]
                                           * local[j - 1, k, c])
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
                    ends[c, e, r] += (rotations[frames[c], r, k]
                                      * local_ends[c, e, k])
    depths = np.empty(len(pairs))
    for i in range(len(pairs)):
        a, b = pairs[i]
        depths[i] = radii[a] + radii[b] - segment_distance(
            ends[a, 0], ends[a, 1], ends[b, 0], ends[b, 1])
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
