"""What a model's prediction says of what it copies from the reference."""

import numpy as np

from mmposetransfer.models.warping import flow_warp
from mmposetransfer.structures.visibility import BACKGROUND

from .composition import Source

__all__ = ['bgr_of', 'shown_by', 'sources_of']

#: Fields of the ways in which models copy: flow, weight, classes of
#: visibility, and the copy itself.
WAYS = (
    ('pred_flow', 'weight_map', 'pred_visibility', 'warped_img'),
    (
        'pred_twin_flow',
        'twin_weight_map',
        'pred_twin_visibility',
        'twin_warped_img',
    ),
)


def sources_of(data_sample):
    """The ways in which a model's picture is copied from the reference.

    Args:
        data_sample (PoseTransferDataSample): Of the model, on its canvas.

    Returns:
        list[Source]: Empty for a model that has no flow with a weight map.
    """
    return [
        _source(data_sample, *map(data_sample.get, fields))
        for fields in WAYS
        if data_sample.get(fields[0]) is not None
        and data_sample.get(fields[1]) is not None
    ]


def _source(data_sample, flow, weight, visibility, warped):
    if warped is None:
        warped = flow_warp(data_sample.ref_img[None], flow[None])[0]
    warped = bgr_of(warped)
    flow = flow.float().cpu().numpy()
    shown = shown_by(flow, visibility)
    if visibility is not None:
        # Beyond the body's outline methods may copy or paint it black.
        beyond = visibility[0].cpu().numpy() == BACKGROUND
        shown &= ~beyond | warped.any(-1)
    weight = weight[0].float().cpu().numpy()
    return Source(flow, weight, warped, shown)


def shown_by(flow, visibility):
    """Where flow leads to something of the reference.

    Args:
        flow (ndarray): (2, H', W').
        visibility (Tensor | None): Classes (1, H', W'); without them flow
            says something everywhere.

    Returns:
        ndarray: (H', W') bool. Flow may go on beyond the body.
    """
    if visibility is None:
        return np.ones(flow.shape[1:], bool)
    body = visibility[0].cpu().numpy() != BACKGROUND
    return body | flow.any(0)


def bgr_of(image):
    """A model's image as a picture that is not rounded.

    Args:
        image (Tensor): (3, H, W), RGB in [-1, 1].

    Returns:
        ndarray: (H, W, 3) float32 BGR in [0, 255].
    """
    values = image.float().cpu().numpy().transpose(1, 2, 0)[..., ::-1]
    return (np.nan_to_num(values, nan=-1.0) + 1) * 127.5
