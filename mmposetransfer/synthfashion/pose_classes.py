# Copyright (c) the mmposetransfer authors. Licensed under Apache-2.0.
"""Prototypes of the poses that people take in shop photographs.

Angles follow `geometry.pose_angles`; an entry without a side ('shoulder') sets
both, in the left one's signs, and so does a sided one: 'right_shoulder':
(0, 0, -70) hangs down as 'left_shoulder': (0, 0, -70) does. Poses with two
different sides are shown mirrored half of the time.
"""

from dataclasses import dataclass, field

__all__ = ['POSE_CLASSES', 'PoseClass']

# (probability, mean yaw, standard deviation) in degrees; yaw 0 faces the
# viewer, 180 shows the back. A positive mean is taken to either side, a
# negative one belongs to the sides of the prototype: it changes its sign
# only where the pose is mirrored.
_FRONT = ((1.0, 0, 9),)
_SIDE = ((1.0, 85, 10),)
_BACK = ((1.0, 180, 14),)
_OBLIQUE = ((1.0, 45, 11),)
_MIXED = ((0.55, 0, 10), (0.25, 40, 12), (0.1, 85, 12), (0.1, 180, 15))
_WALKS = ((0.4, 0, 10), (0.25, 40, 12), (0.25, 85, 10), (0.1, 180, 15))
_PROFILE = ((0.25, 25, 12), (0.35, 50, 12), (0.4, 82, 10))


@dataclass(frozen=True)
class PoseClass:
    """A kind of pose.

    Attributes:
        weight: How often it is drawn, relative to the others.
        angles: Joint name to (x, y, z) degrees, over the standing pose.
        views: Mixture of (probability, mean yaw, deviation), degrees.
        pelvis: Forward pitch and sideways roll of the hips, degrees.
        arms: How freely the arms vary; less where hands touch something.
        legs: How freely the legs vary.
        flat_feet: Whether the ankles keep the soles level.
    """

    weight: float
    angles: dict = field(default_factory=dict)
    views: tuple = _MIXED
    pelvis: tuple = (0, 0)
    arms: float = 1.0
    legs: float = 1.0
    flat_feet: bool = True


#: What every pose starts from: upright, arms hanging, feet a little apart.
STANDING = {
    'hip': (-2, 7, 3),
    'knee': (4, 0, 0),
    'foot': (0, 0, 0),
    'collar': (0, 0, -4),
    'shoulder': (8, 4, -70),
    'elbow': (12, -16, 0),
    'wrist': (0, 0, -4),
    'hand': (0, 0, -18),
    'spine1': (1, 0, 0),
    'spine2': (-2, 0, 0),
    'spine3': (1, 0, 0),
    'neck': (4, 0, 0),
    'head': (-3, 0, 0),
}
_HIP_HAND = {
    'collar': (0, 4, -3),
    'shoulder': (66, 17, -38),
    'elbow': (4, -100, 0),
    'wrist': (0, -12, 30),
    'hand': (0, 0, -12),
}


def _right(angles):
    return {f'right_{joint}': value for joint, value in angles.items()}


