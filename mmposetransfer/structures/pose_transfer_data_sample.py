"""What is known and what is predicted about one (reference, target) pair."""

import torch
from mmengine.structures import BaseDataElement

from .fields import FIELDS

__all__ = ['PoseTransferDataSample']


class PoseTransferDataSample(BaseDataElement):
    """Truth and prediction for one pair, without a batch axis.

    Its fields are those of :data:`mmposetransfer.structures.FIELDS`, by their
    ``sample_name``: ``ref_img``, ``ref_keypoints``, ``tgt_keypoints``; the
    truth ``gt_img``, ``gt_flow``, ``gt_visibility``, ``gt_parts``; what a
    method predicts, of which ``pred_img`` is there for all.

    Images are float RGB in [-1, 1], shape (3, H, W). Flow is (2, H, W) in
    pixels of the full image, on the target grid, reference minus target
    position. Visibility is uint8 (1, H, W): 0 visible, 1 invisible,
    2 background. Keypoints are (18, 3): x, y in pixels and a score.

    Meta information: ``ref_id``, ``tgt_id`` (names of the two images),
    ``ref_img_path``, ``tgt_img_path``, ``ori_shape`` (H, W) and whatever
    ``PackPoseTransferInputs`` is told to keep.

    Examples:
        >>> sample = PoseTransferDataSample(metainfo=dict(ref_id='a'))
        >>> sample.gt_img = torch.zeros(3, 64, 64)
        >>> sample.to('cpu').gt_img.shape
        torch.Size([3, 64, 64])
    """

    def set_field(self, value, name, dtype=None, field_type='data'):
        """As MMEngine's; what the table names has to be a tensor.

        Raises:
            AssertionError: If it is none.
        """
        if dtype is None and field_type == 'data' and _is_field(name):
            dtype = torch.Tensor
        super().set_field(value, name, dtype, field_type)


def _is_field(name: str) -> bool:
    return any(name == field.sample_name for field in FIELDS.values())
