"""Names of the files of flow of pairs, in one folder."""

from mmposetransfer.errors import UserValueError
from mmposetransfer.io.file_names import short_path

__all__ = ['check_flow_names', 'flow_file_name']


def flow_file_name(ref_id, tgt_id, ending):
    """'<target>_<reference><ending>', as the paper's files are called.

    Args:
        ref_id, tgt_id (str): Of the two pictures, see
            :func:`~mmposetransfer.datasets.names.picture_id`.
        ending (str): '.corr' or '.npz'.

    Returns:
        str: Path within a folder; parts that are too long for a file system
        are shortened.
    """
    return short_path(f'{tgt_id}_{ref_id}{ending}')


def check_flow_names(ids, pairs):
    """See that each pair has a file of its own.

    Args:
        ids (Iterable[str]): Of all pictures.
        pairs (Iterable[tuple[str, str]]): Ids of reference and target.

    Raises:
        ValueError: If two pairs would share a file; names both.
    """
    # 'a' of 'b_c' and 'a_b' of 'c' would share a file: so it must be looked
    # at all names, but only where an id continues another one so.
    ids = set(ids)
    if not any(
        '_'.join(words[:n]) in ids
        for words in (name.split('_') for name in ids)
        for n in range(1, len(words))
    ):
        return
    taken = {}
    for pair in pairs:
        name = flow_file_name(*pair, '')
        other = taken.setdefault(name, pair)
        if other != pair:
            first, second = (' -> '.join(pair) for pair in (other, pair))
            raise UserValueError(
                f'the pairs {first} and {second} would share '
                f'the file {name!r}: rename an image'
            )
