"""The 3D side: body, cameras, rasterizer, correspondence; no registry."""

from .body_model import BodyModel, BodyOutput
from .cameras import PerspectiveCamera, WeakPerspectiveCamera
from .correspondence import (
    correspond,
    flow_and_visibility,
    part_map,
    visible_keypoints,
)
from .fitting import (
    BodyFits,
    BodyFitter,
    FitProjector,
    FlowSynthesizer,
    PairFitter,
    load_fits,
    read_hmr_fits,
    save_fits,
)
from .flow_limits import extend_flow, hide_outside
from .lbs import SkinWeights, skin, sparse_weights
from .mirror_twins import mirror_twins
from .normals import vertex_normals
from .occlusion import hidden_points
from .rasterizer import Raster, interpolate, rasterize
from .skeletons import (
    SKELETONS,
    Skeleton,
    convert_keypoints,
    flip_keypoints,
    get_skeleton,
    joint_sources,
    validate_keypoints,
)
from .smpl_layout import body_parts
from .visibility_blur import blur_visibility

__all__ = [
    'SKELETONS',
    'BodyFits',
    'BodyFitter',
    'BodyModel',
    'BodyOutput',
    'FitProjector',
    'FlowSynthesizer',
    'PerspectiveCamera',
    'PairFitter',
    'Raster',
    'Skeleton',
    'SkinWeights',
    'WeakPerspectiveCamera',
    'blur_visibility',
    'body_parts',
    'convert_keypoints',
    'correspond',
    'extend_flow',
    'flip_keypoints',
    'flow_and_visibility',
    'get_skeleton',
    'hidden_points',
    'hide_outside',
    'interpolate',
    'joint_sources',
    'load_fits',
    'mirror_twins',
    'part_map',
    'rasterize',
    'read_hmr_fits',
    'save_fits',
    'skin',
    'sparse_weights',
    'validate_keypoints',
    'vertex_normals',
    'visible_keypoints',
]
