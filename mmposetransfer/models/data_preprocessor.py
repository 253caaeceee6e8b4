"""From a batch of the loader to what the networks take."""

import torch
from mmengine.model import BaseDataPreprocessor

from mmposetransfer.errors import UserValueError
from mmposetransfer.registry import MODELS

from .padding import pad_inputs, picture_size
from .pose_map import draw_pose_maps

__all__ = ['PoseTransferDataPreprocessor']


@MODELS.register_module()
class PoseTransferDataPreprocessor(BaseDataPreprocessor):
    """Stack, move to the device, normalise images, draw pose maps.

    Pose maps are drawn here, on the device, and never stored: 18 channels
    of 256x256 are 4.7 MB, the keypoints 216 bytes.

    Inputs of a sample: ``ref_img`` and, in training, ``tgt_img``, uint8 BGR
    (3, H, W); ``ref_keypoints``, ``tgt_keypoints`` (18, 3); optionally
    ``flow`` (2, H, W), ``visibility``, ``ref_parts`` and ``tgt_parts``
    (1, H, W). Where flow alone is learnt, images may be absent. Images become
    float RGB in [-1, 1]; ``ref_pose`` and
    ``tgt_pose`` (N, 18, H, W) are added.

    Args:
        pose_radius (float): Radius of a joint's disc in pixels (paper: 8 at
            256x256, 4 at 128x64).
        pad_size_divisor (int): The networks get height and width as
            multiples of it: a white border is added at all sides, and taken
            off what they predict. 128 for networks of 7 levels.
        non_blocking (bool): Whether to overlap copies to a GPU.
    """

    def __init__(self, pose_radius=8, pad_size_divisor=1, non_blocking=False):
        super().__init__(non_blocking=non_blocking)
        self.pose_radius = pose_radius
        self.pad_size_divisor = pad_size_divisor

    def forward(self, data, training=False):
        """Prepare a batch.

        Args:
            data (dict): ``inputs``: name -> list of tensors, one a sample
                (or a stacked tensor); ``data_samples``: list.
            training (bool): Not used: both ways are the same.

        Returns:
            dict: ``inputs``: name -> tensor (N, ...), and ``box`` (left,
            top, width, height) where the images were padded;
            ``data_samples``.

        Raises:
            ValueError: If the samples of the batch differ in size.
        """
        data = self.cast_data(data)
        inputs = {
            key: self._stack(key, values)
            for key, values in data['inputs'].items()
        }
        for key in ('ref_img', 'tgt_img'):
            if key in inputs:
                inputs[key] = inputs[key].flip(1).float() / 127.5 - 1
        inputs, box = pad_inputs(inputs, self.pad_size_divisor)
        size = picture_size(inputs)
        for side in ('ref', 'tgt'):
            inputs[f'{side}_pose'] = draw_pose_maps(
                inputs[f'{side}_keypoints'], size, self.pose_radius
            )
        if box is not None:
            inputs['box'] = box
        return dict(inputs=inputs, data_samples=data.get('data_samples'))

    @staticmethod
    def _stack(key, values):
        if isinstance(values, torch.Tensor):
            return values
        shapes = {tuple(value.shape) for value in values}
        if len(shapes) > 1:
            raise UserValueError(
                f"The samples of a batch have '{key}' of different shapes "
                f'{sorted(shapes)}: resize the images to one size in the '
                'pipeline, or use a batch size of 1.'
            )
        return torch.stack(values)
