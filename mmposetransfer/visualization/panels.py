"""The pictures of one sample that a strip is made of."""

import math

import cv2
import numpy as np

from mmposetransfer.errors import UserValueError
from mmposetransfer.structures import FIELDS
from mmposetransfer.utils.build_errors import did_you_mean

from .colors import (
    class_colors,
    flow_colors,
    image_to_rgb,
    part_colors,
    visibility_colors,
    weight_map_colors,
)
from .skeleton import draw_skeleton

__all__ = [
    'DEFAULT_PANELS',
    'PANELS',
    'check_panels',
    'make_panels',
    'title_of',
]

#: Name of a panel -> (its title, the field of the data sample it shows). Any
#: other field that can be drawn is a panel of its own name.
PANELS = {
    'reference': ('reference', 'ref_img'),
    'reference_pose': ('reference pose', 'ref_keypoints'),
    'target_image': ('target image', 'target_img'),
    'target_pose': ('target pose', 'tgt_keypoints'),
    'flow': ('flow', 'pred_flow'),
    'true_flow': ('true flow', 'gt_flow'),
    'visibility': ('visibility', 'pred_visibility'),
    'true_visibility': ('true visibility', 'gt_visibility'),
    'warped': ('warped image', 'warped_img'),
    'weight_map': ('weight map', 'weight_map'),
    'generated': ('before pixel warping', 'generated_img'),
    'result': ('result', 'pred_img'),
    'truth': ('truth', 'gt_img'),
}
#: What strips and grids show unless told otherwise.
DEFAULT_PANELS = (
    'reference',
    'target_pose',
    'flow',
    'visibility',
    'warped',
    'weight_map',
    'generated',
    'result',
    'truth',
)
# Panels narrower than this are enlarged: titles have to fit.
MIN_WIDTH = 160


def title_of(panel: str) -> str:
    """What stands above a panel."""
    if panel in PANELS:
        return PANELS[panel][0]
    return panel.replace('_', ' ')


def _field_of(panel):
    """The row of the table of fields that a panel shows."""
    name = PANELS[panel][1] if panel in PANELS else panel
    return next(f for f in FIELDS.values() if f.sample_name == name)


def _known_panels():
    shown = {field for _, field in PANELS.values()}
    return [*PANELS] + [
        field.sample_name
        for field in FIELDS.values()
        if field.kind != 'vector' and field.sample_name not in shown
    ]


def check_panels(panels):
    """Refuse panels that there are none of.

    Args:
        panels (Sequence[str]): Names out of `PANELS`, or of fields.

    Raises:
        ValueError: If one is none, or there is no name at all.
    """
    if isinstance(panels, str) or not panels:
        raise UserValueError(f'panels must be a list of names, got {panels!r}')
    known = _known_panels()
    unknown = [name for name in panels if name not in known]
    if unknown:
        raise UserValueError(
            f'unknown panels {unknown}; known are {known}.'
            f'{did_you_mean(unknown[0], known)}'
        )


def make_panels(data_sample, panels=DEFAULT_PANELS, scale=None):
    """Draw the panels that a data sample has data for.

    Args:
        data_sample (PoseTransferDataSample): Truth and prediction.
        panels (Sequence[str]): Names out of `PANELS`, in order.
        scale (int, optional): Factor of enlargement. Defaults to what makes
            panels at least 160 pixels wide.

    Returns:
        dict[str, ndarray]: Name of the panel -> picture (H, W, 3) uint8 RGB,
        all of one size.
    """
    check_panels(panels)
    size = _size(data_sample)
    if scale is None:
        scale = max(1, math.ceil(MIN_WIDTH / size[1]))
    pictures = {}
    for name in panels:
        value = data_sample.get(_field_of(name).sample_name)
        if value is not None:
            pictures[name] = _draw(name, value, data_sample, size, scale)
    return pictures


def _size(data_sample):
    """(height, width) of the sample's images."""
    for field in FIELDS.values():
        value = data_sample.get(field.sample_name)
        if value is not None and field.is_map:
            return tuple(value.shape[-2:])
    raise UserValueError(
        'the data sample holds no image, flow or visibility to draw; its '
        f'fields are {sorted(data_sample.keys())}'
    )


def _draw(name, value, data_sample, size, scale):
    field = _field_of(name)
    if field.kind == 'keypoints':
        return _draw_pose(name, value, data_sample, size, scale)
    if field.kind == 'flow':
        picture = flow_colors(value, _longest_flow(data_sample))
    elif field.kind == 'class_map':
        picture = _class_colors(field, value[:1])  # labels stand first
        return _enlarge(picture, scale, cv2.INTER_NEAREST)
    elif field.kind == 'soft_map':
        picture = weight_map_colors(value.float().mean(0))  # of all channels
    else:
        picture = image_to_rgb(value)
    return _enlarge(picture, scale, cv2.INTER_CUBIC)


def _draw_pose(name, value, data_sample, size, scale):
    canvas = np.zeros((*size, 3), np.uint8)
    if name == 'reference_pose' and data_sample.get('ref_img') is not None:
        canvas = image_to_rgb(data_sample.ref_img) // 2
    canvas = _enlarge(canvas, scale, cv2.INTER_CUBIC)
    return draw_skeleton(canvas, value, scale)


def _class_colors(field, value):
    if field.sample_name.endswith('visibility'):
        return visibility_colors(value)
    if field.sample_name.endswith('parts'):
        return part_colors(value)
    return class_colors(value)


def _enlarge(picture, scale, interpolation):
    if scale == 1:
        return picture
    return cv2.resize(
        picture, None, fx=scale, fy=scale, interpolation=interpolation
    )


def _longest_flow(data_sample):
    """One scale for all flows of a sample."""
    flows = [
        data_sample.get(field.sample_name)
        for field in FIELDS.values()
        if field.kind == 'flow'
    ]
    return max(
        float(flow.float().norm(dim=0).nan_to_num(posinf=0.0).max())
        for flow in flows
        if flow is not None
    )
