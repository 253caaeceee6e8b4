# Copyright (c) the mmposetransfer authors. Licensed under Apache-2.0.
"""Poses of fashion photographs, drawn at random within joint limits.

Convention: SMPL's. Zero is the T-pose; axis-angle in radians, joints in
SMPL's order; x to the body's left, y up, z to the front.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.spatial.transform import Rotation

from mmposetransfer.geometry.pose_angles import (
    JOINT_LIMITS,
    JOINT_NAMES,
    MIRROR,
    angles_to_axis_angle,
    mirror_angles,
)

from .pose_classes import POSE_CLASSES, STANDING
from .pose_clearance import penetration

__all__ = [
    'JOINT_LIMITS',
    'POSE_CLASSES',
    'Pose',
    'mirror_pose',
    'pose_yaw',
    'sample_pose',
]

_INDEX = {name: j for j, name in enumerate(JOINT_NAMES)}
_WEIGHTS = np.array([c.weight for c in POSE_CLASSES.values()])
_WEIGHTS = np.cumsum(_WEIGHTS / _WEIGHTS.sum())
#: Metres by which flesh may give way where parts touch.
TOLERANCE = 0.02


@dataclass(frozen=True)
class Pose:
    """A pose of a body.

    Attributes:
        name: Its class, a key of ``POSE_CLASSES``.
        body_pose: (69,) float32, axis-angle of SMPL's 23 body joints.
        global_orient: (3,) float32, axis-angle of the pelvis: the view's
            yaw about y, after a small pitch and roll.
    """

    name: str
    body_pose: np.ndarray
    global_orient: np.ndarray


def sample_pose(rng, name=None):
    """Draw a pose: a class's prototype and a natural variation of it.

    Joints vary together (weight shift, twist, swing of the arms) and stay
    within ``JOINT_LIMITS``. A variation that would push a limb through the
    body is made smaller until it does not.

    Args:
        rng (np.random.Generator): Source of randomness.
        name (str, optional): Key of ``POSE_CLASSES``. None draws one, most
            often a plain standing pose seen from the front.

    Returns:
        Pose: The pose.

    Raises:
        ValueError: If there is no such class.
    """
    if name is None:
        index = int(np.searchsorted(_WEIGHTS, rng.random(), side='right'))
        name = tuple(POSE_CLASSES)[min(index, len(_WEIGHTS) - 1)]
    if name not in POSE_CLASSES:
        raise ValueError(
            f'unknown pose class {name!r}; expected one of '
            f'{tuple(POSE_CLASSES)}'
        )
    pose_class = POSE_CLASSES[name]
    mirrored = rng.random() < 0.5
    yaw, tied = _sample_yaw(rng, pose_class.views)
    change, tilt = _variation(rng, pose_class)
    angles, tilt = _settle(name, change, tilt)
    if mirrored:
        angles, tilt = mirror_angles(angles), tilt * [1, -1]
        yaw = -yaw if tied else yaw
    return Pose(name, angles_to_axis_angle(angles), _orient(yaw, tilt))


def mirror_pose(pose):
    """Swap left and right, as a mirror at x = 0 does.

    Args:
        pose (Pose): A pose.

    Returns:
        Pose: Of the same class.
    """
    flip = np.array([1, -1, -1], np.float32)
    body = pose.body_pose.reshape(23, 3)[MIRROR] * flip
    return Pose(pose.name, body.reshape(69), pose.global_orient * flip)


def pose_yaw(pose):
    """Direction that the hips face.

    Args:
        pose (Pose): A pose.

    Returns:
        float: Degrees in (-180, 180]; 0 faces the viewer, 90 the body's
        left side of the picture, 180 shows the back.
    """
    facing = Rotation.from_rotvec(pose.global_orient).apply([0, 0, 1])
    return float(np.degrees(np.arctan2(facing[0], facing[2])))


@cache
def prototype(name):
    """Joint angles of a class before any variation, (23, 3) degrees."""
    angles = np.zeros((23, 3))
    for table in (STANDING, POSE_CLASSES[name].angles):
        # Entries for both sides first: one for a single side overrides them.
        for joint in sorted(table, key=lambda key: key in _INDEX):
            for j in _sides(joint):
                sign = -1 if JOINT_NAMES[j].startswith('right') else 1
                angles[j] = np.multiply(table[joint], (1, sign, sign))
    angles.setflags(write=False)  # one array for all who ask
    return angles


def _sides(joint):
    """Indices of the joints that a prototype's entry speaks of."""
    if joint in _INDEX:
        return [_INDEX[joint]]
    return [_INDEX[f'left_{joint}'], _INDEX[f'right_{joint}']]


