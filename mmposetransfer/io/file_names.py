"""Names of files that pictures are written to."""

import hashlib
import os
import re
from pathlib import Path

__all__ = [
    'distinct_stems',
    'free_name',
    'pair_name',
    'pair_names',
    'result_name',
    'short_path',
]

# Bytes of a part of a path; file systems take 255, and endings are added.
_LONGEST = 225


def pair_name(data_sample, index):
    """File name of a pair without its ending: '<ref_id>_<tgt_id>'.

    Args:
        data_sample (PoseTransferDataSample): With ``ref_id`` and ``tgt_id``
            among its meta information, else ``index`` names the pair.
        index (int): Its place in the data.

    Returns:
        str: Characters that file systems dislike become '-', so two pairs may
        have one name; see :func:`pair_names`.
    """
    ids = [data_sample.get(key) for key in ('ref_id', 'tgt_id')]
    return f'{index:06d}' if None in ids else _name_of_ids(*ids)


def pair_names(pairs):
    """The same for many pairs, of which no two get one name.

    Args:
        pairs (Iterable[tuple[str, str]]): Ids of reference and target.

    Returns:
        dict[tuple[str, str], str]: Names by pairs; where two would share one,
        the later ones have '-2', '-3', ... behind it.
    """
    names, taken = {}, set()
    for pair in map(tuple, pairs):
        if pair not in names:
            names[pair] = _numbered(
                _name_of_ids(*pair), lambda name: name.casefold() in taken
            )
            taken.add(names[pair].casefold())
    return names


def result_name(data_sample, index):
    """As :func:`pair_name`, in the sub-folder that the reference was in.

    Args:
        data_sample (PoseTransferDataSample): See :func:`pair_name`.
        index (int): Its place in the data.

    Returns:
        str: Path within a folder, with '/'.
    """
    ref_id = data_sample.get('ref_id')
    if ref_id is None or '/' not in ref_id:
        return pair_name(data_sample, index)
    *folders, last = ref_id.split('/')
    name = pair_name(
        dict(ref_id=last, tgt_id=data_sample.get('tgt_id')), index
    )
    return '/'.join([*map(_safe, folders), name])


def _name_of_ids(ref_id, tgt_id):
    return short_path(_safe(f'{ref_id}_{tgt_id}'))


def _safe(text):
    return re.sub(r'[^\w.=+@()-]', '-', text)


def short_path(path):
    """Shorten the parts of a path that no file system would take.

    Args:
        path (str): Path within a folder, with '/'.

    Returns:
        str: Of a part that is too long the beginning, its ending, and a sum
        of all of it between them, so that different ones stay so.
    """
    return '/'.join(
        part if len(os.fsencode(part)) <= _LONGEST else _short(part)
        for part in path.split('/')
    )


def _short(part):
    stem, ending = os.path.splitext(part)
    digest = hashlib.sha256(os.fsencode(part)).hexdigest()[:12]
    ending = ending if len(os.fsencode(ending)) <= 8 else ''
    room = _LONGEST - len(digest) - len(ending) - 1
    kept = os.fsencode(stem)[:room].decode('utf-8', 'ignore')
    return f'{kept}~{digest}{ending}'


def distinct_stems(names, split):
    """What many pictures are called without their endings.

    Args:
        names (Iterable[str]): Paths within a folder, with '/'.
        split (Callable): Splits a name before its ending.

    Returns:
        dict[str, str]: Name -> without its ending; with it where two would
        become one, on file systems too that do not tell case.
    """
    names, owners = list(names), {}
    for name in names:
        owners.setdefault(split(name)[0].casefold(), set()).add(name)
    return {
        name: name
        if len(owners[split(name)[0].casefold()]) > 1
        else split(name)[0]
        for name in names
    }


def free_name(folder, name, endings):
    """The name, or with a number behind it where files would be overwritten.

    Args:
        folder (str | Path): Where the files are to be written; it need not
            be there.
        name (str): The wanted name.
        endings (Sequence[str]): What will be written: the name with each of
            these behind it.

    Returns:
        str: ``name``, '<name>-2', '<name>-3', ..., the first one of which
        ``folder`` holds none of the files.
    """
    return _numbered(
        name,
        lambda candidate: any(
            (Path(folder) / f'{candidate}{e}').exists() for e in endings
        ),
    )


def _numbered(name, is_taken):
    """The first of 'name', 'name-2', 'name-3', ... that is free."""
    candidate, number = name, 1
    while is_taken(candidate):
        number += 1
        candidate = f'{name}-{number}'
    return candidate
