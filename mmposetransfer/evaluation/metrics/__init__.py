"""Metrics for MMEngine's evaluators: thin shells around ``..functional``."""

from .attributes import AttributeRecall, SynthAttributeRecall
from .base import PoseTransferMetric
from .classification import AttributeAccuracy, CategoryAccuracy
from .face_similarity import FaceSimilarity
from .fashion_is import FashionIS, SynthFashionIS
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
    'AttributeAccuracy',
    'AttributeRecall',
    'CategoryAccuracy',
    'FaceSimilarity',
    'FashionIS',
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
    'SynthAttributeRecall',
    'SynthFashionIS',
]