POSE_CLASSES = {
    'front': PoseClass(7, views=_FRONT),
    'side': PoseClass(3.2, views=_SIDE),
    'back': PoseClass(3.4, views=_BACK),
    'three_quarter': PoseClass(3.2, views=_OBLIQUE),
    'contrapposto': PoseClass(
        2.6,
        {
            'left_hip': (-13, 14, 2),
            'left_knee': (24, 0, 0),
            'right_hip': (0, 4, 2),
            'right_knee': (0, 0, 0),
            'spine1': (0, 0, 4),
            'spine2': (-2, 0, 3),
            'spine3': (0, 2, 2),
        },
        pelvis=(0, -6),
    ),
    'walking': PoseClass(
        2.4,
        {
            'left_hip': (-23, 3, 0),
            'left_knee': (6, 0, 0),
            'right_hip': (14, 4, 0),
            'right_knee': (22, 0, 0),
            'right_foot': (-16, 0, 0),
            'left_shoulder': (4, 24, -73),
            'right_shoulder': (10, -18, -71),
            'left_elbow': (15, -14, 0),
            'right_elbow': (12, -32, 0),
            'spine3': (1, 6, 0),
        },
        views=_WALKS,
    ),
    'hands_on_hips': PoseClass(1.6, _HIP_HAND, arms=0.3),
    'hand_on_hip': PoseClass(
        2.4,
        {
            **_right(_HIP_HAND),
            'left_hip': (-9, 12, 3),
            'left_knee': (16, 0, 0),
            'spine1': (0, 0, 3),
            'spine2': (-2, 0, 3),
        },
        pelvis=(0, -4),
        arms=0.35,
    ),
    'hands_in_pockets': PoseClass(
        1.8,
        {
            'collar': (0, 1, -2),
            'shoulder': (51, 12, -60),
            'elbow': (0, -70, 0),
            'wrist': (0, 6, -2),
            'hand': (0, 0, -10),
        },
        arms=0.3,
    ),
    'arms_crossed': PoseClass(
        1.3,
        {
            'left_collar': (4, 0, 4),
            'left_shoulder': (77, -37, -89),
            'left_elbow': (-5, -101, 0),
            'left_wrist': (0, -6, -9),
            'right_collar': (1, 0, 1),
            'right_shoulder': (67, -26, -86),
            'right_elbow': (-9, -87, 0),
            'right_wrist': (0, -4, -16),
        },
        arms=0.2,
    ),
    'holding_elbow': PoseClass(
        1.1,
        {
            'left_collar': (-3, -3, -4),
            'left_shoulder': (91, -29, -91),
            'left_elbow': (-11, -82, 0),
            'left_wrist': (0, -14, -22),
        },
        arms=0.25,
    ),
    'hand_to_chin': PoseClass(
        0.6,
        {
            'right_shoulder': (29, -61, -84),
            'right_elbow': (-5, -123, 0),
            'right_wrist': (0, -8, 0),
            'right_hand': (0, 0, -45),
            'head': (3, 0, 0),
        },
        arms=0.2,
    ),
    'hand_to_head': PoseClass(
        1.3,
        {
            'right_collar': (-6, -10, 2),
            'right_shoulder': (-76, 20, 40),
            'right_elbow': (3, -115, 0),
            'right_wrist': (0, 10, -5),
            'head': (-3, 0, -5),
        },
        arms=0.3,
    ),
    'hand_to_chest': PoseClass(
        0.9,
        {
            'right_shoulder': (38, -27, -46),
            'right_elbow': (-5, -132, 0),
            'right_wrist': (0, -12, -2),
        },
        arms=0.35,
    ),
    'arms_up': PoseClass(
        1.0,
        {
            'collar': (0, 0, 25),
            'shoulder': (-20, -15, 55),
            'elbow': (0, -35, 0),
            'wrist': (0, 0, 0),
        },
    ),
    'arms_behind': PoseClass(
        0.9,
        {
            'shoulder': (80, 31, -72),
            'left_elbow': (-8, -66, 0),
            'right_elbow': (-8, -56, 0),
            'wrist': (0, -15, -12),
        },
        arms=0.25,
    ),
    'legs_crossed': PoseClass(
        1.8,
        {
            'left_hip': (-11, 10, -13),
            'left_knee': (2, 0, 0),
            'right_hip': (4, 2, -6),
            'right_knee': (6, 0, 0),
        },
        legs=0.4,
    ),
    'looking_back': PoseClass(
        1.0,
        {
            'spine1': (0, 8, 0),
            'spine2': (-2, 10, 0),
            'spine3': (1, 10, 0),
            'neck': (4, 32, 0),
            'head': (-3, 32, 0),
            'left_shoulder': (10, 20, -70),
        },
        views=((1.0, -142, 13),),
    ),
    'leaning': PoseClass(
        1.1,
        {
            'left_hip': (-20, 10, 4),
            'left_knee': (25, 0, 0),
            'hip': (-12, 5, 3),
            'right_knee': (4, 0, 0),
            'spine1': (4, 0, 0),
            'spine3': (4, 0, 0),
            'shoulder': (15, 18, -68),
        },
        pelvis=(-8, 0),
        views=_PROFILE,
        legs=0.5,
    ),
    'seated': PoseClass(
        1.2,
        {
            'hip': (-84, 4, 6),
            'knee': (84, 0, 0),
            'spine1': (8, 0, 0),
            'collar': (4, 4, -4),
            'shoulder': (27, -11, -77),
            'elbow': (7, -73, 0),
            'wrist': (0, -12, 16),
        },
        views=((0.35, 0, 10), (0.4, 40, 14), (0.25, 80, 10)),
        arms=0.4,
        legs=0.6,
    ),
    'seated_legs_crossed': PoseClass(
        0.8,
        {
            'left_hip': (-96, 0, -18),
            'left_knee': (70, 0, 0),
            'left_ankle': (20, 0, 0),
            'right_hip': (-82, 0, 0),
            'right_knee': (85, 0, 0),
            'spine1': (8, 0, 0),
            'collar': (4, 4, -4),
            'shoulder': (27, -14, -77),
            'elbow': (7, -70, 0),
            'wrist': (0, -12, 10),
        },
        views=((0.35, 0, 10), (0.4, 40, 14), (0.25, 80, 10)),
        arms=0.3,
        legs=0.3,
        flat_feet=False,
    ),
    'stride': PoseClass(
        0.6,
        {
            'left_hip': (-38, 3, 2),
            'left_knee': (14, 0, 0),
            'right_hip': (22, 4, 2),
            'right_knee': (30, 0, 0),
            'right_foot': (-25, 0, 0),
            'left_shoulder': (5, 30, -70),
            'right_shoulder': (5, -26, -68),
            'elbow': (10, -34, 0),
        },
        views=_WALKS,
    ),
    'running': PoseClass(
        0.6,
        {
            'left_hip': (-58, 0, 2),
            'left_knee': (78, 0, 0),
            'left_ankle': (-5, 0, 0),
            'right_hip': (16, 3, 1),
            'right_knee': (36, 0, 0),
            'right_ankle': (22, 0, 0),
            'right_foot': (-20, 0, 0),
            'left_shoulder': (10, 40, -58),
            'right_shoulder': (5, -42, -58),
            'elbow': (0, -88, 0),
            'spine1': (6, 0, 0),
            'spine3': (3, 8, 0),
        },
        pelvis=(6, 0),
        views=_PROFILE,
        flat_feet=False,
    ),
    'jumping': PoseClass(
        0.4,
        {
            'left_hip': (-40, 8, 14),
            'left_knee': (70, 0, 0),
            'right_hip': (-8, 8, 16),
            'right_knee': (50, 0, 0),
            'ankle': (35, 0, 0),
            'shoulder': (-10, -10, 30),
            'elbow': (0, -25, 0),
            'collar': (0, 0, 15),
        },
        flat_feet=False,
    ),
    'squat': PoseClass(
        0.4,
        {
            'hip': (-104, -4, 16),
            'knee': (118, 0, 0),
            'spine1': (14, 0, 0),
            'spine2': (8, 0, 0),
            'neck': (-6, 0, 0),
            'shoulder': (-3, -30, -76),
            'elbow': (1, -88, 0),
        },
        pelvis=(12, 0),
        arms=0.3,
        legs=0.4,
    ),
}
