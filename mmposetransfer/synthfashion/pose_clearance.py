# Copyright (c) the mmposetransfer authors. Licensed under Apache-2.0.
"""How far the limbs of a posed body go through each other.

The body is a set of capsules (a bone with a thickness) on the mean skeleton
of the free body; real shapes differ by a few centimetres.
"""
import numpy as np

from .pose_angles import joint_rotations

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
_OFFSETS = REST_JOINTS - np.where(
    np.array(PARENTS)[:, None] < 0, 0, REST_JOINTS[list(PARENTS)])

# name: (joint whose frame it lives in, ends at rest, radius in metres)
_CAPSULES = {
    'belly_left': (0, (.06, -.24, .06), (.055, -.04, .07), .100),
    'belly_right': (0, (-.06, -.24, .06), (-.055, -.04, .07), .100),
    'chest_left': (9, (.055, -.04, .07), (.075, .14, .065), .098),
    'chest_right': (9, (-.055, -.04, .07), (-.075, .14, .065), .098),
    'head': (15, (0, .40, .085), (0, .46, .095), .080),
    'left_upper_arm': (16, (.25, .19, .045), (.43, .178, .033), .040),
    'right_upper_arm': (17, (-.25, .19, .045), (-.43, .178, .033), .040),
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
                     for a, b in sorted(pairs)]).T


_PAIRS = _pairs()
_FRAMES = np.array([c[0] for c in _CAPSULES.values()])
_ENDS = np.array([c[1:3] for c in _CAPSULES.values()])  # (C, 2, 3)
_RADII = np.array([c[3] for c in _CAPSULES.values()])


def forward_kinematics(angles):
    """Pose the mean skeleton, the pelvis upright at its rest place.

    Args:
        angles (np.ndarray): (23, 3) degrees.

    Returns:
        tuple: joints (24, 3) metres and rotations (24, 3, 3) of the bones.
    """
    local = joint_rotations(angles)
    joints, rotations = np.empty((24, 3)), np.empty((24, 3, 3))
    joints[0], rotations[0] = REST_JOINTS[0], np.eye(3)
    for j in range(1, 24):
        parent = PARENTS[j]
        joints[j] = joints[parent] + rotations[parent] @ _OFFSETS[j]
        rotations[j] = rotations[parent] @ local[j - 1]
    return joints, rotations


def penetration(angles):
    """Depth to which limbs lie inside the trunk or other limbs.

    Args:
        angles (np.ndarray): (23, 3) degrees.

    Returns:
        tuple: the largest depth in metres (negative: all are apart) and the
        names of the two parts concerned.
    """
    joints, rotations = forward_kinematics(angles)
    local = _ENDS - REST_JOINTS[_FRAMES][:, None]
    ends = joints[_FRAMES][:, None] + np.einsum(
        'cij,cej->cei', rotations[_FRAMES], local)
    a, b = _PAIRS
    depth = _RADII[a] + _RADII[b] - segment_distance(
        ends[a, 0], ends[a, 1], ends[b, 0], ends[b, 1])
    worst = int(depth.argmax())
    return float(depth[worst]), (_NAMES[a[worst]], _NAMES[b[worst]])


def segment_distance(p0, p1, q0, q1):
    """Smallest distance between segments p0-p1 and q0-q1, (N, 3) each.

    After Ericson, Real-Time Collision Detection, section 5.1.9.
    """
    d1, d2, r = p1 - p0, q1 - q0, p0 - q0
    a, e = (d1 * d1).sum(1), (d2 * d2).sum(1)
    b, c, f = (d1 * d2).sum(1), (d1 * r).sum(1), (d2 * r).sum(1)
    denominator = a * e - b * b
    s = np.where(denominator > 1e-12, (b * f - c * e)
                 / np.maximum(denominator, 1e-12), 0.0).clip(0, 1)
    t = (b * s + f) / e
    inside = t.clip(0, 1)
    s = np.where(t == inside, s, ((b * inside - c) / a).clip(0, 1))
    gap = r + d1 * s[:, None] - d2 * inside[:, None]
    return np.sqrt((gap * gap).sum(1))
