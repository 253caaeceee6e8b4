"""Patch-style loss: the same textures at the same joints, in any pose."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmposetransfer.registry import MODELS
from mmposetransfer.utils.dist import reduce_mean

from ...losses import VGG19Features, gram_matrix
from ...precision import at_least_float32

__all__ = ['PatchStyleLoss', 'joint_patches']


def joint_patches(
    features: Tensor,
    keypoints: Tensor,
    size: tuple[int, int],
    radius: float,
) -> Tensor:
    """Cut square patches of features out around joints.

    Args:
        features (Tensor): (N, C, h, w), of pictures of any size.
        keypoints (Tensor): (N, K, 3) x, y in pixels of the pictures, score.
        size (tuple[int, int]): (height, width) of the pictures.
        radius (float): Of a patch in pixels of the pictures; in those of the
            features it is a whole number r, at least 1.

    Returns:
        Tensor: (N, K, C, 2 r + 1, 2 r + 1), bilinear between features; 0
        outside of the picture, and for joints of score 0.
    """
    height, width = features.shape[-2:]
    scale = features.new_tensor([width / size[1], height / size[0]])
    steps = max(round(radius * width / size[1]), 1)
    known = keypoints[..., 2] > 0
    # A missing joint may have any place, NaN among them.
    places = torch.where(known[..., None], keypoints[..., :2], 0).to(scale)
    places = (places + 0.5) * scale - 0.5  # (N, K, 2) in pixels of features
    offsets = torch.arange(-steps, steps + 1, device=features.device)
    offsets = torch.stack(torch.meshgrid(offsets, offsets, indexing='xy'), -1)
    grid = places[:, :, None, None] + offsets  # (N, K, p, p, 2)
    last = scale.new_tensor([max(width - 1, 1), max(height - 1, 1)])
    patches = F.grid_sample(
        features,
        (2 * grid / last - 1).flatten(1, 2),  # (N, K p, p, 2)
        align_corners=True,
    )
    patches = patches.unflatten(2, grid.shape[1:3]).transpose(1, 2)
    return patches * known[..., None, None, None]


@MODELS.register_module()
class PatchStyleLoss(nn.Module):
    """L1 distance of Gram matrices of VGG19's features around each joint.

    A joint of one picture is compared with the same joint of the other one,
    where both are known: what a sleeve looks like stays, wherever it is.

    Args:
        layers (Sequence[str]): Of VGG19; the losses of several are added.
        radius (float): Of a patch, in pixels of the picture.
        pretrained (str, optional): See :class:`VGG19Features`.
        loss_weight (float): Factor of the loss.
    """

    def __init__(
        self,
        layers: Sequence[str] = ('relu1_1', 'relu2_1', 'relu3_1'),
        radius: float = 12.0,
        pretrained: str | None = None,
        loss_weight: float = 100.0,
    ) -> None:
        super().__init__()
        self.radius, self.loss_weight = radius, loss_weight
        self.vgg = VGG19Features(tuple(layers), pretrained)

    def forward(
        self,
        pred: Tensor,
        target: Tensor,
        pred_keypoints: Tensor,
        target_keypoints: Tensor,
    ) -> Tensor:
        """Compare what is around the joints of two pictures.

        Args:
            pred, target (Tensor): RGB in [-1, 1], (N, 3, H, W).
            pred_keypoints, target_keypoints (Tensor): Joints of each,
                (N, K, 3) x, y in pixels and score.

        Returns:
            Tensor: A scalar, the mean over joints known in both; 0 if there
            are none.
        """
        size = pred.shape[-2:]
        with torch.no_grad():
            wanted = self.vgg(target)
        got = self.vgg(pred)
        both = (pred_keypoints[..., 2] > 0) & (target_keypoints[..., 2] > 0)
        both = both.float()  # (N, K)
        count = reduce_mean(both.sum()).clamp(min=1)
        loss = 0
        for layer in got:
            ours, theirs = (
                self._gram(features[layer], joints, size)
                for features, joints in (
                    (got, pred_keypoints),
                    (wanted, target_keypoints),
                )
            )
            by_joint = (ours - theirs).abs().mean((1, 2)).view_as(both)
            loss = loss + (by_joint * both).sum() / count
        return self.loss_weight * loss

    def _gram(self, features, joints, size):
        """(N K, C, C) of the patches."""
        features = at_least_float32(features)
        patches = joint_patches(features, joints, size, self.radius)
        return gram_matrix(patches.flatten(0, 1))
