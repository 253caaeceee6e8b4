"""What is known and what is predicted about one (reference, target) pair."""

import torch
from mmengine.structures import BaseDataElement

__all__ = ['PoseTransferDataSample']


def _tensor_field(name, doc):
    attr = f'_{name}'

    def getter(self):
        return getattr(self, attr)

    def setter(self, value):
        self.set_field(value, attr, dtype=torch.Tensor)

    def deleter(self):
        delattr(self, attr)

    return property(getter, setter, deleter, doc)


class PoseTransferDataSample(BaseDataElement):
    """Truth and prediction for one pair, without a batch axis.

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

    # The inputs, kept for metrics and pictures.
    ref_img = _tensor_field('ref_img', 'Reference image, (3, H, W).')
    ref_keypoints = _tensor_field('ref_keypoints', 'Reference pose, (18, 3).')
    tgt_keypoints = _tensor_field('tgt_keypoints', 'Target pose, (18, 3).')

    # The truth, where it is known.
    gt_img = _tensor_field('gt_img', 'Target image, (3, H, W).')
    gt_flow = _tensor_field('gt_flow', 'True flow, (2, H, W).')
    gt_visibility = _tensor_field(
        'gt_visibility', 'True visibility, uint8 (1, H, W).'
    )
    ref_parts = _tensor_field(
        'ref_parts', 'Body parts of the reference, uint8 (1, H, W).'
    )
    gt_parts = _tensor_field(
        'gt_parts', 'Body parts of the target, uint8 (1, H, W).'
    )
    attributes = _tensor_field('attributes', 'Clothing labels, uint8 (A,).')

    # What a transferer predicts; only `pred_img` is there for all methods.
    pred_img = _tensor_field('pred_img', 'Generated image, (3, H, W).')
    pred_flow = _tensor_field('pred_flow', 'Predicted flow, (2, H, W).')
    pred_visibility = _tensor_field(
        'pred_visibility', 'Predicted visibility, uint8 (1, H, W).'
    )
    warped_img = _tensor_field(
        'warped_img', 'Reference warped by the predicted flow, (3, H, W).'
    )
    generated_img = _tensor_field(
        'generated_img', 'Image before pixel warping, (3, H, W).'
    )
    weight_map = _tensor_field(
        'weight_map', 'Weight of the warped image in [0, 1], (1, H, W).'
    )
