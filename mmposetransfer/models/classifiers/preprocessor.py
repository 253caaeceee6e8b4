"""From a loader's batch of clothes to what a classifier looks at."""

import torch
from mmengine.model import BaseDataPreprocessor

from mmposetransfer.registry import MODELS

__all__ = ['ClothingPreprocessor']


@MODELS.register_module()
class ClothingPreprocessor(BaseDataPreprocessor):
    """Stacks pictures as RGB in [-1, 1], and a trunk's vectors as they are.

    Args:
        non_blocking (bool): Whether copies to a GPU need not be waited for.
    """

    def __init__(self, non_blocking: bool = False) -> None:
        super().__init__(non_blocking)

    def forward(self, data: dict, training: bool = False) -> dict:
        """Make a batch.

        Args:
            data: ``inputs``, a list of (3, H, W) uint8 BGR of one size, or of
                (D,) float, and ``data_samples``.
            training: Not used.

        Returns:
            dict: ``inputs``, (N, 3, H, W) RGB in [-1, 1] or (N, D) float32,
            and ``data_samples``.
        """
        data = self.cast_data(data)
        inputs = torch.stack(list(data['inputs']))
        if inputs.dtype == torch.uint8:
            inputs = inputs.flip(1).float() / 127.5 - 1
        return dict(inputs=inputs.float(), data_samples=data['data_samples'])
