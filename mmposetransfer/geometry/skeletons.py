"""Keypoint formats and the ways between them.

Keypoints are (..., K, 3) float32: x, y in pixels (the origin at the centre of
the top-left pixel) and a score; a joint of score 0 is missing, whatever its x
and y. Left and right are the person's own.
"""

from dataclasses import dataclass

import numpy as np

__all__ = [
    'SKELETONS',
    'Skeleton',
    'convert_keypoints',
    'flip_keypoints',
    'get_skeleton',
    'joint_sources',
    'validate_keypoints',
]


@dataclass(frozen=True)
class Skeleton:
    """A keypoint format.

    Attributes:
        name (str): Its key in :data:`SKELETONS`.
        joints (tuple[str]): Names of the joints, in order.
        limbs (tuple[tuple[int, int]]): Pairs of joints to draw a line
            between.
        flip_indices (tuple[int]): The joint that each becomes in a mirror.
    """

    name: str
    joints: tuple
    limbs: tuple
    flip_indices: tuple

    @property
    def num_joints(self):
        """K."""
        return len(self.joints)

    def index(self, joint):
        """The place of a joint, by name."""
        return self.joints.index(joint)


def _mirrored(joint):
    for side, other in (('left_', 'right_'), ('right_', 'left_')):
        if joint.startswith(side):
            return other + joint[len(side) :]
    return joint


def _skeleton(name, joints, limbs):
    """Make a skeleton from lines of joints and of ``joint-joint`` limbs."""
    joints = tuple(joints.split())
    limbs = tuple(
        tuple(joints.index(joint) for joint in limb.split('-'))
        for limb in limbs.split()
    )
    flips = tuple(joints.index(_mirrored(joint)) for joint in joints)
    return Skeleton(name, joints, limbs, flips)


_HEAD_LIMBS = """
    nose-right_eye nose-left_eye right_eye-right_ear left_eye-left_ear"""
_ARM_AND_LEG_LIMBS = """
    right_shoulder-right_elbow right_elbow-right_wrist
    left_shoulder-left_elbow left_elbow-left_wrist
    right_hip-right_knee right_knee-right_ankle
    left_hip-left_knee left_knee-left_ankle"""
_TRUNK_LIMBS = """
    right_shoulder-left_shoulder right_hip-left_hip
    right_shoulder-right_hip left_shoulder-left_hip"""

