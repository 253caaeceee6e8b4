"""Poses by rtmlib: RTMPose and RTMO on ONNX Runtime, without mmpose."""

from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import numpy as np

from mmposetransfer.errors import UserFileNotFoundError, UserValueError
from mmposetransfer.registry import TASK_UTILS

from .base import PoseEstimator, needs

__all__ = ['RTMLibPoseEstimator']

MODES = ('lightweight', 'balanced', 'performance')
COCO_JOINTS = 17
# COCO; Halpe with feet; COCO-WholeBody: the first 17 joints are COCO's.
JOINT_COUNTS = (COCO_JOINTS, 26, 133)


@TASK_UTILS.register_module()
class RTMLibPoseEstimator(PoseEstimator):
    """RTMPose by rtmlib, from model files of yours or its own.

    The joints are COCO's 17 (of models with feet or hands the first 17); the
    neck is the middle of the shoulders.

    Args:
        pose (str | Path, optional): An ONNX file of RTMPose (SimCC), or of
            RTMO with ``one_stage=True``.
        det (str | Path, optional): An ONNX file of YOLOX that finds people.
            Without it the whole picture counts as one person's box.
        one_stage (bool): Whether ``pose`` is RTMO, which needs no detector.
        download (str, optional): 'lightweight', 'balanced' or 'performance':
            use rtmlib's own models of that size, which it downloads into its
            cache unless they are there. Nothing is downloaded without it.
        device (str): 'cpu', 'cuda', 'cuda:1', ...
        min_score (float): Joints that score less are missing.
        min_size (int): See `PoseEstimator`.
    """

    def __init__(
        self,
        pose=None,
        det=None,
        one_stage=False,
        download=None,
        device='cpu',
        min_score=0.3,
        min_size=0,
    ):
        super().__init__(min_score, min_size)
        _check_sources(pose, det, one_stage, download)
        with needs('rtmlib'):
            import onnxruntime  # noqa: F401
            import rtmlib
        with redirect_stdout(StringIO()):  # it tells what it loads
            if download is not None:
                body = rtmlib.Body(mode=download, device=device)
                self._pose, self._det = body.pose_model, body.det_model
                return
            kind = rtmlib.RTMO if one_stage else rtmlib.RTMPose
            self._pose = _open(kind, pose, device)
            self._det = det and _open(rtmlib.YOLOX, det, device)

    def detect(self, images):
        """Everyone in each picture; see `PoseEstimator.detect`."""
        return [self._detect_one(image) for image in images]

    def _detect_one(self, image):
        if self._det is None:
            keypoints, scores = self._pose(image)
        else:
            boxes = self._det(image)
            if len(boxes) == 0:  # it would take the whole picture
                return np.zeros((0, COCO_JOINTS, 3))
            keypoints, scores = self._pose(image, bboxes=boxes)
        if keypoints.shape[1] not in JOINT_COUNTS:
            raise UserValueError(
                f"'{self._pose.onnx_model}' finds {keypoints.shape[1]} "
                f'joints; expected one of {JOINT_COUNTS}, whose first 17 are '
                "COCO's"
            )
        return np.dstack([keypoints, scores])[:, :COCO_JOINTS]


def _check_sources(pose, det, one_stage, download):
    if download is not None:
        if download not in MODES:
            raise UserValueError(
                f'download must be one of {MODES}, got {download!r}'
            )
        if pose is not None or det is not None or one_stage:
            raise UserValueError(
                'pass either files (pose, det, one_stage) or download'
            )
    elif pose is None:
        raise UserValueError(
            'poses by rtmlib need its models: pass pose=FILE.onnx (and '
            "det=FILE.onnx), or download='balanced' to have rtmlib fetch its "
            'own'
        )
    if one_stage and det is not None:
        raise UserValueError(
            'a one_stage model finds the people itself: no det'
        )
    for path in (pose, det):
        # Rtmlib would take a name that is no file for an address.
        if path is not None and not Path(path).is_file():
            raise UserFileNotFoundError(f"there is no ONNX model '{path}'")


def _open(kind, path, device):
    """One of rtmlib's tools, at the input size that the file itself tells."""
    try:
        tool = kind(str(path), device=device)
    except Exception as error:  # ONNX Runtime's own types
        raise UserValueError(
            f"'{path}' cannot be opened as an ONNX model on {device}: {error}"
        ) from error
    height, width = tool.session.get_inputs()[0].shape[2:]
    if isinstance(height, int) and isinstance(width, int):
        # RTMPose alone has the width first.
        size = (height, width)
        is_rtmpose = kind.__name__ == 'RTMPose'
        tool.model_input_size = size[::-1] if is_rtmpose else size
    return tool
