"""First guesses: the pictures of sampled poses that look like the keypoints.

Every pose of the bank is seen from all around; the best scale and place of
each picture over the keypoints has a closed form, so that tens of thousands
are compared by a few matrix products.
"""

import math

import torch

from .keypoint_chain import SOLVED_JOINTS, ChainState
from .pose_prior import load_pose_bank

__all__ = ['FirstGuess']

#: Poses of each class, and directions that they are seen from.
_POSES, _VIEWS = 16, 16
_MISSED = 1e9
#: Metres by which the bank's nearest pose usually misses a keypoint.
_USUAL = 0.05


def _yaw(angle):
    """(3, 3) rotation about y."""
    c, s = math.cos(angle), math.sin(angle)
    return torch.tensor([[c, 0, s], [0, 1, 0], [-s, 0, c]])


class FirstGuess:
    """Looks keypoints up among sampled poses.

    Args:
        chain (KeypointChain): The body.
        device (str | torch.device): Where to compute.
        dtype (torch.dtype): Floating type.
    """

    def __init__(self, chain, device='cpu', dtype=torch.float32):
        bank, weights = load_pose_bank()
        solved = [j - 1 for j in SOLVED_JOINTS]
        poses = torch.as_tensor(bank[:, :_POSES][:, :, solved])
        self.angles = poses.flatten(0, 1).to(device, dtype)
        self.num_betas = chain.num_betas
        count = len(self.angles)
        eye = torch.eye(3, dtype=dtype, device=device)
        points = chain.keypoints(
            ChainState(
                eye.expand(count, 3, 3),
                eye.new_zeros(count, 3),
                self.angles,
                eye.new_zeros(count, self.num_betas),
            )
        )
        self.orients = torch.stack(
            [_yaw(2 * math.pi * v / _VIEWS) for v in range(_VIEWS)]
        ).to(eye)
        seen = torch.einsum('vij,pkj->vpki', self.orients, points)[..., :2]
        rarity = -torch.as_tensor(weights).log().repeat_interleave(_POSES)
        self.rarity = (rarity - rarity.min()).to(device, dtype)
        # (V * P, 18, 2), y down as in pictures
        self.pictures = (seen * seen.new_tensor([1, -1])).flatten(0, 1)

    def __call__(self, targets, guesses):
        """The best pose from each of the best directions.

        Args:
            targets (Targets): N people's keypoints.
            guesses (int): G, how many directions to return.

        Returns:
            ChainState: of N * G bodies, the guesses of a person together.
        """
        error, scale, shift = self._compare(targets)
        error = error.unflatten(1, (_VIEWS, -1))
        best, pose = error.min(2)
        view = best.topk(min(guesses, _VIEWS), 1, largest=False).indices
        pose = pose.gather(1, view)
        picture = view * error.shape[2] + pose
        scale = scale.gather(1, picture).flatten()
        shift = shift.gather(1, picture[..., None].expand(-1, -1, 2)).flatten(
            0, 1
        )
        angles = self.angles[pose.flatten()]
        return ChainState(
            self.orients[view.flatten()],
            torch.cat([scale.log()[:, None], shift], 1),
            angles,
            angles.new_zeros(len(angles), self.num_betas),
        )

    def _compare(self, targets):
        """Error, scale and shift of every picture over every person."""
        weights = targets.weights
        total = weights.sum(1, keepdim=True).clamp_min(1e-6)
        middle = (weights[..., None] * targets.points).sum(1) / total
        away = (targets.points - middle[:, None]) * weights[..., None]
        pictures = self.pictures
        spread = (away * (targets.points - middle[:, None])).sum((1, 2))
        # weighted sums over the joints of every picture, as products
        own = weights @ pictures.square().sum(-1).T
        mean = torch.einsum('nk,pkc->npc', weights, pictures)
        mean = mean / total[..., None]
        own = own - total * mean.square().sum(-1)
        both = away.flatten(1) @ pictures.flatten(1).T
        scale = both / own.clamp_min(1e-6)
        scale = scale.clamp_min(1e-3)
        error = spread[:, None] - both * scale
        # Errors count by the size of the person, frequent poses come first.
        error = 0.5 * error / (_USUAL * scale) ** 2 + self.rarity.repeat(
            _VIEWS
        )
        error = torch.where(both > 0, error, error + _MISSED)
        return error, scale, middle[:, None] - scale[..., None] * mean
