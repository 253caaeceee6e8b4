"""Poses by MediaPipe, whose wheel carries its model: no network needed."""

from functools import cached_property

import numpy as np

from mmposetransfer.errors import UserValueError
from mmposetransfer.registry import TASK_UTILS
from mmposetransfer.utils.native_output import held_back_stderr

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
    is the score, and those outside of the picture are missing. It finds the
    person's pixels as well, with clothes and hair.

    Args:
        min_score (float): Joints of a lower visibility are missing.
        min_size (int): See `PoseEstimator`.
        min_detection_confidence (float): How sure its person detector has to
            be, in [0, 1].
        lazy (bool): Import MediaPipe when the first picture is to be looked
            at, which is when it is told that it is missing; else at once.
    """

    skeleton = 'mediapipe33'

    def __init__(
        self,
        min_score=0.5,
        min_size=0,
        min_detection_confidence=0.5,
        lazy=False,
    ):
        super().__init__(min_score, min_size)
        if not 0 <= min_detection_confidence <= 1:
            raise UserValueError(
                'min_detection_confidence must be in [0, 1], got '
                f'{min_detection_confidence!r}'
            )
        self.min_detection_confidence = min_detection_confidence
        if not lazy:
            _import_mediapipe()

    @cached_property
    def _pose(self):
        return _import_mediapipe().solutions.pose.Pose(
            static_image_mode=True,
            model_complexity=BUNDLED_MODEL,
            enable_segmentation=True,
            min_detection_confidence=self.min_detection_confidence,
        )

    def detect(self, images):
        """One person a picture, or none; see `PoseEstimator.detect`."""
        return [persons for persons, _ in self.detect_with_masks(images)]

    def detect_with_masks(self, images):
        """The same with masks; see `PoseEstimator.detect_with_masks`."""
        with held_back_stderr():
            return [self._detect_one(image) for image in images]

    def _detect_one(self, image):
        result = self._pose.process(np.ascontiguousarray(image[..., ::-1]))
        height, width = image.shape[:2]
        if result.pose_landmarks is None:
            return np.zeros((0, 33, 3)), np.zeros((0, height, width))
        # 0 and 1 are the edges of the picture, not the outermost centres.
        points = [
            (mark.x * width - 0.5, mark.y * height - 0.5, mark.visibility)
            for mark in result.pose_landmarks.landmark
        ]
        return np.array([points]), result.segmentation_mask[None]


def _import_mediapipe():
    with needs('mediapipe'):
        import mediapipe
    return mediapipe