# Name of a keypoint format -> its joints and limbs.
SKELETONS = {
    skeleton.name: skeleton
    for skeleton in (
        # The inner format of this library.
        _skeleton(
            'openpose18',
            """
            nose neck right_shoulder right_elbow right_wrist left_shoulder
            left_elbow left_wrist right_hip right_knee right_ankle left_hip
            left_knee left_ankle right_eye left_eye right_ear left_ear""",
            # In the order in which OpenPose colours them.
            """neck-right_shoulder neck-left_shoulder
            right_shoulder-right_elbow right_elbow-right_wrist
            left_shoulder-left_elbow left_elbow-left_wrist
            neck-right_hip right_hip-right_knee right_knee-right_ankle
            neck-left_hip left_hip-left_knee left_knee-left_ankle
            neck-nose nose-right_eye right_eye-right_ear
            nose-left_eye left_eye-left_ear""",
        ),
        _skeleton(
            'coco17',
            """
            nose left_eye right_eye left_ear right_ear left_shoulder
            right_shoulder left_elbow right_elbow left_wrist right_wrist
            left_hip right_hip left_knee right_knee left_ankle right_ankle""",
            _TRUNK_LIMBS + _ARM_AND_LEG_LIMBS + _HEAD_LIMBS,
        ),
        _skeleton(
            'body25',
            """
            nose neck right_shoulder right_elbow right_wrist left_shoulder
            left_elbow left_wrist mid_hip right_hip right_knee right_ankle
            left_hip left_knee left_ankle right_eye left_eye right_ear
            left_ear left_big_toe left_small_toe left_heel right_big_toe
            right_small_toe right_heel""",
            """neck-nose neck-right_shoulder neck-left_shoulder neck-mid_hip
            mid_hip-right_hip mid_hip-left_hip left_ankle-left_big_toe
            left_big_toe-left_small_toe left_ankle-left_heel
            right_ankle-right_big_toe right_big_toe-right_small_toe
            right_ankle-right_heel"""
            + _ARM_AND_LEG_LIMBS
            + _HEAD_LIMBS,
        ),
        # COCO's joints come first.
        _skeleton(
            'halpe26',
            """
            nose left_eye right_eye left_ear right_ear left_shoulder
            right_shoulder left_elbow right_elbow left_wrist right_wrist
            left_hip right_hip left_knee right_knee left_ankle right_ankle
            head neck mid_hip left_big_toe right_big_toe left_small_toe
            right_small_toe left_heel right_heel""",
            """head-neck neck-left_shoulder neck-right_shoulder neck-mid_hip
            mid_hip-left_hip mid_hip-right_hip left_ankle-left_big_toe
            left_ankle-left_small_toe left_ankle-left_heel
            right_ankle-right_big_toe right_ankle-right_small_toe
            right_ankle-right_heel"""
            + _ARM_AND_LEG_LIMBS
            + _HEAD_LIMBS,
        ),
        # MediaPipe's "foot index" is the tip of the big toe.
        _skeleton(
            'mediapipe33',
            """
            nose left_eye_inner left_eye left_eye_outer right_eye_inner
            right_eye right_eye_outer left_ear right_ear left_mouth
            right_mouth left_shoulder right_shoulder left_elbow right_elbow
            left_wrist right_wrist left_pinky right_pinky left_index
            right_index left_thumb right_thumb left_hip right_hip left_knee
            right_knee left_ankle right_ankle left_heel right_heel
            left_big_toe right_big_toe""",
            """left_mouth-right_mouth left_wrist-left_thumb
            left_wrist-left_pinky left_wrist-left_index left_pinky-left_index
            right_wrist-right_thumb right_wrist-right_pinky
            right_wrist-right_index right_pinky-right_index
            left_ankle-left_heel left_heel-left_big_toe
            left_ankle-left_big_toe right_ankle-right_heel
            right_heel-right_big_toe right_ankle-right_big_toe"""
            + _TRUNK_LIMBS
            + _ARM_AND_LEG_LIMBS
            + _HEAD_LIMBS,
        ),
    )
}

#: Joints that stand in the middle of two others where they are not given.
_MIDDLES = dict(
    neck=('left_shoulder', 'right_shoulder'), mid_hip=('left_hip', 'right_hip')
)


def get_skeleton(name):
    """The skeleton of a name.

    Args:
        name (str | Skeleton): A key of :data:`SKELETONS`; a skeleton passes.

    Returns:
        Skeleton: The skeleton.

    Raises:
        ValueError: If there is none of that name.
    """
    if isinstance(name, Skeleton):
        return name
    if name not in SKELETONS:
        raise ValueError(
            f'skeleton: expected one of {sorted(SKELETONS)}, got {name!r}'
        )
    return SKELETONS[name]


def joint_sources(source, target='openpose18'):
    """Where each joint of a conversion comes from.

    Args:
        source (str | Skeleton): The format that is given.
        target (str | Skeleton): The format that is wanted.

    Returns:
        dict[str, tuple[str]]: For each joint of the target, in order: the
        joint of the source, or the two whose middle it is (neck from the
        shoulders, mid_hip from the hips), or nothing where it stays missing.
    """
    given = get_skeleton(source).joints
    sources = {}
    for joint in get_skeleton(target).joints:
        middle = _MIDDLES.get(joint, ())
        if joint in given:
            sources[joint] = (joint,)
        elif middle and all(end in given for end in middle):
            sources[joint] = middle
        else:
            sources[joint] = ()
    return sources


def _of(name):
    return f' of {name}' if name else ''


