"""Pictures: maps as colours, skeletons, strips, grids, the visualizer."""

from .body import draw_body
from .colors import (
    PART_COLORS,
    VISIBILITY_COLORS,
    class_colors,
    flow_colors,
    image_from_bgr,
    image_to_rgb,
    part_colors,
    visibility_colors,
    weight_map_colors,
)
from .local_vis_backend import LocalVisBackend
from .panels import (
    DEFAULT_PANELS,
    PANELS,
    check_panels,
    make_panels,
    title_of,
)
from .skeleton import draw_skeleton
from .strips import arrange_pictures, make_grid, make_strip
from .visualizer import PoseTransferVisualizer

__all__ = [
    'DEFAULT_PANELS',
    'LocalVisBackend',
    'PANELS',
    'PART_COLORS',
    'VISIBILITY_COLORS',
    'PoseTransferVisualizer',
    'arrange_pictures',
    'check_panels',
    'class_colors',
    'draw_body',
    'draw_skeleton',
    'flow_colors',
    'image_from_bgr',
    'image_to_rgb',
    'make_grid',
    'make_panels',
    'make_strip',
    'part_colors',
    'title_of',
    'visibility_colors',
    'weight_map_colors',
]
