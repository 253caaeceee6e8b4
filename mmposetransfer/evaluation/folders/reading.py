"""Read results with their truths, a batch at a time."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any

import numpy as np

from mmposetransfer.errors import UserValueError
from mmposetransfer.io.folders import Picture
from mmposetransfer.io.image_io import read_image
from mmposetransfer.visualization.colors import image_from_bgr

from ..protocols import Protocol
from .matching import Entry
from .sheets import SheetLayout, cut_sheet

__all__ = ['UnreadableError', 'read_batches', 'read_sample']


class UnreadableError(UserValueError):
    """A file that holds no picture that can be read whole."""


def read_batches(
    entries: Sequence[Entry],
    layout: SheetLayout | None,
    protocols: Sequence[Protocol],
    batch_size: int,
    workers: int,
) -> Iterator[list[dict[str, Any] | UnreadableError]]:
    """Read entries in order, while the batch before is worked on.

    Two batches are in memory at most, however many entries there are.

    Args:
        entries: What to read.
        layout: Of the results, if they are sheets.
        protocols: By which they are going to be compared.
        batch_size: Entries a batch.
        workers: Threads that read.

    Yields:
        Samples as of `read_sample`; an error in place of one that cannot be
        read.

    Raises:
        ValueError: For a picture of a size that a protocol does not compare,
            and for what is no such sheet.
    """

    def read(entry: Entry) -> dict[str, Any] | UnreadableError:
        try:
            return read_sample(entry, layout, protocols)
        except UnreadableError as error:
            return error

    left = iter(entries)
    with ThreadPoolExecutor(workers) as pool:
        ahead = [pool.submit(read, e) for e in islice(left, batch_size)]
        while ahead:
            batch = ahead
            ahead = [pool.submit(read, e) for e in islice(left, batch_size)]
            yield [future.result() for future in batch]


def read_sample(
    entry: Entry,
    layout: SheetLayout | None,
    protocols: Sequence[Protocol],
) -> dict[str, Any]:
    """Read one result, its truth and, where there is one, its reference.

    Args:
        entry: Where they are.
        layout: Of the results, if they are sheets.
        protocols: By which they are going to be compared.

    Returns:
        ``pred_img``, ``gt_img`` and maybe ``ref_img``, each (3, H, W), RGB in
        [-1, 1], ``ref_id`` and ``tgt_id``.

    Raises:
        UnreadableError: If a file is damaged.
        ValueError: For a picture of a size that a protocol does not compare,
            and for what is no such sheet.
    """
    pictures = dict(pred_img=_read(entry.result))
    files = dict(pred_img=entry.result)
    if layout is not None:
        sheet = cut_sheet(pictures['pred_img'], layout, _called(entry.result))
        for name, panel in (
            ('pred_img', layout.result),
            ('gt_img', layout.truth),
            ('ref_img', layout.reference),
        ):
            if panel is not None:
                pictures[name], files[name] = sheet[panel], entry.result
    for name, file in (('gt_img', entry.truth), ('ref_img', entry.reference)):
        if file is not None:
            pictures[name], files[name] = _read(file), file
    for protocol in protocols:
        _check_sizes(pictures, files, protocol)
    sample: dict[str, Any] = {
        name: image_from_bgr(picture) for name, picture in pictures.items()
    }
    return dict(sample, ref_id=entry.ref_id, tgt_id=entry.tgt_id)


def _read(file: Picture) -> np.ndarray:
    try:
        return read_image(file)
    except ValueError as error:
        raise UnreadableError(str(error)) from error


def _called(file: Picture) -> str:
    return f"the image '{file}'"


def _check_sizes(
    pictures: dict[str, np.ndarray],
    files: dict[str, Picture],
    protocol: Protocol,
) -> None:
    """Refuse what the protocol does not bring to one size, by its name."""
    for name, picture in pictures.items():
        protocol.check_size(picture.shape[:2], _called(files[name]))
    true = protocol.framed_size(pictures['gt_img'].shape[:2])
    for name, picture in pictures.items():
        size = protocol.framed_size(picture.shape[:2])
        if size != true:
            raise UserValueError(
                f'{_called(files[name])} is of {size[0]}x{size[1]} pixels '
                f'(height x width), its truth of {true[0]}x{true[1]}, and '
                f"the protocol '{protocol.name}' resizes nothing. Choose one "
                "that does, such as 'gfla2020' or 'cfld2024'."
            )
