"""The person as a mask: of limbs by the pose, and of pixels."""

import torch.nn.functional as F
from torch import Tensor

from mmposetransfer.errors import UserValueError
from mmposetransfer.models.pose_encoders import LimbMask

from .image import centre_crop

__all__ = ['framed_masks', 'limb_masks', 'mask_iou']

# PG2's: radius 4, dilated and eroded by 5.
_ENCODER = LimbMask(radius=4, closing=5)


def limb_masks(keypoints: Tensor, size: tuple[int, int]) -> Tensor:
    """Masks of bodies as PG2 draws them, for mask-SSIM and its like.

    Ma et al., "Pose Guided Person Image Generation", 2017: joints and limbs
    of radius 4, dilated and eroded by 5 pixels, whatever the size.

    Args:
        keypoints: x, y in pixels of the picture and score, (N, 18, 3).
        size: (height, width) of the picture.

    Returns:
        Tensor: float32 of 0 and 1, (N, 1, height, width); all 0 without a
        joint in the picture.
    """
    return _ENCODER(keypoints, size)


def framed_masks(
    masks: Tensor,
    size: tuple[int, int] | None = None,
    crop: tuple[int, int] | None = None,
) -> Tensor:
    """Masks resized and cropped as a protocol does with pictures.

    Args:
        masks: Of 0 and 1, (N, 1, H, W).
        size: New (height, width), of nearest pixels; None keeps it.
        crop: (height, width) of the middle that is left; None: all.

    Returns:
        Tensor: Of 0 and 1, (N, 1, H', W').
    """
    if size is not None:
        masks = F.interpolate(masks, size, mode='nearest-exact')
    return masks if crop is None else centre_crop(masks, crop)


def mask_iou(pred: Tensor, target: Tensor, threshold: float = 0.5) -> Tensor:
    """Intersection over union of two masks, for each sample.

    Args:
        pred: Share of the person in each pixel, (N, 1, H, W) in [0, 1].
        target: The true one, same shape.
        threshold: A pixel with at least so much is the person's.

    Returns:
        Tensor: (N,) double in [0, 1]; 1 where both masks are empty.

    Raises:
        ValueError: If the shapes differ.
    """
    if pred.shape != target.shape:
        raise UserValueError(
            'expected two masks of one shape, got '
            f'{tuple(pred.shape)} and {tuple(target.shape)}'
        )
    pred, target = (
        (pred >= threshold).flatten(1),
        (target >= threshold).flatten(1),
    )
    shared = (pred & target).sum(1).double()
    either = (pred | target).sum(1).double()
    return (shared / either.clamp(min=1)).masked_fill(either == 0, 1.0)
