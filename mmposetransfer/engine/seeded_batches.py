"""Random augmentation as a function of seed, epoch and index alone."""

import operator
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import torch
from torch.utils.data import DataLoader, IterableDataset

from mmposetransfer.utils.random_state import (
    RandomStream,
    random_state_kept,
    seed_generators,
)

__all__ = [
    'SeededBatch',
    'SeededBatchSampler',
    'seed_batches',
    'use_own_generator',
]


class SeededBatch(Sequence):
    """Indices of a batch that seed the random generators one by one.

    A loader takes the samples by going through the indices, in a worker or
    not: before each of them Python's, NumPy's, torch's and OpenCV's global
    generators are seeded, so that whatever dataset and transforms draw
    depends on nothing else. Afterwards the generators are as before.

    Args:
        indices (list): As samplers give them.
        seeds (list[tuple[int]]): What to seed with before each.
    """

    def __init__(self, indices: list, seeds: list[tuple[int, ...]]) -> None:
        self.indices = indices
        self.seeds = seeds

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, position: int) -> Any:
        return self.indices[position]

    def __iter__(self) -> Iterator[Any]:
        with random_state_kept():
            for index, seed in zip(self.indices, self.seeds, strict=True):
                seed_generators(*seed)
                yield index


class SeededBatchSampler:
    """A batch sampler that says how to seed, and may begin in mid-epoch.

    What the samplers themselves draw from global generators is a function of
    seed and epoch, too.

    Args:
        batch_sampler (Iterable[list]): Gives the batches.
        seed (int): Seed of the run.

    Attributes:
        epoch (int): Epoch of the batches to come.
        start (int): Batches of the epoch to leave out.
        stop (int | None): Batches after which to end the epoch, those that
            are left out counted, too.
    """

    def __init__(self, batch_sampler: Iterable[list], seed: int = 0) -> None:
        self.batch_sampler = batch_sampler
        self.seed = seed
        self.epoch = 0
        self.start = 0
        self.stop = None

    def __len__(self) -> int:
        return len(self.batch_sampler)

    def __getattr__(self, name: str) -> Any:
        if name == 'batch_sampler':  # not there yet, when unpickled
            raise AttributeError(name)
        return getattr(self.batch_sampler, name)

    def __iter__(self) -> Iterator['SeededBatch']:
        return islice(self._batches(), self.start, self.stop)

    def _batches(self) -> Iterator['SeededBatch']:
        # A sampler may give an index several times in an epoch.
        times = Counter()
        stream = RandomStream(self.seed, self.epoch)
        with stream:
            batches = iter(self.batch_sampler)
        while True:
            with stream:
                indices = next(batches, None)
            if indices is None:
                return
            seeds = []
            for number in map(_number, indices):
                seeds.append((self.seed, self.epoch, number, times[number]))
                times[number] += 1
            yield SeededBatch(indices, seeds)


def _number(index: Any) -> int:
    """A number from 0 on for any kind of index."""
    try:
        return operator.index(index) % 2**64
    except TypeError:
        return zlib.crc32(repr(index).encode())


def use_own_generator(loader: DataLoader) -> None:
    """Keep a loader from drawing its workers' seeds from torch's generator.

    Workers that persist get theirs once, and once more after a restart, so
    that an interrupted run would draw more numbers than another.

    Args:
        loader (DataLoader): Changed in place, if it has no generator.
    """
    if loader.generator is None:
        loader.generator = torch.Generator().manual_seed(0)


def seed_batches(loader: DataLoader) -> SeededBatchSampler | None:
    """Make the samples of a loader functions of seed, epoch and index.

    Args:
        loader (DataLoader): Changed in place, unless its dataset knows no
            indices or its samples are not batched by it.

    Returns:
        SeededBatchSampler | None: To set seed, epoch and start with; None if
        the loader was left alone.
    """
    use_own_generator(loader)
    sampler = loader.batch_sampler
    if isinstance(sampler, SeededBatchSampler):
        return sampler
    if sampler is None or isinstance(loader.dataset, IterableDataset):
        return None
    sampler = SeededBatchSampler(sampler)
    # The loader forbids it, because it would not change iterators that run.
    object.__setattr__(loader, 'batch_sampler', sampler)
    return sampler
