"""Pose maps: limbs as sticks, or the body's outline made of them."""

import colorsys

import torch
import torch.nn.functional as F
from torch import Tensor

from mmposetransfer.errors import UserValueError
from mmposetransfer.geometry.skeletons import SKELETONS
from mmposetransfer.registry import MODELS

from .base import PoseEncoder

__all__ = ['BODY_LIMBS', 'LimbMask', 'StickPoses', 'draw_limbs']

#: Pairs of OpenPose-18 joints with a limb between them.
BODY_LIMBS = SKELETONS['openpose18'].limbs


def draw_limbs(
    keypoints: Tensor,
    size: tuple[int, int],
    radius: float,
    limbs: tuple[tuple[int, int], ...] = BODY_LIMBS,
) -> Tensor:
    """Draw every limb as a stick with round ends in a channel of its own.

    Args:
        keypoints (Tensor): x, y in pixels and score, (N, K, 3). A limb with a
            joint of score 0 is missing: its channel is zero.
        size (tuple[int]): (height, width).
        radius (float): Pixels; the stick is all pixels whose centre is at
            most so far from the line between the joints.
        limbs (tuple[tuple[int, int]]): L pairs of joints.

    Returns:
        Tensor: float32 (N, L, height, width) of 0 and 1.
    """
    height, width = size
    first, second = torch.tensor(limbs, device=keypoints.device).T
    start, end = keypoints[:, first].float(), keypoints[:, second].float()
    present = ((start[..., 2] > 0) & (end[..., 2] > 0))[..., None, None]
    ys, xs = torch.meshgrid(
        torch.arange(height, device=keypoints.device),
        torch.arange(width, device=keypoints.device),
        indexing='ij',
    )
    # Where along the line, from 0 to 1, the nearest point of it is.
    way = (end - start)[..., :2, None, None]
    dx, dy = xs - start[..., 0, None, None], ys - start[..., 1, None, None]
    length = (way**2).sum(2).clamp(min=1e-6)
    along = ((dx * way[:, :, 0] + dy * way[:, :, 1]) / length).clamp(0, 1)
    distance = (dx - along * way[:, :, 0]) ** 2
    distance = distance + (dy - along * way[:, :, 1]) ** 2
    return ((distance <= radius**2) & present).float()


def rainbow(count: int) -> list[tuple[float, float, float]]:
    """Colours of equal steps around the hue circle from red, (count, 3)."""
    return [colorsys.hsv_to_rgb(i / count, 1, 1) for i in range(count)]


@MODELS.register_module()
class StickPoses(PoseEncoder):
    """A picture of the skeleton, RGB in [-1, 1], as VUnet takes it.

    Each limb has a colour of its own, red to violet in the order of
    :data:`BODY_LIMBS`, so that left and right differ; later limbs cover
    earlier ones; no limb is black (-1).

    Args:
        radius (float): Half of a stick's width in pixels.
    """

    out_channels = 3

    def __init__(self, radius: float = 2) -> None:
        super().__init__()
        self.radius = radius
        colors = torch.tensor(rainbow(len(BODY_LIMBS)))
        self.register_buffer('colors', colors, persistent=False)

    def forward(self, keypoints: Tensor, size: tuple[int, int]) -> Tensor:
        """See :class:`PoseEncoder`."""
        sticks = draw_limbs(keypoints, size, self.radius)
        order = torch.arange(1, len(BODY_LIMBS) + 1, device=sticks.device)
        top, index = (sticks * order[:, None, None]).max(1)
        picture = self.colors[index].permute(0, 3, 1, 2)
        return picture * (top > 0)[:, None] * 2 - 1


@MODELS.register_module()
class LimbMask(PoseEncoder):
    """The body as a mask of joints and limbs, as PG2 weighs its loss.

    Joints and limbs, then a morphological closing, which fills what lies
    between them.

    Args:
        radius (float): Of joints and of half a limb, pixels; PG2: 4.
        closing (int): Side in pixels of the square of the closing; 1 for
            none. PG2 dilates and erodes by 5.
    """

    out_channels = 1

    def __init__(self, radius: float = 4, closing: int = 5) -> None:
        super().__init__()
        if closing < 1 or closing % 2 == 0:
            raise UserValueError(
                f'closing must be an odd number of pixels, got {closing}'
            )
        self.radius, self.closing = radius, closing

    def forward(self, keypoints: Tensor, size: tuple[int, int]) -> Tensor:
        """See :class:`PoseEncoder`; 0 and 1, (N, 1, height, width)."""
        joints = tuple((k, k) for k in range(keypoints.shape[1]))
        mask = draw_limbs(keypoints, size, self.radius, BODY_LIMBS + joints)
        mask = mask.amax(1, keepdim=True)
        border = self.closing // 2
        if not border:
            return mask
        window = dict(kernel_size=self.closing, stride=1, padding=border)
        mask = F.max_pool2d(mask, **window)
        return -F.max_pool2d(-mask, **window)
