"""What a frozen trunk makes of pictures, computed once and kept."""

import hashlib
import json
import os
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from mmengine.dataset import BaseDataset
from mmengine.logging import print_log

from mmposetransfer.errors import UserValueError
from mmposetransfer.io.atomic_write import atomic_write
from mmposetransfer.registry import DATASETS, MODELS

__all__ = ['TrunkFeatures']

_BATCH = 16
# Of an item, what is kept beside its features.
_LABELS = ('attributes', 'category')


def _meta(dataset: BaseDataset) -> dict[str, Any]:
    """What a dataset says of its labels; text would be taken for a file."""
    meta = dataset.metainfo
    return {k: v for k, v in meta.items() if not isinstance(v, str)}


@DATASETS.register_module()
class TrunkFeatures(BaseDataset):
    """Vectors of a frozen trunk in place of pictures.

    They are made at the first use and kept in a file, in half precision; an
    epoch of a classifier's head then takes seconds. The file's name tells of
    which pictures and trunk it is, so that others are never taken for them.
    It does not know of changes of the code: remove the folder after those.

    An item, before the pipeline, holds ``features`` (D,) float32, what the
    datasets say of it (``attributes``, ``category``), and ``source``, the
    number of its dataset.

    Args:
        datasets (Sequence[dict]): Configs of datasets of clothes of one kind,
            without a pipeline; their pictures may be of several sizes.
        trunk (dict): Config of the trunk.
        cache (str): Folder of the files.
        pipeline (Sequence): Transforms.

    Raises:
        ValueError: If a dataset has a pipeline.
    """

    METAINFO = dict(dataset_type='clothing')

    def __init__(
        self,
        datasets: Sequence[dict[str, Any]],
        trunk: dict[str, Any],
        cache: str,
        pipeline: Sequence[Any] = (),
    ) -> None:
        for dataset in datasets:
            if dataset.get('pipeline'):
                raise UserValueError(
                    'the pictures that features are made of have no '
                    'pipeline: give it to TrunkFeatures'
                )
        self._parts = [DATASETS.build(dataset) for dataset in datasets]
        self._trunk = trunk
        key = json.dumps([list(datasets), trunk], sort_keys=True)
        name = hashlib.sha256(key.encode()).hexdigest()[:16]
        self.path = os.path.join(cache, f'{name}.npz')
        super().__init__(
            metainfo=_meta(self._parts[0]),
            pipeline=list(pipeline),
            serialize_data=False,
        )

    def load_data_list(self) -> list[dict]:
        """Read the file; make it where it is not there."""
        if not os.path.isfile(self.path):
            self._make()
        with np.load(self.path) as file:
            self._arrays = {name: file[name] for name in file.files}
        return [dict(row=row) for row in range(len(self._arrays['features']))]

    def get_data_info(self, idx: int) -> dict:
        """The vector of an index, and what is known of it."""
        info = super().get_data_info(idx)
        row = info['row']
        found = {name: rows[row] for name, rows in self._arrays.items()}
        found['features'] = found['features'].astype(np.float32)
        return dict(info, **found, name=f'{row}')

    @torch.no_grad()
    def _make(self) -> None:
        trunk = MODELS.build(self._trunk).eval()
        count = sum(map(len, self._parts))
        print_log(
            f'The features of {count} pictures are made once, for '
            f"'{self.path}'.",
            logger='current',
        )
        columns: dict[str, list[np.ndarray]] = {}
        for source, part in enumerate(self._parts):
            for start in range(0, len(part), _BATCH):
                stop = min(start + _BATCH, len(part))
                items = [part[index] for index in range(start, stop)]
                img = np.stack([item['img'] for item in items])
                img = torch.from_numpy(
                    img[..., ::-1].transpose(0, 3, 1, 2).copy()
                )
                made = dict(
                    source=np.full(len(items), source),
                    features=trunk(img.float() / 127.5 - 1).half().numpy(),
                    **{
                        name: np.stack([item[name] for item in items])
                        for name in _LABELS
                        if name in items[0]
                    },
                )
                for name, rows in made.items():
                    columns.setdefault(name, []).append(rows)
        arrays = {name: np.concatenate(rows) for name, rows in columns.items()}
        os.makedirs(os.path.dirname(self.path) or '.', exist_ok=True)
        with atomic_write(self.path, 'wb') as file:
            np.savez(file, **arrays)
