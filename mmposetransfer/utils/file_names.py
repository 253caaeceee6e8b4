"""Names of files that pictures are written to."""

import re

__all__ = ['pair_name', 'unused_name']


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


def unused_name(name, used):
    """The name, or with a number behind it if it is used already.

    Args:
        name (str): The wanted name.
        used (set[str]): Names in use; the returned one is added.

    Returns:
        str: A name that was not in ``used``.
    """
    candidate, number = name, 1
    while candidate in used:
        number += 1
        candidate = f'{name}-{number}'
    used.add(candidate)
    return candidate
