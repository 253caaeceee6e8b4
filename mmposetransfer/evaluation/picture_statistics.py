"""Statistics of a set of picture files, for distances between sets."""

from collections.abc import Iterable, Iterator
from os import PathLike

import numpy as np
import torch
from torch import Tensor, nn

from mmposetransfer.io.image_io import read_image

from .protocols import Protocol
from .set_statistics import SetStatistics
from .set_summaries import FeatureRows, Moments

__all__ = ['statistics_of_pictures']


@torch.no_grad()
def statistics_of_pictures(
    pictures: Iterable[str | PathLike],
    network: nn.Module,
    protocol: Protocol,
    keep_features: bool = False,
    batch_size: int = 16,
    device: str = 'cpu',
) -> SetStatistics:
    """What a network makes of pictures, prepared as the true ones of a test.

    Args:
        pictures: Files, each read once; see `read_image`.
        network: RGB in [0, 1] to ``pooled`` features, with a ``label`` and
            ``pooled_features``: `InceptionFeatures` or `LitePooled`.
        protocol: How pictures are prepared.
        keep_features: Whether to keep the features of each picture, which
            kernel distances need.
        batch_size: How many pictures the network sees at once.
        device: Where it runs.

    Returns:
        SetStatistics: To be saved by `save_set_statistics`.

    Raises:
        FileNotFoundError, ValueError: If a picture cannot be read, or there
            are fewer than two.
    """
    moments, rows = Moments(network.pooled_features), FeatureRows()
    network = network.to(device)
    for batch in _batches(pictures, batch_size):
        images = batch.to(device)
        pooled = network(protocol.prepare(images, images)[1])['pooled']
        moments.update(pooled, [])
        if keep_features:
            rows.update(pooled, [])
    return SetStatistics.of_summaries(
        network.label, protocol.name, moments, rows if keep_features else None
    )


def _batches(
    pictures: Iterable[str | PathLike], batch_size: int
) -> Iterator[Tensor]:
    """RGB in [-1, 1], (N, 3, H, W), of neighbours of one size."""
    batch: list[np.ndarray] = []
    for picture in pictures:
        bgr = read_image(picture)
        if batch and (len(batch) == batch_size or batch[0].shape != bgr.shape):
            yield _as_batch(batch)
            batch = []
        batch.append(bgr)
    if batch:
        yield _as_batch(batch)


def _as_batch(pictures: list[np.ndarray]) -> Tensor:
    rgb = np.ascontiguousarray(np.stack(pictures)[..., ::-1])
    return torch.from_numpy(rgb).permute(0, 3, 1, 2).float() / 127.5 - 1
