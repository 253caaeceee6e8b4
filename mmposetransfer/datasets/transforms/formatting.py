"""From arrays of a dataset to what the loader collates."""

from collections.abc import Sequence

import numpy as np
import torch
from mmcv.transforms import BaseTransform

from mmposetransfer.registry import TRANSFORMS
from mmposetransfer.structures import FIELDS, Field, PoseTransferDataSample

__all__ = ['PackPoseTransferInputs', 'pack_field']


def pack_field(field: Field, value: np.ndarray) -> torch.Tensor:
    """An array of a dataset as a network's input, without a batch axis.

    Args:
        field (Field): What it is.
        value (ndarray): As :data:`mmposetransfer.structures.KINDS` has it.

    Returns:
        Tensor: Likewise; images are still uint8 BGR.
    """
    value = np.asarray(value)
    if field.kind == 'image':
        value = value.transpose(2, 0, 1)
    elif field.is_map and value.ndim == 2:
        value = value[None]
    if field.kind in ('image', 'class_map'):
        value = value.astype(np.uint8, copy=False)
    elif field.kind != 'vector':
        value = value.astype(np.float32, copy=False)
    return torch.from_numpy(np.ascontiguousarray(value))


@TRANSFORMS.register_module()
class PackPoseTransferInputs(BaseTransform):
    """Pack a pair into ``inputs`` and a :class:`PoseTransferDataSample`.

    What a pair may hold, and how, says the table of
    ``mmposetransfer.structures.fields``: ``ref_img``, ``tgt_img`` uint8 BGR
    (H, W, 3), ``ref_keypoints``, ``tgt_keypoints`` (18, 3), ``flow``
    (2, H, W), ``visibility`` (1, H, W), ``ref_parts``, ``tgt_parts`` (H, W),
    ``attributes`` (A,), and rows that were registered beside them.

    Args:
        keys (Sequence[str], optional): Only these inputs are packed, to
            spare the loader's workers what a stage does not read; each has
            to be there. Defaults to all that are there.
        meta_keys (Sequence[str]): What the data sample keeps as metainfo,
            where it is there.

    Raises:
        ValueError: If a key is none of the table.
    """

    def __init__(
        self,
        keys: Sequence[str] | None = None,
        meta_keys: Sequence[str] = (
            'ref_id',
            'tgt_id',
            'ref_img_path',
            'tgt_img_path',
            'ori_shape',
            'person',
        ),
    ) -> None:
        known = [f.name for f in FIELDS.values() if f.given and f.packed]
        unknown = sorted(set(keys or ()) - set(known))
        if unknown:
            raise ValueError(
                f'PackPoseTransferInputs cannot pack {unknown}; it packs '
                f'{known}, and what register_field() adds.'
            )
        self.keys = tuple(keys or known)
        self.required = self.keys if keys else ()
        self.meta_keys = tuple(meta_keys)

    def transform(self, results: dict) -> dict:
        """Returns: dict with ``inputs`` (tensors) and ``data_samples``.

        Raises:
            KeyError: If the pair lacks one of the keys that were asked for.
        """
        for key in self.required:
            if results.get(key) is None:
                raise KeyError(
                    f"PackPoseTransferInputs was told to pack '{key}', which "
                    f'the pair {results.get("ref_id")} -> '
                    f'{results.get("tgt_id")} does not have: let the dataset '
                    'or a transform before this one bring it, or take it out '
                    "of 'keys'."
                )
        inputs = {
            key: pack_field(FIELDS[key], results[key])
            for key in self.keys
            if results.get(key) is not None
        }
        sample = PoseTransferDataSample(
            metainfo={
                key: results[key] for key in self.meta_keys if key in results
            }
        )
        return dict(inputs=inputs, data_samples=sample)
