"""Names of files that pictures are written to."""

import re
from pathlib import Path

__all__ = ['free_name', 'pair_name']


def pair_name(data_sample, index):
    """File name of a pair without its ending: '<ref_id>_<tgt_id>'.

    Args:
        data_sample (PoseTransferDataSample): With ``ref_id`` and ``tgt_id``
            among its meta information, else ``index`` names the pair.
        index (int): Its place in the data.

    Returns:
        str: Characters that file systems dislike become '-'.
    """
    ids = [data_sample.get(key) for key in ('ref_id', 'tgt_id')]
    if None in ids:
        return f'{index:06d}'
    return re.sub(r'[^\w.=+@()-]', '-', '_'.join(map(str, ids)))


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
    candidate, number = name, 1
    while any((Path(folder) / f'{candidate}{e}').exists() for e in endings):
        number += 1
        candidate = f'{name}-{number}'
    return candidate
