"""People in pictures: one interface, four providers.

No provider is imported before one of its estimators is made.
"""

from .base import FoundPersons, PoseEstimator
from .build import POSE_ESTIMATORS, build_pose_estimator
from .files import FilePoseEstimator
from .mediapipe_pose import MediaPipePoseEstimator
from .mmpose_pose import MMPosePoseEstimator
from .persons import as_persons, choose_person, crop_to_box
from .rtmlib_pose import RTMLibPoseEstimator

__all__ = [
    'POSE_ESTIMATORS',
    'FilePoseEstimator',
    'FoundPersons',
    'MMPosePoseEstimator',
    'MediaPipePoseEstimator',
    'PoseEstimator',
    'RTMLibPoseEstimator',
    'as_persons',
    'build_pose_estimator',
    'choose_person',
    'crop_to_box',
]
