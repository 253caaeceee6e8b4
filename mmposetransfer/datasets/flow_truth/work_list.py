"""Which pairs there are to make, in one order for all who work on them."""

from typing import NamedTuple

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from mmposetransfer.errors import UserValueError
from mmposetransfer.io.left_out import LeftOut, few
from mmposetransfer.utils.spelling import spell

from ..flow_names import check_flow_names, flow_file_name
from ..names import NameIndex, picture_id

__all__ = ['WorkList', 'index_fits', 'plan_work']


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
        return list(
            zip(
                self.refs[part].tolist(), self.tgts[part].tolist(), strict=True
            )
        )

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
        return flow_file_name(*self.pair_ids(pair), ending)

    def pair_ids(self, pair):
        """The ids of reference and target."""
        return tuple(self.ids[place] for place in pair)


def index_fits(fits):
    """Find the fits of pictures by their names.

    Args:
        fits (BodyFits): Named by images, with or without an ending.

    Returns:
        tuple[NameIndex, dict[str, int]]: Finds the name of a picture's fit;
        name of a fit -> row.

    Raises:
        ValueError: If two fits have one name.
    """
    rows = {}
    for row, name in enumerate(map(str, fits.names)):
        if rows.setdefault(name, row) != row:
            raise UserValueError(f'there are two fits of {name!r}')
    return NameIndex(rows, 'the fits', 'fit'), rows


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
        tuple[WorkList, LeftOut]: The work, and the pairs that are no part of
        it: without a fit, with one that is not trusted, and listed again.

    Raises:
        ValueError: If there are no pairs or a fit is missing, or pairs would
            share a file.
    """
    if not len(pairs):
        raise UserValueError('there are no pairs')
    ids, rows, edges = _index(pairs, fits)
    lacks = (rows < 0)[edges].any(1)
    if lacks.any() and not skip_missing:
        raise UserValueError(_what_lacks(pairs, ids, rows, lacks))
    doubtful = np.zeros(len(edges), bool)
    if not distrusted:
        doubtful = ~lacks & ~fits.success[rows][edges].all(1)
    kept = np.flatnonzero(~lacks & ~doubtful)
    order, again = _order(edges[kept], len(ids))
    left_out = LeftOut()
    for reason, places in (
        ('a pair without a fit', np.flatnonzero(lacks)),
        ('a pair with a fit that failed', np.flatnonzero(doubtful)),
        ('a pair that is listed before', kept[np.sort(again)]),
    ):
        for place in places:
            left_out.add(reason, ' -> '.join(pairs[place]))
    work = WorkList(ids, rows, *edges[kept[order]].T.copy(), chunk)
    check_flow_names(
        ids,
        map(
            work.pair_ids,
            zip(work.refs.tolist(), work.tgts.tolist(), strict=True),
        ),
    )
    return work, left_out


def _index(pairs, fits):
    """Ids in the order in which they come up, their fits, and pairs of them.

    Returns:
        tuple[list, np.ndarray, np.ndarray]: (I,) ids, (I,) rows of fits, -1
        where there is none, (P, 2) places of reference and target.
    """
    index, row_of = index_fits(fits)
    names = dict.fromkeys(name for pair in pairs for name in pair)
    number, rows, first = {}, [], []
    for name, fit in index.match(names, distinct=False).items():
        row = row_of.get(fit, -1)
        place = names[name] = number.setdefault(picture_id(name), len(number))
        if place == len(rows):
            rows.append(row)
            first.append(name)
        elif rows[place] != row:
            raise UserValueError(
                f'the pictures {first[place]!r} and {name!r} would share '
                f'files of flow, as both are called {picture_id(name)!r} '
                'there: rename one of them'
            )
    edges = np.array(
        [(names[ref], names[tgt]) for ref, tgt in pairs], np.int32
    )
    return list(number), np.array(rows, np.int32), edges


def _order(edges, count):
    """Sort by connected images, target, reference.

    Returns:
        tuple[np.ndarray, np.ndarray]: Places of pairs, each pair once, and of
        those that are there again.
    """
    graph = coo_matrix((np.ones(len(edges), bool), edges.T), (count, count))
    group = connected_components(graph, directed=False)[1]
    order = np.lexsort((edges[:, 0], edges[:, 1], group[edges[:, 1]]))
    edges = edges[order]
    new = np.ones(len(edges), bool)
    new[1:] = (edges[1:] != edges[:-1]).any(1)
    return order[new], order[~new]


def _what_lacks(pairs, ids, rows, lacks):
    missing = [ids[i] for i in np.flatnonzero(rows < 0)]
    first = int(np.flatnonzero(lacks)[0])
    return (
        f'{int(lacks.sum())} of {len(pairs)} pairs have no fit, the first '
        f'is pair {first}, {" -> ".join(pairs[first])}; there are no fits '
        f'of {len(missing)} images, such as {few(missing)}: fit them, or '
        f'leave these pairs out ({spell("skip_missing", True)})'
    )
