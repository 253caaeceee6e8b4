"""Estimators by short names."""

from mmengine.registry import DefaultScope

from mmposetransfer.errors import UserTypeError, UserValueError
from mmposetransfer.registry import SCOPE, TASK_UTILS
from mmposetransfer.utils.build_errors import did_you_mean

from .base import PoseEstimator

__all__ = ['POSE_ESTIMATORS', 'build_pose_estimator']

#: Short names of the estimators -> their registered types.
POSE_ESTIMATORS = dict(
    mediapipe='MediaPipePoseEstimator',
    rtmlib='RTMLibPoseEstimator',
    mmpose='MMPosePoseEstimator',
    files='FilePoseEstimator',
)

#: What 'auto' stands for. It is imported where it is needed, as keypoints that
#: are given need none of it.
AUTO = dict(type='mediapipe', lazy=True)


def build_pose_estimator(estimator, **options):
    """Make an estimator of poses.

    Args:
        estimator (str | dict | PoseEstimator): 'auto' (MediaPipe, imported
            when the first picture is to be looked at), 'mediapipe', 'rtmlib',
            'mmpose', 'files', or a type registered in ``TASK_UTILS``; a
            config with ``type``; one that is made already passes.
        **options: Its arguments, beside those of a config.

    Returns:
        PoseEstimator: Ready to be called.

    Raises:
        ImportError: If its package is missing; says what to install.
        KeyError, TypeError, ValueError: If there is none of that name, or
            an argument is wrong.

    Examples:
        >>> from mmposetransfer.datasets import write_keypoint_csv
        >>> write_keypoint_csv('poses.csv', {'me.png': np.full((18, 3), 90)})
        >>> estimator = build_pose_estimator('files', source='poses.csv')
        >>> image = np.zeros((256, 256, 3), np.uint8)
        >>> persons, = estimator([image], names=['me.png'])
        >>> persons.shape
        (1, 18, 3)
    """
    if isinstance(estimator, PoseEstimator) and not options:
        return estimator
    if isinstance(estimator, str):
        estimator = dict(type=estimator)
    if not isinstance(estimator, dict) or 'type' not in estimator:
        raise UserTypeError(
            'a pose estimator must be a name, a dict with type, or a '
            f'PoseEstimator (and then without options), got {estimator!r}'
        )
    cfg = {**estimator, **options}
    if cfg['type'] == 'auto':
        cfg |= AUTO
    kind = cfg['type']
    cfg['type'] = POSE_ESTIMATORS.get(kind, kind)
    with DefaultScope.overwrite_default_scope(SCOPE):
        _check_name(kind, cfg['type'])
        made = TASK_UTILS.build(cfg)
    if not isinstance(made, PoseEstimator):
        raise UserTypeError(f'{kind!r} is no PoseEstimator but a {type(made)}')
    return made


def _check_name(kind, type_):
    names = ['auto', *POSE_ESTIMATORS]
    if isinstance(type_, str) and TASK_UTILS.get(type_) is None:
        raise UserValueError(
            f'there is no pose estimator {kind!r}; known are '
            f'{names}.{did_you_mean(kind, names)}'
        )
