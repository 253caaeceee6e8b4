"""Pairs as single images, for methods that learn without pairs."""

import torch
from torch import Tensor

__all__ = ['of_side', 'single_images']

SIDES = ('ref', 'tgt')


def of_side(inputs: dict[str, Tensor], side: str) -> dict[str, Tensor]:
    """What belongs to one picture of each pair.

    Args:
        inputs (dict[str, Tensor]): What
            :class:`PoseTransferDataPreprocessor` makes.
        side (str): 'ref' or 'tgt'.

    Returns:
        dict[str, Tensor]: By names without the side: ``img``, ``keypoints``,
        ``pose``, and whatever else the preprocessor derives.
    """
    prefix = f'{side}_'
    return {
        name.removeprefix(prefix): value
        for name, value in inputs.items()
        if name.startswith(prefix)
    }


def single_images(inputs: dict[str, Tensor]) -> dict[str, Tensor]:
    """Both pictures of every pair, each a sample of its own.

    A method that is trained to reproduce a picture, reference and target in
    one, learns from these; it never sees which belong together. A batch of N
    pairs is one of 2N images; where only one side has pictures, of N.

    Args:
        inputs (dict[str, Tensor]): What
            :class:`PoseTransferDataPreprocessor` makes.

    Returns:
        dict[str, Tensor]: As :func:`of_side`, first all references, then all
        targets; of that which both sides have.
    """
    sides = [of_side(inputs, s) for s in SIDES if f'{s}_img' in inputs]
    shared = set.intersection(*(set(side) for side in sides))
    return {
        name: torch.cat([side[name] for side in sides])
        for name in sides[0]
        if name in shared
    }
