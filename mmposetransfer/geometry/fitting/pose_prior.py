"""A pose prior made of SynthFashion's poses: a mixture of Gaussians.

One Gaussian for each class of poses and one for its mirror image, in joint
angles (not axis-angle: there limits are boxes, and the sampler's variations
are nearly Gaussian), widened for people that the sampler does not draw, and
a broad one for all that fits no class. The likeliest component counts, as in
SMPLify's max-mixture (Bogo et al. 2016, equation 5).
"""

import os
from functools import lru_cache

import numpy as np
import torch

from ..pose_angles import JOINT_LIMITS, mirror_angles
from .keypoint_chain import SOLVED_JOINTS

__all__ = ['POSE_BANK', 'PosePrior', 'load_pose_bank']

POSE_BANK = os.path.join(
    os.path.dirname(os.path.dirname(os.path.dirname(__file__))),
    'assets',
    'pose_bank.npz',
)
# Real people vary more than the sampler: factor on its deviations, and
# degrees of free variation of every angle.
_WIDER, _FLOOR, _BROAD_FLOOR = 1.3, 4.0, 12.0
_BROAD_WEIGHT = 0.05
_SOLVED = np.array(SOLVED_JOINTS) - 1
_SOLVED_ANGLES = (3 * _SOLVED[:, None] + np.arange(3)).ravel()


@lru_cache(maxsize=2)
def load_pose_bank(path=POSE_BANK):
    """Poses that ``tools/body_tools/make_pose_bank.py`` drew.

    Args:
        path (str): The file.

    Returns:
        tuple[np.ndarray, np.ndarray]: (2 C, P, 23, 3) float32 radians, P
        poses of each of C classes and then their mirror images, and (2 C,)
        how often each is drawn, summing to one.
    """
    with np.load(path, allow_pickle=False) as file:
        degrees = file['decidegrees'] / 10.0
        weights = file['weights'].astype(np.float64)
    mirrored = np.stack(
        [[mirror_angles(a) for a in poses] for poses in degrees]
    )
    angles = np.radians(np.concatenate([degrees, mirrored]))
    weights = np.tile(weights / weights.sum() / 2, 2)
    return angles.astype(np.float32), weights


def _gaussians(angles):
    """Means (C, 69) and covariances (C, 69, 69), the broad one last."""
    flat = angles.reshape(*angles.shape[:2], 69).astype(np.float64)
    means = flat.mean(1)
    centred = flat - means[:, None]
    covs = np.einsum('cpi,cpj->cij', centred, centred) / (flat.shape[1] - 1)
    covs = _WIDER**2 * covs + np.radians(_FLOOR) ** 2 * np.eye(69)
    everything = flat.reshape(-1, 69)
    broad = np.cov(everything.T) + np.radians(_BROAD_FLOOR) ** 2 * np.eye(69)
    return (
        np.concatenate([means, everything.mean(0)[None]]),
        np.concatenate([covs, broad[None]]),
    )


class PosePrior:
    """How likely poses are, over the joints that keypoints tell of.

    Args:
        device (str | torch.device): Where to compute.
        dtype (torch.dtype): Floating type.

    Attributes:
        low, high: (45,) radians, the limits of the solved angles.
    """

    def __init__(self, device='cpu', dtype=torch.float32):
        angles, weights = load_pose_bank()
        means, covs = _gaussians(angles)
        weights = np.append(weights * (1 - _BROAD_WEIGHT), _BROAD_WEIGHT)
        inner = covs[:, _SOLVED_ANGLES][:, :, _SOLVED_ANGLES]
        precision = np.linalg.inv(inner)
        constant = 0.5 * np.linalg.slogdet(inner)[1] - np.log(weights)
        limits = np.radians(JOINT_LIMITS.astype(np.float64)).reshape(69, 2)

        def tensor(array):
            return torch.as_tensor(array, dtype=dtype, device=device)

        self._all_means = tensor(means)
        self.means = tensor(means[:, _SOLVED_ANGLES])
        self.precision = tensor(precision)
        # zero for the component that is likeliest at its mean
        self.constant = tensor(constant - constant.min())
        # (C, 69, 45): the whole pose's expectation given the solved angles
        self._regression = tensor(covs[:, :, _SOLVED_ANGLES] @ precision)
        self._all_limits = tensor(limits)
        self.low, self.high = tensor(limits[_SOLVED_ANGLES]).T

    def energies(self, angles):
        """Negative log likelihood, up to one constant, of every component.

        Args:
            angles (Tensor): (N, 45) radians.

        Returns:
            Tensor: (N, C).
        """
        away = angles - self.means[:, None]  # (C, N, 45)
        squares = ((away @ self.precision) * away).sum(-1)
        return 0.5 * squares.T + self.constant

    def complete(self, angles, component):
        """Add the joints that no keypoint tells of: what is usual with these.

        Args:
            angles (Tensor): (N, 45) radians, the solved angles.
            component (Tensor): (N,) int64, of the mixture.

        Returns:
            Tensor: (N, 23, 3) radians within the joint limits.
        """
        away = angles - self.means[component]
        whole = self._all_means[component] + (
            self._regression[component] @ away[..., None]
        ).squeeze(-1)
        whole[:, _SOLVED_ANGLES] = angles
        whole = torch.minimum(
            torch.maximum(whole, self._all_limits[:, 0]),
            self._all_limits[:, 1],
        )
        return whole.unflatten(1, (23, 3))
