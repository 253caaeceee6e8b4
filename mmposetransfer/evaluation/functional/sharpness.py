"""How sharp pictures are."""

from torch import Tensor

__all__ = ['mean_gradient']

_LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601, as OpenCV's grey


def mean_gradient(images: Tensor) -> Tensor:
    """Mean length of the gradient of each image of a batch.

    The gradient of the grey picture is the differences to the pixels at the
    right and below; the last column and row have none.

    Args:
        images: RGB, (N, 3, H, W), at least 2x2, in [0, 1].

    Returns:
        Tensor: (N,) double, in the images' unit a pixel.
    """
    images = images.double()
    grey = (images * images.new_tensor(_LUMA).view(3, 1, 1)).sum(1)
    here = grey[:, :-1, :-1]
    right, below = grey[:, :-1, 1:] - here, grey[:, 1:, :-1] - here
    return (right.square() + below.square()).sqrt().mean((1, 2))
