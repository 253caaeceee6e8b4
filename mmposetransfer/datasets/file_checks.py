"""Whether images, body parts and flow can be read, and fit."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

from mmposetransfer.io.image_io import read_image, read_label_map

from .flow_files import find_flow_file, read_flow
from .keypoints import misplacement

__all__ = ['FileCheck', 'Problem', 'check_file', 'check_files']

_NUM_PARTS = 7


@dataclass(frozen=True)
class Problem:
    """Something that is wrong with a file.

    Attributes:
        kind: 'missing', 'corrupt', 'inconsistent', or 'odd', which is no
            mistake.
        file: Path, or file and entry.
        message: What is wrong.
    """

    kind: str
    file: str
    message: str


class FileCheck(NamedTuple):
    """A file that has to be there.

    Attributes:
        kind: 'image', 'parts' or 'flow'.
        path: Of the file; of flow in one format, it may be in another.
        sizes: The (height, width) that it may have; none if any.
        keypoints: (18, 3) joints that have to lie in an image, or None.
    """

    kind: str
    path: str
    sizes: tuple = ()
    keypoints: object = None


def check_files(checks, quick=False, jobs=1):
    """Check many files.

    Args:
        checks (Sequence[FileCheck]): What to check.
        quick (bool): Whether to look only whether the files are there.
        jobs (int): Threads.

    Yields:
        tuple[FileCheck, Problem | None]: In order.
    """
    with ThreadPoolExecutor(max(jobs, 1)) as pool:
        found = pool.map(lambda check: check_file(check, quick), checks)
        yield from zip(checks, found, strict=True)


def check_file(check, quick=False):
    """Read a file.

    Args:
        check (FileCheck): What to check.
        quick (bool): Whether to look only whether it is there.

    Returns:
        Problem | None: What is wrong with it.
    """
    path = check.path
    if check.kind == 'flow':
        path = find_flow_file(path) or path
    if not os.path.isfile(path):
        return Problem('missing', path, 'there is no such file')
    if quick:
        return None
    try:
        size, wrong = _READERS[check.kind](path)
    except ValueError as error:
        return Problem('corrupt', path, str(error))
    if wrong:
        return Problem('inconsistent', path, wrong)
    if check.sizes and size not in check.sizes:
        wanted = ' or '.join(f'{h}x{w}' for h, w in check.sizes)
        return Problem(
            'inconsistent',
            path,
            f'it is of {size[0]}x{size[1]} '
            f'pixels, expected {wanted} (height x width)',
        )
    found = check.keypoints is not None and misplacement(check.keypoints, size)
    if found:
        return Problem(
            'inconsistent' if found.serious else 'odd', path, found.text
        )
    return None


def _read_image(path):
    return read_image(path).shape[:2], ''


def _read_parts(path):
    parts = read_label_map(path)
    wrong = parts.max() >= _NUM_PARTS
    return parts.shape, wrong and (
        f'body parts have to be from 0 to {_NUM_PARTS - 1}, not {parts.max()}'
    )


def _read_flow(path):
    return read_flow(path)[1].shape[1:], ''


_READERS = {'image': _read_image, 'parts': _read_parts, 'flow': _read_flow}