def _check_keypoints(keypoints, skeleton, name=''):
    """Shape (..., K, 3) and finite numbers, as float32."""
    keypoints = np.asarray(keypoints, np.float32)
    expected = skeleton.num_joints
    if keypoints.ndim < 2 or keypoints.shape[-1] != 3:
        raise ValueError(
            f'keypoints{_of(name)}: expected shape (..., {expected}, 3) of '
            f'x, y, score, got {keypoints.shape}'
        )
    count = keypoints.shape[-2]
    if count != expected:
        fits = [s.name for s in SKELETONS.values() if s.num_joints == count]
        hint = (
            (
                f'; {count} joints are those of {fits[0]!r}, see '
                'convert_keypoints'
            )
            if fits
            else ''
        )
        raise ValueError(
            f'keypoints{_of(name)}: expected the {expected} '
            f'joints of {skeleton.name!r}, got {count}{hint}'
        )
    bad = ~np.isfinite(keypoints).all(axis=-1)
    if bad.any():
        first = np.argwhere(bad)[0]
        raise ValueError(
            f'keypoints{_of(name)}: expected numbers, got '
            f'{keypoints[tuple(first)].tolist()} at joint {first[-1]} '
            f'({skeleton.joints[first[-1]]}); give a missing joint score 0'
        )
    return keypoints


def validate_keypoints(keypoints, skeleton='openpose18', name=''):
    """Check one person's keypoints.

    Args:
        keypoints (array_like): (K, 3): x, y, score.
        skeleton (str | Skeleton): Their format.
        name (str): What they belong to (a file, a key), for the errors.

    Returns:
        np.ndarray: (K, 3) float32.

    Raises:
        ValueError: On a wrong shape or joint count, numbers that are not
            finite, or when every joint is missing.
    """
    skeleton = get_skeleton(skeleton)
    keypoints = _check_keypoints(keypoints, skeleton, name)
    if keypoints.ndim != 2:
        raise ValueError(
            f'keypoints{_of(name)}: expected those of one person, '
            f'({skeleton.num_joints}, 3), got shape {keypoints.shape}'
        )
    if not (keypoints[:, 2] > 0).any():
        raise ValueError(
            f'keypoints{_of(name)}: all {skeleton.num_joints} joints are '
            'missing (score 0): was nobody found in this picture?'
        )
    return keypoints


def convert_keypoints(keypoints, source, target='openpose18'):
    """Bring keypoints into another format.

    Joints of the same name are copied. A neck or mid_hip that the source
    lacks is the middle of both shoulders or hips, with the lower of their
    scores. What the source does not know, and what is missing in it, is
    (0, 0, 0). See :func:`joint_sources` for the list.

    Args:
        keypoints (array_like): (..., K, 3): x, y, score.
        source (str | Skeleton): The format they are in.
        target (str | Skeleton): The format to bring them into.

    Returns:
        np.ndarray: (..., K', 3) float32.

    Raises:
        ValueError: On an unknown format, a wrong joint count, or numbers
            that are not finite.
    """
    source, target = get_skeleton(source), get_skeleton(target)
    keypoints = _check_keypoints(keypoints, source)
    present = keypoints[..., 2:] > 0
    keypoints = np.where(present, keypoints, np.float32(0))
    out = np.zeros(keypoints.shape[:-2] + (target.num_joints, 3), np.float32)
    for index, names in enumerate(joint_sources(source, target).values()):
        if not names:
            continue
        ends = keypoints[..., [source.index(name) for name in names], :]
        score = ends[..., 2].min(axis=-1)
        middle = ends[..., :2].mean(axis=-2)
        out[..., index, :2] = np.where(score[..., None] > 0, middle, 0)
        out[..., index, 2] = score
    return out


def flip_keypoints(keypoints, width, skeleton='openpose18'):
    """Mirror keypoints left to right, as ``image[:, ::-1]`` does.

    Args:
        keypoints (array_like): (..., K, 3): x, y, score.
        width (int): Width of the picture in pixels: x becomes
            ``width - 1 - x``.
        skeleton (str | Skeleton): Their format.

    Returns:
        np.ndarray: (..., K, 3) float32, left and right joints exchanged.

    Raises:
        ValueError: As in :func:`convert_keypoints`.
    """
    skeleton = get_skeleton(skeleton)
    keypoints = _check_keypoints(keypoints, skeleton)
    out = keypoints[..., skeleton.flip_indices, :].copy()
    out[..., 0] = width - 1 - out[..., 0]
    return out
