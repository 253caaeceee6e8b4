"""True joints as an estimator of poses would have found them."""

from collections.abc import Sequence

import numpy as np
from mmcv.transforms import BaseTransform

from mmposetransfer.errors import UserKeyError, UserValueError
from mmposetransfer.geometry.skeletons import get_skeleton
from mmposetransfer.registry import TRANSFORMS

from ..image_sizes import drop_outside
from .poses import target_size

__all__ = ['EstimatorNoise', 'person_height']

# What MediaPipe 0.10.21 makes of SynthFashion, measured on 248 pictures of
# 256x176 (test split, seed 0): columns are how far a joint is found from where
# it is, down along the trunk; the spread around that in each direction; and
# the share that is lost of those that are seen, and of those that the person
# hides. Lengths are shares of the person's height: a hundredth is 2.3 pixels
# of a whole person at 256.
_FOUND = {
    'nose': (-0.007, 0.0045, 0, 0),
    'neck': (-0.013, 0.0035, 0, 0),
    'shoulder': (-0.013, 0.0055, 0, 0),
    'elbow': (-0.007, 0.0075, 0.03, 0.55),
    'wrist': (0.003, 0.007, 0.03, 0.8),
    'hip': (0.001, 0.014, 0, 0),
    'knee': (0.001, 0.010, 0.09, 0.3),
    'ankle': (-0.012, 0.006, 0.01, 0.5),
    'eye': (-0.002, 0.0045, 0, 0),
    'ear': (-0.002, 0.017, 0, 0),
}
_JOINTS = get_skeleton('openpose18').joints
_OFFSET, _SPREAD, _LOST, _LOST_HIDDEN = np.array(
    [_FOUND[joint.split('_')[-1]] for joint in _JOINTS]
).T
# Of all but the ears, one in twelve is scattered three times as widely; hidden
# ones are off by half as much again.
_FAR_SHARE = np.array(['ear' not in joint for joint in _JOINTS]) / 12
_FAR, _HIDDEN = 3.0, 1.5

# Limbs of a standing person as shares of the height.
_LIMBS = {
    ('neck', 'hip'): 0.29,
    ('hip', 'knee'): 0.235,
    ('knee', 'ankle'): 0.24,
    ('shoulder', 'elbow'): 0.165,
    ('elbow', 'wrist'): 0.15,
}


def _limb_rows():
    """Both ends of each limb, and its share."""
    rows = []
    for (upper, lower), share in _LIMBS.items():
        for side in ('right_', 'left_'):
            top = 'neck' if upper == 'neck' else side + upper
            rows.append(
                (_JOINTS.index(top), _JOINTS.index(side + lower), share)
            )
    return rows


_LIMB_ROWS = _limb_rows()
_NECK, _HIPS = _JOINTS.index('neck'), [8, 11]
# What a swap exchanges: limbs of one kind, or both.
_ARMS, _LEGS = ((2, 5), (3, 6), (4, 7)), ((8, 11), (9, 12), (10, 13))


def person_height(keypoints: np.ndarray) -> float:
    """Height of a standing person of the same size, of joints alone.

    The longest limb decides, as limbs are seen shortened, never lengthened:
    right to about a tenth where several are there.

    Args:
        keypoints (ndarray): (18, 3) x, y in pixels, score.

    Returns:
        float: Pixels; 0 if no limb has both ends.
    """
    there = keypoints[:, 2] > 0
    heights = [
        np.hypot(*(keypoints[a, :2] - keypoints[b, :2])) / share
        for a, b, share in _LIMB_ROWS
        if there[a] and there[b]
    ]
    return float(max(heights, default=0.0))


