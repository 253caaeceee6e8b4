"""SynthFashion as a dataset: pairs drawn in the loader's workers."""

from mmengine.dataset import BaseDataset, Compose

from mmposetransfer.engine.random_state import RandomStream
from mmposetransfer.errors import UserKeyError, UserValueError
from mmposetransfer.registry import DATASETS
from mmposetransfer.synthfashion import ATTRIBUTES, SynthFashionWorld
from mmposetransfer.synthfashion.world import SPLITS

from .pair_cache import PairCache
from .pipeline_key import pipeline_key

__all__ = ['SynthFashionDataset']


def _packs_pictures(pipeline):
    """Whether a pipeline hands pictures on."""
    packed = [
        step.get('keys')
        for step in pipeline
        if isinstance(step, dict)
        and str(step['type']).endswith('PackPoseTransferInputs')
    ]
    return not packed or any(map(_has_pictures, packed))


def _has_pictures(keys):
    """Whether keys, or None for all, are of pictures, too."""
    return keys is None or not {'ref_img', 'tgt_img'}.isdisjoint(keys)


@DATASETS.register_module()
class SynthFashionDataset(BaseDataset):
    """Pairs of pictures of dressed people, made on the fly, truth known.

    Nothing is downloaded or stored: a pair is a function of ``seed``,
    ``split`` and its index. People of the two splits are disjoint.

    Args:
        size (tuple[int]): (height, width), 64 to 512 each.
        split (str): ``train`` or ``test``.
        num_people (int): People of the split.
        num_pairs (int): Length of the dataset.
        seed (int): Seed of the world.
        pictures (bool, optional): Whether to draw pictures; without, twice
            as many pairs are made in a second. Defaults to what the pipeline
            packs, so that none are drawn where flow alone is learnt, unless a
            cache on disk keeps them for others.
        same_studio (float): Share of the pairs whose two pictures have one
            wall and one light.
        cache_people (int): People that are kept ready in memory, 2 to 4 MB
            each, by each of the loader's workers; see
            :class:`SynthFashionWorld`.
        cache (bool | str): Keeps the pairs that were drawn, for runs of many
            epochs: True in memory, each of the loader's workers those that
            it drew; a path in a folder that all processes and later runs
            share (see :class:`PairCache`). A longer dataset finds there what
            a shorter one has drawn.
        cached_pipeline (Sequence): Transforms that run once, before a pair
            is kept; what they draw at random is a function of ``seed``,
            ``split`` and the index. Of a cache on disk they are config dicts.
        cached_keys (Sequence[str], optional): What is kept of a pair behind
            ``cached_pipeline``. Defaults to all.
        pipeline (Sequence): Transforms that run at each reading; see
            :meth:`SynthFashionWorld.pair` for the keys they find.

    Raises:
        ValueError: On an argument out of range.
    """

    METAINFO = dict(dataset_type='synthfashion', attributes=ATTRIBUTES)

    def __init__(
        self,
        size=(256, 256),
        split='train',
        num_people=1000,
        num_pairs=10000,
        seed=0,
        pictures=None,
        same_studio=0.8,
        cache_people=64,
        cache=False,
        cached_pipeline=(),
        cached_keys=None,
        pipeline=(),
    ):
        settings = dict(
            size=tuple(size),
            seed=seed,
            split=split,
            num_people=num_people,
            same_studio=same_studio,
        )
        self.world = SynthFashionWorld(
            **settings, num_pairs=num_pairs, cache_people=cache_people
        )
        on_disk = bool(cache) and cache is not True
        if pictures is None:
            pictures = (
                bool(cached_pipeline)
                or (on_disk and cached_keys is None)
                or _has_pictures(cached_keys)
                and (on_disk or _packs_pictures(pipeline))
            )
        self.pictures = pictures
        self.cached_pipeline = Compose(list(cached_pipeline))
        self.cached_keys = cached_keys and tuple(cached_keys)
        self.memory = {} if cache is True else None
        self.disk = None
        if on_disk:
            self.disk = PairCache(
                cache,
                **settings,
                pictures=pictures,
                keys=self.cached_keys,
                made_by=pipeline_key(cached_pipeline, self.cached_pipeline),
            )
        super().__init__(pipeline=list(pipeline), serialize_data=False)

    def load_data_list(self):
        """Nothing to read: an index says it all."""
        return [dict(index=index) for index in range(len(self.world))]

    def get_data_info(self, idx):
        """The pair of an index: drawn, or as it was drawn before."""
        return dict(super().get_data_info(idx), **self._pair(idx))

    def _pair(self, idx):
        idx %= len(self.world)
        if self.disk is not None:
            return self.disk.get(idx, self._draw_one)
        if self.memory is None:
            return self._draw_one(idx)
        if idx not in self.memory:
            self.memory[idx] = self._draw_one(idx)
        return self.memory[idx]

    def fill_cache(self, indices):
        """Draw what the cache on disk lacks, all of it at once.

        Some tens of pairs take half the time of one after the other:
        transforms of the ``cached_pipeline`` that have a ``prepare`` do for
        all what is slow for each.

        Args:
            indices (Iterable[int]): Of pairs.

        Returns:
            int: How many were drawn.

        Raises:
            ValueError: If there is no cache on disk.
        """
        if self.disk is None:
            raise UserValueError(
                "there is no cache on disk to fill: set the dataset's "
                "'cache' to the path of a folder"
            )
        missing = self.disk.missing(indices)
        for idx, pair in zip(missing, self._draw(missing), strict=True):
            self.disk.get(idx, lambda _, pair=pair: pair)
        return len(missing)

    def _draw_one(self, idx):
        return self._draw([idx])[0]

    def _draw(self, indices):
        """Pairs as they are kept."""
        pairs = [self.world.pair(idx, self.pictures) for idx in indices]
        place = self.world.seed, SPLITS.index(self.world.split)
        streams = [RandomStream(*place, idx) for idx in indices]
        for transform in self.cached_pipeline.transforms:
            if hasattr(transform, 'prepare'):
                transform.prepare(pairs)
            for row, stream in enumerate(streams):
                with stream:
                    pairs[row] = transform(pairs[row])
                if pairs[row] is None:
                    raise UserValueError(
                        'a transform of the cached_pipeline has dropped pair '
                        f'{indices[row]}: it has to keep all pairs'
                    )
        return [self._kept(pair) for pair in pairs]

    def _kept(self, pair):
        """What is kept of a pair."""
        missing = sorted(set(self.cached_keys or ()) - set(pair))
        if missing:
            raise UserKeyError(
                f'cached_keys: there is no {missing} in a pair behind the '
                f'cached_pipeline, only {sorted(pair)}'
            )
        return {key: pair[key] for key in self.cached_keys or pair}
