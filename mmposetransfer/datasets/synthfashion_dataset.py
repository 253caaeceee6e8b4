"""SynthFashion as a dataset: pairs drawn in the loader's workers."""

from mmengine.dataset import BaseDataset

from mmposetransfer.registry import DATASETS
from mmposetransfer.synthfashion import ATTRIBUTES, SynthFashionWorld

__all__ = ['SynthFashionDataset']


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
        pictures (bool): Whether to draw pictures. Without, as the flow
            regressor learns, twice as many pairs are made in a second.
        cache_people (int): People that are kept ready in memory, 2 to 4 MB
            each, by each of the loader's workers; see
            :class:`SynthFashionWorld`.
        cache (bool): Whether to keep the pairs that were drawn in memory, a
            loader's worker those it drew: for runs of many epochs over few
            small pairs (0.1 MB a pair at 64x64, 1.5 MB at 256x256).
        pipeline (Sequence): Transforms; see
            :meth:`SynthFashionWorld.pair` for the keys they find.
    """

    METAINFO = dict(dataset_type='synthfashion', attributes=ATTRIBUTES)

    def __init__(self,
                 size=(256, 256),
                 split='train',
                 num_people=1000,
                 num_pairs=10000,
                 seed=0,
                 pictures=True,
                 cache_people=64,
                 cache=False,
                 pipeline=()):
        self.world = SynthFashionWorld(
            size=tuple(size), seed=seed, split=split, num_people=num_people,
            num_pairs=num_pairs, cache_people=cache_people)
        self.pictures = pictures
        self.cache = {} if cache else None
        super().__init__(pipeline=list(pipeline), serialize_data=False)

    def load_data_list(self):
        """Nothing to read: an index says it all."""
        return [dict(index=index) for index in range(len(self.world))]

    def get_data_info(self, idx):
        """The pair of an index: drawn, or as it was drawn before."""
        if self.cache is None:
            return dict(super().get_data_info(idx), **self._draw(idx))
        if idx not in self.cache:
            self.cache[idx] = self._draw(idx)
        return dict(super().get_data_info(idx), **self.cache[idx])

    def _draw(self, idx):
        return self.world.pair(idx, self.pictures)