def _sample_yaw(rng, views):
    """Degrees of yaw from a mixture, and whether its sign is tied."""
    chances = np.cumsum([chance for chance, _, _ in views])
    k = min(int(np.searchsorted(chances, rng.random())), len(views) - 1)
    _, mean, deviation = views[k]
    yaw = mean + rng.normal(0, deviation)
    sign = rng.choice([-1, 1])
    return (yaw, True) if mean < 0 else (sign * yaw, False)


def _orient(yaw, tilt):
    """Axis-angle (3,) of yaw after pitch and roll, all in degrees."""
    turn = Rotation.from_euler('YXZ', [yaw, *tilt], degrees=True)
    return turn.as_rotvec().astype(np.float32)


def _variation(rng, pose_class):
    """Draw a change of angles (23, 3) and of the pelvis' tilt (2,)."""
    change = rng.normal(0, 1.2, (23, 3))
    change[[_INDEX['left_foot'], _INDEX['right_foot']]] = 0
    tilt = np.array(rng.normal(0, (1.5, 2.0)))
    _vary_trunk(rng, change, tilt)
    _vary_legs(rng, change, pose_class.legs)
    _vary_arms(rng, change, pose_class.arms)
    return change, tilt


def _vary_trunk(rng, change, tilt):
    """Twist, lean and sway of the spine; the head mostly makes up for it."""
    twist, lean, sway = rng.normal(0, (7, 3.5, 3.5))
    spine = [_INDEX['spine1'], _INDEX['spine2'], _INDEX['spine3']]
    change[spine] += [lean / 3, twist / 3, (sway - tilt[1]) / 3]
    look, nod, cock = rng.normal(0, (14, 6, 5))
    for joint in ('neck', 'head'):
        change[_INDEX[joint]] += [
            (nod - 0.7 * lean) / 2,
            (look - 0.7 * twist) / 2,
            (cock - 0.6 * sway) / 2,
        ]


def _vary_legs(rng, change, freedom):
    """Width of the stance, one knee looser, toes in or out."""
    width, toes = rng.normal(0, (2.5, 5)) * freedom
    loose = np.abs(rng.normal(0, 7)) * freedom
    for side, sign in (('left', 1), ('right', -1)):
        hip, knee = _INDEX[f'{side}_hip'], _INDEX[f'{side}_knee']
        change[hip] += sign * np.array([0, toes, width])
        change[knee, 1:] = 0
        if side == 'left':
            change[hip, 0] -= 0.55 * loose
            change[knee, 0] += loose


def _vary_arms(rng, change, freedom):
    """Arms swing together or against each other; elbows and wrists bend."""
    together, against = rng.normal(0, (7, 8))
    raised = rng.normal(0, 5)
    for side, sign in (('left', 1), ('right', -1)):
        swing = together + sign * against
        arm = [
            _INDEX[f'{side}_{joint}']
            for joint in ('collar', 'shoulder', 'elbow', 'wrist', 'hand')
        ]
        own = rng.normal(0, (4, 4, 4, 10))
        delta = np.zeros((5, 3))
        delta[0, 2] = 0.2 * own[1]
        delta[1] = own[0] * 2, -swing, raised + own[1]
        delta[2] = own[2] * 2, -np.abs(own[3]) - 0.4 * max(swing, 0), 0
        delta[3] = rng.normal(0, (2, 4, 8))
        delta[4, 2] = rng.normal(0, 8)
        change[arm] *= freedom
        change[arm] += freedom * delta * [1, sign, sign]


def _settle(name, change, tilt):
    """Add as much of a variation as keeps the limbs apart."""
    pose_class = POSE_CLASSES[name]
    base, base_tilt = prototype(name), np.array(pose_class.pelvis, float)
    for share in (1.0, 0.7, 0.4, 0.2, 0.0):
        angles = base + share * change
        total_tilt = base_tilt + share * tilt
        if pose_class.flat_feet:
            _level_feet(angles, total_tilt)
        angles = np.clip(angles, JOINT_LIMITS[..., 0], JOINT_LIMITS[..., 1])
        if penetration(angles)[0] <= TOLERANCE:
            break
    return angles, total_tilt


def _level_feet(angles, tilt):
    """Turn the ankles so that the soles stay level, in place."""
    for side in ('left', 'right'):
        hip, knee, ankle = (
            angles[_INDEX[f'{side}_{joint}']]
            for joint in ('hip', 'knee', 'ankle')
        )
        ankle[0] = -(hip[0] + knee[0] + tilt[0])
        ankle[2] = -(hip[2] + tilt[1])
