"""Poses by mmpose, from a config and a checkpoint of the user's."""

import warnings

import numpy as np
import torch
from mmengine.config import Config
from mmengine.registry import DefaultScope

from mmposetransfer.errors import UserValueError
from mmposetransfer.geometry.skeletons import get_skeleton
from mmposetransfer.registry import TASK_UTILS

from .base import PoseEstimator, needs

__all__ = ['MMPosePoseEstimator']


@TASK_UTILS.register_module()
class MMPosePoseEstimator(PoseEstimator):
    """A model of mmpose with COCO's joints, top-down or bottom-up.

    Joints are taken by their names in the model's dataset, so that models of
    COCO-WholeBody or Halpe do, too; the neck is the middle of the shoulders.
    A top-down model takes the whole picture as one person's box: cut people
    out (`crop_to_box`) where there are several, or take a bottom-up model.

    Args:
        config (str | Path | Config): A config of mmpose: its path, or
            ``'mmpose::body_2d_keypoint/...py'`` for one that mmpose brings.
        checkpoint (str | Path, optional): Its weights, a local file. None
            leaves them random, and warns of it. Nothing is downloaded.
        device (str): 'cpu', 'cuda', 'cuda:1', ...
        min_score (float): Joints that score less are missing.
        min_size (int): See `PoseEstimator`.
    """

    skeleton = 'coco17'

    def __init__(
        self, config, checkpoint=None, device='cpu', min_score=0.3, min_size=0
    ):
        super().__init__(min_score, min_size)
        with needs('mmpose'):
            from mmpose.apis import (
                inference_bottomup,
                inference_topdown,
                init_model,
            )
        cfg = _load_config(config)
        # Mmpose changes the default scope for good.
        with DefaultScope.overwrite_default_scope('mmpose'):
            model = init_model(cfg, None, device=device)
        _load_weights(model, checkpoint)
        self._model = model
        self._columns = _coco_columns(model.dataset_meta)
        is_bottomup = cfg.get('data_mode') == 'bottomup'
        self._infer = inference_bottomup if is_bottomup else inference_topdown

    def detect(self, images):
        """Everyone in each picture; see `PoseEstimator.detect`."""
        with DefaultScope.overwrite_default_scope('mmpose'):
            return [self._detect_one(image) for image in images]

    def _detect_one(self, image):
        persons = [np.zeros((0, len(self._columns), 3))]
        for sample in self._infer(self._model, image):
            found = sample.pred_instances
            points = np.dstack([found.keypoints, found.keypoint_scores])
            persons.append(points[:, self._columns])
        return np.concatenate(persons)


def _load_config(config):
    if isinstance(config, Config):
        return config.copy()
    if str(config).startswith('mmpose::'):
        from mmengine.hub import get_config

        return get_config(str(config))
    return Config.fromfile(config)


def _load_weights(model, checkpoint):
    if checkpoint is None:
        warnings.warn(
            'the pose estimator has random weights: pass its checkpoint',
            stacklevel=3,
        )
        return
    state_dict = _read_weights(checkpoint)
    missing = set(model.state_dict()) - set(state_dict)
    missing = {key for key in missing if 'num_batches_tracked' not in key}
    if missing:
        raise UserValueError(
            f"'{checkpoint}' is of another model than the config: it has no "
            f'{sorted(missing)[:4]} ({len(missing)} are missing)'
        )
    try:
        model.load_state_dict(state_dict, strict=False)
    except RuntimeError as error:
        raise UserValueError(
            f"'{checkpoint}' is of another model than the config: {error}"
        ) from None


def _read_weights(checkpoint):
    """The state dict; mmpose's checkpoints hold arrays of numpy, too."""
    from mmposetransfer.io.checkpoint import read_state_dict

    safe_globals = getattr(torch.serialization, 'safe_globals', None)
    if safe_globals is None:  # torch < 2.5
        return read_state_dict(checkpoint)
    with safe_globals(_numpy_globals()):
        return read_state_dict(checkpoint)


def _numpy_globals():
    """What an array of numbers is made of, under both names of numpy."""
    rebuild = np.zeros(1).__reduce__()[0]
    kinds = {type(np.dtype(code)) for code in '?bBhHiIlLqQefd'}
    return [
        (rebuild, 'numpy.core.multiarray._reconstruct'),
        (rebuild, 'numpy._core.multiarray._reconstruct'),
        np.ndarray,
        np.dtype,
        *kinds,
    ]


def _coco_columns(meta):
    """For each joint of COCO its place in what the model finds."""
    names = [meta['keypoint_id2name'][i] for i in range(meta['num_keypoints'])]
    joints = get_skeleton('coco17').joints
    missing = [joint for joint in joints if joint not in names]
    if missing:
        raise UserValueError(
            f"the model of dataset '{meta['dataset_name']}' finds no "
            f"{', '.join(missing)}; a model with COCO's joints is needed"
        )
    return [names.index(joint) for joint in joints]
