"""How flow is learnt without truth (GFLA, Sec. 3.1)."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmposetransfer.errors import UserValueError
from mmposetransfer.registry import MODELS

from ...losses import VGG19Features
from ...precision import at_least_float32, without_autocast
from ...warping import flow_warp

__all__ = [
    'AffineRegularizationLoss',
    'SamplingCorrectnessLoss',
    'affine_residual',
    'sampling_correctness',
]

EPS = 1e-8


def sampling_correctness(ref: Tensor, tgt: Tensor, flow: Tensor) -> Tensor:
    """How alike the features are that a flow fetches, beside the best ones.

    ``mean_l exp(-cos(warped_l, tgt_l) / max_k cos(ref_k, tgt_l))``:
    1/e where each place is fetched from the most similar one of the
    reference.

    Args:
        ref (Tensor): Features of the reference, not negative, (N, C, H, W).
        tgt (Tensor): Those of the target, (N, C, H, W).
        flow (Tensor): (N, 2, H, W) in pixels of the features.

    Returns:
        Tensor: A scalar.
    """
    with without_autocast(ref):
        maps = [ref, tgt, flow_warp(ref, flow)]
        ref, tgt, warped = (
            F.normalize(at_least_float32(x).flatten(2), dim=1) for x in maps
        )  # (N, C, H W) each
        best = (tgt.transpose(1, 2) @ ref).amax(2)  # (N, H W)
        found = (warped * tgt).sum(1)  # (N, H W)
        return torch.exp(-found / (best + EPS)).mean()


def affine_residual(size: int) -> Tensor:
    """What is left of a patch after the nearest affine function is taken off.

    Least squares over the pixels of the patch: ``I - X (X^T X)^-1 X^T``,
    where the rows of X are (x, y, 1).

    Args:
        size (int): Side of the patch in pixels.

    Returns:
        Tensor: float32 (size^2, size^2), to be applied to flattened patches.
    """
    at = torch.arange(size, dtype=torch.float64)
    ys, xs = torch.meshgrid(at, at, indexing='ij')
    x = torch.stack([xs.flatten(), ys.flatten(), torch.ones(size**2)], 1)
    return (torch.eye(size**2) - x @ torch.linalg.pinv(x)).float()


@MODELS.register_module()
class SamplingCorrectnessLoss(nn.Module):
    """:func:`sampling_correctness` of VGG19 features, summed over levels.

    Args:
        layers (Sequence[str]): Of VGG19, one for each flow. A layer that is
            finer than its flow is averaged down to it.
        pretrained (str, optional): See :class:`VGG19Features`.
        loss_weight (float): Factor of the loss.

    Raises:
        ValueError: For a layer before its ReLU: the quotient of similarities
            wants features that are not negative.
    """

    def __init__(
        self,
        layers: Sequence[str] = ('relu3_1', 'relu4_1'),
        pretrained: str | None = None,
        loss_weight: float = 5.0,
    ) -> None:
        super().__init__()
        self.layers = tuple(layers)
        signed = [name for name in self.layers if name.startswith('conv')]
        if signed:
            raise UserValueError(
                f'layers of loss_correctness must come after a ReLU, got '
                f"{signed}: take '{signed[0].replace('conv', 'relu')}'"
            )
        self.loss_weight = loss_weight
        self.vgg = VGG19Features(self.layers, pretrained)

    def forward(
        self, flows: Sequence[Tensor], ref_img: Tensor, tgt_img: Tensor
    ) -> Tensor:
        """Score flows.

        Args:
            flows (Sequence[Tensor]): One for each of ``layers``,
                (N, 2, h, w) in pixels of its own grid.
            ref_img (Tensor): RGB in [-1, 1], (N, 3, H, W).
            tgt_img (Tensor): RGB in [-1, 1], (N, 3, H, W).

        Returns:
            Tensor: A scalar.

        Raises:
            ValueError: If a layer is coarser than its flow.
        """
        with torch.no_grad():
            ref, tgt = self.vgg(ref_img), self.vgg(tgt_img)
        total = 0.0
        for layer, flow in zip(self.layers, flows, strict=True):
            self._check_size(layer, ref[layer], flow)
            features = (
                F.adaptive_avg_pool2d(x[layer], flow.shape[-2:])
                for x in (ref, tgt)
            )
            total = total + sampling_correctness(*features, flow)
        return self.loss_weight * total

    @staticmethod
    def _check_size(layer, features, flow):
        here, wanted = features.shape[-2:], flow.shape[-2:]
        if here[0] < wanted[0] or here[1] < wanted[1]:
            raise UserValueError(
                f"the layer '{layer}' of loss_correctness has "
                f'{here[0]}x{here[1]} places, fewer than its flow, '
                f'{wanted[0]}x{wanted[1]}: take an earlier layer'
            )


@MODELS.register_module()
class AffineRegularizationLoss(nn.Module):
    """How far the neighbourhoods of a flow are from affine.

    The reference's places that a patch of the target maps to are compared
    with the nearest affine function of the target's: the sum of squared
    distances over the patch, in pixels of the level, its mean over all
    patches, summed over levels. Places and flow differ by the grid, which is
    affine, so the flow itself is looked at.

    Args:
        kernel_sizes (Sequence[int]): Side of the patches for each flow.
        loss_weight (float): Factor of the loss.
    """

    def __init__(
        self,
        kernel_sizes: Sequence[int] = (5, 3),
        loss_weight: float = 0.0025,
    ) -> None:
        super().__init__()
        self.kernel_sizes = tuple(kernel_sizes)
        self.loss_weight = loss_weight
        for size in set(self.kernel_sizes):
            filters = affine_residual(size).view(-1, 1, size, size)
            self.register_buffer(f'filters_{size}', filters, persistent=False)

    def forward(self, flows: Sequence[Tensor]) -> Tensor:
        """Score flows.

        Args:
            flows (Sequence[Tensor]): One for each of ``kernel_sizes``, at
                least as large, (N, 2, h, w) in pixels of its own grid.

        Returns:
            Tensor: A scalar.
        """
        total = 0.0
        for size, flow in zip(self.kernel_sizes, flows, strict=True):
            with without_autocast(flow):
                flow = at_least_float32(flow)
                filters = getattr(self, f'filters_{size}').to(flow.dtype)
                # (2 N, size^2, ...): for x and y, what is left of each patch.
                left = F.conv2d(flow.flatten(0, 1)[:, None], filters)
                # Over x and y the mean is half of the sum.
                total = total + 2 * left.square().sum(1).mean()
        return self.loss_weight * total
