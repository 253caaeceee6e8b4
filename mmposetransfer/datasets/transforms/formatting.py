"""From arrays of a dataset to what the loader collates."""

import numpy as np
import torch
from mmcv.transforms import BaseTransform

from mmposetransfer.errors import UserKeyError, UserValueError
from mmposetransfer.registry import TRANSFORMS
from mmposetransfer.structures import PoseTransferDataSample

__all__ = ['PackPoseTransferInputs']

_IMAGES = ('ref_img', 'tgt_img')
_MAPS = ('flow', 'visibility')
_PARTS = ('ref_parts', 'tgt_parts')
_KEYPOINTS = ('ref_keypoints', 'tgt_keypoints')


def _tensor(array, dtype):
    return torch.from_numpy(np.ascontiguousarray(array, dtype))


@TRANSFORMS.register_module()
class PackPoseTransferInputs(BaseTransform):
    """Pack a pair into ``inputs`` and a :class:`PoseTransferDataSample`.

    What a pair may hold: ``ref_img``, ``tgt_img`` uint8 BGR (H, W, 3),
    ``ref_keypoints``, ``tgt_keypoints`` (18, 3), ``flow`` (2, H, W),
    ``visibility`` (1, H, W), ``ref_parts``, ``tgt_parts`` (H, W),
    ``attributes`` (A,).

    Args:
        keys (Sequence[str], optional): Only these inputs are packed, to
            spare the loader's workers what a stage does not read; each has
            to be there. Defaults to all that are there.
        meta_keys (Sequence[str]): What the data sample keeps as metainfo,
            where it is there.
    """

    def __init__(
        self,
        keys=None,
        meta_keys=(
            'ref_id',
            'tgt_id',
            'ref_img_path',
            'tgt_img_path',
            'ori_shape',
            'person',
        ),
    ):
        known = (*_IMAGES, *_MAPS, *_PARTS, *_KEYPOINTS)
        unknown = sorted(set(keys or ()) - set(known))
        if unknown:
            raise UserValueError(
                f'PackPoseTransferInputs cannot pack {unknown}; '
                f'it packs {known}.'
            )
        self.keys = tuple(keys or known)
        self.required = self.keys if keys else ()
        self.meta_keys = tuple(meta_keys)

    def transform(self, results):
        """Returns: dict with ``inputs`` (tensors) and ``data_samples``.

        Raises:
            KeyError: If the pair lacks one of the keys that were asked for.
        """
        for key in self.required:
            if results.get(key) is None:
                raise UserKeyError(
                    f"PackPoseTransferInputs was told to pack '{key}', which "
                    f'the pair {results.get("ref_id")} -> '
                    f'{results.get("tgt_id")} does not have: let the dataset '
                    'or a transform before this one bring it, or take it out '
                    "of 'keys'."
                )
        inputs = {
            key: self._pack(key, results[key])
            for key in self.keys
            if results.get(key) is not None
        }
        sample = PoseTransferDataSample(
            metainfo={
                key: results[key] for key in self.meta_keys if key in results
            }
        )
        if results.get('attributes') is not None:
            sample.attributes = _tensor(results['attributes'], np.uint8)
        return dict(inputs=inputs, data_samples=sample)

    @staticmethod
    def _pack(key, value):
        if key in _IMAGES:
            return _tensor(value.transpose(2, 0, 1), np.uint8)
        if key in _PARTS:
            return _tensor(value[None], np.uint8)
        if key == 'visibility':
            return _tensor(value, np.uint8)
        return _tensor(value, np.float32)
