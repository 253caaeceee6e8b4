"""Poses by MediaPipe, whose wheel carries its model: no network needed."""

import numpy as np

from mmposetransfer.errors import UserValueError
from mmposetransfer.registry import TASK_UTILS

from .base import PoseEstimator, needs

__all__ = ['MediaPipePoseEstimator']

# Of the three models only this one is in the wheel; others are downloaded.
BUNDLED_MODEL = 1


@TASK_UTILS.register_module()
class MediaPipePoseEstimator(PoseEstimator):
    """MediaPipe Pose (BlazePose, its "full" model), on the CPU and offline.

    It finds one person a picture, who has to fill a good part of it: of a
    photograph with several people it shows the one that its detector is
    surest of. Cut the others away first (`crop_to_box`).

    Of its 33 landmarks 17 become joints; the neck is the middle of the
    shoulders. It places joints that it cannot see, too: its ``visibility``
    is the score, and those outside of the picture are missing.

    Args:
        min_score (float): Joints of a lower visibility are missing.
        min_size (int): See `PoseEstimator`.
        min_detection_confidence (float): How sure its person detector has to
            be, in [0, 1].
    """

    skeleton = 'mediapipe33'

    def __init__(
        self, min_score=0.5, min_size=0, min_detection_confidence=0.5
    ):
        super().__init__(min_score, min_size)
        with needs('mediapipe'):
            import mediapipe
        if not 0 <= min_detection_confidence <= 1:
            raise UserValueError(
                'min_detection_confidence must be in [0, 1], got '
                f'{min_detection_confidence!r}'
            )
        self._pose = mediapipe.solutions.pose.Pose(
            static_image_mode=True,
            model_complexity=BUNDLED_MODEL,
            min_detection_confidence=min_detection_confidence,
        )

    def detect(self, images):
        """One person a picture, or none; see `PoseEstimator.detect`."""
        return [self._detect_one(image) for image in images]

    def _detect_one(self, image):
        result = self._pose.process(np.ascontiguousarray(image[..., ::-1]))
        if result.pose_landmarks is None:
            return np.zeros((0, 33, 3))
        height, width = image.shape[:2]
        # 0 and 1 are the edges of the picture, not the outermost centres.
        points = [
            (mark.x * width - 0.5, mark.y * height - 0.5, mark.visibility)
            for mark in result.pose_landmarks.landmark
        ]
        return np.array([points])
