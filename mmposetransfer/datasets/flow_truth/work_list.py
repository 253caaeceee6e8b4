"""Which pairs there are to make, in one order for all who work on them."""

import os
from typing import NamedTuple

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from mmposetransfer.utils.spelling import spell

from ..image_names import image_id

__all__ = ['WorkList', 'plan_work', 'rows_of_fits']


class WorkList(NamedTuple):
    """Pairs in the order of work: all of a target in a row, people together.

    Attributes:
        ids (list[str]): Ids of the images, which name the files.
        rows (np.ndarray): (I,) int32, the row of each image's fit.
        refs (np.ndarray): (P,) int32, place in ``ids`` of each reference.
        tgts (np.ndarray): (P,) int32, the same of the targets.
        chunk (int): How many pairs are handed out at once.
    """

    ids: list
    rows: np.ndarray
    refs: np.ndarray
    tgts: np.ndarray
    chunk: int = 256

    @property
    def num_pairs(self):
        """How many pairs there are."""
        return len(self.refs)

    @property
    def num_chunks(self):
        """How many portions of work there are."""
        return -(-self.num_pairs // self.chunk)

    def pairs(self, chunk):
        """The pairs of a portion.

        Args:
            chunk (int): In [0, num_chunks).

        Returns:
            list[tuple[int, int]]: Places in ``ids`` of reference and target.
        """
        part = slice(chunk * self.chunk, (chunk + 1) * self.chunk)
        return list(zip(self.refs[part].tolist(), self.tgts[part].tolist(),
                        strict=True))

    def share(self, rank, world):
        """The portions of one of several processes.

        Args:
            rank (int): Which process, from 0.
            world (int): How many there are.

        Returns:
            range: Every ``world``-th portion.
        """
        return range(rank, self.num_chunks, world)

    def file_name(self, pair, ending):
        """'<target>_<reference><ending>', as the paper's files are called."""
        ref, tgt = pair
        return f'{self.ids[tgt]}_{self.ids[ref]}{ending}'


def rows_of_fits(fits):
    """Where the fits of images are, by the images' ids.

    Args:
        fits (BodyFits): Named by images, with or without an ending.

    Returns:
        dict[str, int]: Id -> row.

    Raises:
        ValueError: If two fits are of one id.
    """
    rows = {}
    for row, name in enumerate(map(str, fits.names)):
        first = rows.setdefault(image_id(name), row)
        if first != row:
            raise ValueError(f'there are two fits of {image_id(name)!r}: '
                             f'{str(fits.names[first])!r} and {name!r}')
    return rows


def plan_work(pairs, fits, skip_missing=False, distrusted=False, chunk=256):
    """Put pairs into the order of work.

    Pairs of one target follow one another, and those of images that pairs
    connect, directly or through others, lie together: who was posed for one
    pair is at hand for the next. Pairs that are listed twice are made once.

    Args:
        pairs (Sequence[tuple[str, str]]): Reference and target.
        fits (BodyFits): Fits of these images.
        skip_missing (bool): Whether to leave pairs out that have no fit;
            a training reads them as all background.
        distrusted (bool): Whether to make pairs of fits that are not
            ``success`` too; by default they are left out.
        chunk (int): Pairs in a portion of work.

    Returns:
        tuple[WorkList, dict[str, int]]: The work, and how many pairs were
        left out: 'missing' without a fit, 'distrusted' and 'repeated'.

    Raises:
        ValueError: If there are no pairs or a fit is missing, or files would
            have to lie outside of their folder.
    """
    if not len(pairs):
        raise ValueError('there are no pairs')
    ids, edges = _index(pairs)
    known = rows_of_fits(fits)
    rows = np.array([known.get(name, -1) for name in ids], np.int32)
    lacks = (rows < 0)[edges].any(1)
    if lacks.any() and not skip_missing:
        raise ValueError(_what_lacks(pairs, ids, rows, lacks))
    doubtful = np.zeros(len(edges), bool)
    if not distrusted:
        doubtful = ~lacks & ~fits.success[rows][edges].all(1)
    kept = edges[~lacks & ~doubtful]
    order = _order(kept, len(ids))
    left_out = dict(missing=int(lacks.sum()), distrusted=int(doubtful.sum()),
                    repeated=len(kept) - len(order))
    work = WorkList(ids, rows, *order.T.copy(), chunk)
    _check_names(work)
    return work, left_out


def _index(pairs):
    """Ids in the order in which they come up, and pairs of their numbers."""
    number = {}
    edges = np.empty((len(pairs), 2), np.int32)
    of_name = {}  # taking a name apart takes longer than finding it
    for place, pair in enumerate(pairs):
        for side, name in enumerate(pair):
            if name not in of_name:
                of_name[name] = number.setdefault(image_id(name), len(number))
            edges[place, side] = of_name[name]
    return list(number), edges


def _order(edges, count):
    """Each pair once, sorted by connected images, target, reference."""
    graph = coo_matrix((np.ones(len(edges), bool), edges.T), (count, count))
    group = connected_components(graph, directed=False)[1]
    order = np.lexsort((edges[:, 0], edges[:, 1], group[edges[:, 1]]))
    edges = edges[order]
    new = np.ones(len(edges), bool)
    new[1:] = (edges[1:] != edges[:-1]).any(1)
    return edges[new]


def _what_lacks(pairs, ids, rows, lacks):
    missing = [ids[i] for i in np.flatnonzero(rows < 0)]
    first = int(np.flatnonzero(lacks)[0])
    return (f'{int(lacks.sum())} of {len(pairs)} pairs have no fit, the first '
            f'is pair {first}, {" -> ".join(pairs[first])}; there are no fits '
            f'of {len(missing)} images, such as {", ".join(missing[:3])}: fit '
            f'them, or leave these pairs out ({spell("skip_missing", True)})')


def _check_names(work):
    """Each pair has a file of its own, and within the folder."""
    known = set(work.ids)
    for name in work.ids:
        if os.path.isabs(name) or '..' in name.split('/') or '\0' in name:
            raise ValueError(f'the image {name!r} cannot name a file within '
                             'the folder of the flow')
    # 'a' of 'b_c' and 'a_b' of 'c' would share a file: so it must be looked
    # at all names, but only where an id continues another one so.
    if not any('_'.join(words[:n]) in known
               for words in (name.split('_') for name in work.ids)
               for n in range(1, len(words))):
        return
    pairs = {}
    for pair in zip(work.refs.tolist(), work.tgts.tolist(), strict=True):
        name = work.file_name(pair, '')
        other = pairs.setdefault(name, pair)
        if other != pair:
            first, second = (f'{work.ids[r]} -> {work.ids[t]}'
                             for r, t in (other, pair))
            raise ValueError(f'the pairs {first} and {second} would share '
                             f'the file {name!r}: rename an image')
