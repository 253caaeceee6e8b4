"""Files that hold what a network makes of a set of real pictures.

An .npz of plain arrays: ``features_of`` and ``protocol`` (text), ``count``,
``mean`` (D,), ``covariance`` (D, D) and, where they were asked for,
``features`` (N, D) float32.
"""

import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from mmposetransfer.errors import UserFileNotFoundError, UserValueError
from mmposetransfer.io.atomic_write import atomic_write

from .set_summaries import FeatureRows, Moments

__all__ = ['SetStatistics', 'load_set_statistics', 'save_set_statistics']

_TEXTS = ('features_of', 'protocol')


@dataclass(frozen=True)
class SetStatistics:
    """What distances between sets need of the real one.

    Attributes:
        features_of: Label of the network, such as 'lite0' or
            'inception_torchvision'.
        protocol: Name of the protocol that the pictures were prepared by.
        count: Number of pictures.
        mean: Of the features, (D,) double.
        covariance: Unbiased, (D, D) double.
        features: (count, D) float32, which kernel distances need; or None.
    """

    features_of: str
    protocol: str
    count: int
    mean: Tensor
    covariance: Tensor
    features: Tensor | None = None

    @classmethod
    def of_summaries(
        cls,
        features_of: str,
        protocol: str,
        moments: Moments,
        rows: FeatureRows | None = None,
    ) -> 'SetStatistics':
        """From what was kept of a set while its pictures went by.

        Raises:
            ValueError: If there were fewer than two.
        """
        if moments.count < 2:
            raise UserValueError(
                'statistics of a set need at least 2 pictures, got '
                f'{moments.count}'
            )
        return cls(
            features_of,
            protocol,
            moments.count,
            moments.mean(),
            moments.covariance(),
            None if rows is None else rows.rows(),
        )


def save_set_statistics(path: str | Path, statistics: SetStatistics) -> None:
    """Write a file that `load_set_statistics` reads.

    Raises:
        WriteError: If it cannot be written.
    """
    content = {
        'features_of': np.array(statistics.features_of),
        'protocol': np.array(statistics.protocol),
        'count': np.array(statistics.count),
        'mean': statistics.mean.numpy(),
        'covariance': statistics.covariance.numpy(),
    }
    if statistics.features is not None:
        content['features'] = statistics.features.numpy()
    with atomic_write(path) as file:
        np.savez(file, **content)


def load_set_statistics(path: str | Path) -> SetStatistics:
    """Read a file that `save_set_statistics` has written.

    Raises:
        FileNotFoundError: If it is not there.
        ValueError: If it is damaged, or something else.
    """
    path = Path(path).expanduser()
    if not path.is_file():
        raise UserFileNotFoundError(
            f"There is no file of statistics '{path}'. `mmposetransfer "
            'set-statistics` makes one of a folder of pictures.'
        )
    try:
        with open(path, 'rb') as file:
            archive = np.lib.npyio.NpzFile(file, allow_pickle=False)
            content = {name: archive[name] for name in archive.files}
        return _checked(content)
    except (
        EOFError,
        KeyError,
        NotImplementedError,
        TypeError,
        ValueError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise UserValueError(
            f"'{path}' is no file of statistics of pictures ({error}). "
            '`mmposetransfer set-statistics` makes one of a folder.'
        ) from error


def _checked(content: dict[str, np.ndarray]) -> SetStatistics:
    """The arrays of a file, of fitting shapes and finite."""
    mean = content['mean'].astype(np.float64)
    covariance = content['covariance'].astype(np.float64)
    features = content.get('features')
    count, length = int(content['count']), len(mean)
    if covariance.shape != (length, length) or mean.ndim != 1 or count < 2:
        raise ValueError(
            f'mean {mean.shape}, covariance {covariance.shape} and count '
            f'{count} do not belong together'
        )
    if features is not None and features.shape != (count, length):
        raise ValueError(f'features have the shape {features.shape}')
    for values in (mean, covariance, features):
        if values is not None and not np.isfinite(values).all():
            raise ValueError('not all of its numbers are finite')
    return SetStatistics(
        *(str(content[name]) for name in _TEXTS),
        count,
        torch.from_numpy(mean),
        torch.from_numpy(covariance),
        None
        if features is None
        else torch.from_numpy(features.astype(np.float32)),
    )
