"""Small data samples that the tests of this folder draw."""

import torch

from mmposetransfer.structures import PoseTransferDataSample


def person(size):
    """OpenPose-18 of somebody who stands upright, (18, 3)."""
    xy = torch.tensor(
        [(32, 10), (32, 16), (26, 16), (23, 24), (21, 31), (38, 16), (41, 24)]
        + [(43, 31), (29, 32), (28, 43), (28, 54), (35, 32), (36, 43)]
        + [(36, 54), (31, 9), (33, 9), (29, 10), (35, 10)]
    )
    xy = xy * torch.tensor([size[1] / 64, size[0] / 64])
    return torch.cat([xy, torch.ones(18, 1)], dim=1)


def drawn_sample(size=(64, 48), predicted=True, index=0):
    """A sample whose images are of one colour each."""
    sample = PoseTransferDataSample(
        metainfo=dict(ref_id=f'a/{index}', tgt_id=f'b{index}')
    )
    sample.ref_img = torch.full((3, *size), -0.5)
    sample.gt_img = torch.full((3, *size), 0.5)
    sample.pred_img = torch.full((3, *size), 0.25)
    sample.tgt_keypoints = person(size)
    if predicted:
        visibility = torch.full((1, *size), 2, dtype=torch.uint8)
        visibility[:, 10:50, 10:30] = 0
        flow = torch.zeros(2, *size)
        flow[0, 10:50, 10:30] = 4
        sample.pred_flow, sample.gt_flow = flow, 2 * flow
        sample.pred_visibility = sample.gt_visibility = visibility
        sample.warped_img = torch.zeros(3, *size)
        sample.generated_img = torch.ones(3, *size)
        sample.weight_map = torch.full((1, *size), 0.5)
    return sample