@TRANSFORMS.register_module()
class EstimatorNoise(BaseTransform):
    """Joints with the errors and losses of an estimator.

    Sizes are those of MediaPipe on SynthFashion: joints are shifted to where
    it puts them and scattered, some of them widely; hidden ones are often
    lost; left and right are now and then exchanged. Joints that leave the
    picture are missing. What is left has score 1: an estimator's score hardly
    tells what is hidden.

    Requires joints whose score is 1 for seen ones, less for hidden ones and 0
    for missing ones, as :meth:`SynthFashionWorld.pair` gives them in
    ``ref_keypoints`` and ``tgt_keypoints``. Those of fitted bodies stay.

    Args:
        sides (Sequence[str]): Whose joints, of ``ref`` and ``tgt``.
        noise (float): Factor of the measured offsets and spreads.
        losses (float): Factor of the measured shares of lost joints.
        any_lost (float): Share of all joints that are lost beside those.
        swapped (float): Share of people whose left and right are exchanged:
            half of them all limbs, a quarter arms, a quarter legs.

    Raises:
        ValueError: On an argument out of range.
    """

    def __init__(
        self,
        sides: Sequence[str] = ('ref', 'tgt'),
        noise: float = 1.0,
        losses: float = 1.0,
        any_lost: float = 0.01,
        swapped: float = 0.02,
    ) -> None:
        if not sides or set(sides) - {'ref', 'tgt'}:
            raise UserValueError(
                f"sides: expected some of 'ref' and 'tgt', got {sides!r}"
            )
        for name, value in (('noise', noise), ('losses', losses)):
            if not value >= 0:
                raise UserValueError(
                    f'{name}: expected a factor of at least 0, got {value}'
                )
        for name, value in (('any_lost', any_lost), ('swapped', swapped)):
            if not 0 <= value <= 1:
                raise UserValueError(
                    f'{name}: expected a share in [0, 1], got {value}'
                )
        self.sides = tuple(sides)
        self.noise, self.losses = noise, losses
        self.any_lost, self.swapped = any_lost, swapped

    def transform(self, results: dict) -> dict:
        """A pair with other joints."""
        results = dict(results)
        size = target_size(results)
        for side in self.sides:
            name = f'{side}_keypoints'
            if results.get(name) is None:
                raise UserKeyError(
                    f"EstimatorNoise needs '{name}' of the pair "
                    f'{results.get("ref_id")} -> {results.get("tgt_id")}'
                )
            results[name] = self._found(results[name], size)
        return results

    def _found(self, keypoints, size):
        """What an estimator finds of joints (18, 3)."""
        found = np.array(keypoints, np.float32)
        found[:, :2] += self._errors(found)
        found[self._lost(found), 2] = 0
        self._swap(found)
        drop_outside(found, size)
        found[:, 2] = found[:, 2] > 0
        return found

    def _errors(self, keypoints):
        """(18, 2) pixels."""
        height = self.noise * person_height(keypoints)
        far = np.random.uniform(size=len(keypoints)) < _FAR_SHARE
        hidden = keypoints[:, 2] < 1
        spread = (
            _SPREAD * np.where(far, _FAR, 1) * np.where(hidden, _HIDDEN, 1)
        )
        scatter = np.random.normal(size=(len(keypoints), 2)) * spread[:, None]
        return height * (scatter + np.outer(_OFFSET, _trunk(keypoints)))

    def _lost(self, keypoints):
        """(18,) bool."""
        hidden = keypoints[:, 2] < 1
        share = self.losses * np.where(hidden, _LOST_HIDDEN, _LOST)
        lost = np.random.uniform(size=len(keypoints)) < share
        return lost | (np.random.uniform(size=len(keypoints)) < self.any_lost)

    def _swap(self, keypoints):
        """Exchange left and right, in place."""
        if np.random.uniform() >= self.swapped:
            return
        which = np.random.randint(4)
        for left, right in (_ARMS + _LEGS, _ARMS + _LEGS, _ARMS, _LEGS)[which]:
            keypoints[[left, right]] = keypoints[[right, left]]


def _trunk(keypoints):
    """(2,) unit vector from the neck to the hips; down where they lack."""
    there = keypoints[:, 2] > 0
    if there[_NECK] and there[_HIPS].all():
        way = keypoints[_HIPS, :2].mean(0) - keypoints[_NECK, :2]
        length = np.hypot(*way)
        if length > 0:
            return way / length
    return np.array([0.0, 1.0])
