"""Metrics for MMEngine's evaluators: thin shells around ``..functional``."""

from .attributes import AttributeRecall
from .base import PoseTransferMetric
from .face_similarity import FaceSimilarity
from .flow_groups import FlowErrors
from .flow_quality import FlowQuality
from .image_quality import ImageQuality
from .inception import InceptionDistance
from .lite0_distance import Lite0Distance
from .lite0_sets import Lite0SetDistance
from .lpips import LPIPS
from .masked import MaskedQuality
from .ms_ssim import MultiScaleSSIM
from .person_mask import PersonMaskIoU
from .pose_accuracy import PCKh
from .set_metric import SetMetric
from .sharpness import Sharpness

__all__ = [
    'AttributeRecall',
    'FaceSimilarity',
    'FlowErrors',
    'FlowQuality',
    'ImageQuality',
    'InceptionDistance',
    'LPIPS',
    'Lite0Distance',
    'Lite0SetDistance',
    'MaskedQuality',
    'MultiScaleSSIM',
    'PCKh',
    'PersonMaskIoU',
    'PoseTransferMetric',
    'SetMetric',
    'Sharpness',
]
