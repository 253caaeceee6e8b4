"""What the files of results are beside what a protocol says they are."""

from collections.abc import Sequence

from mmposetransfer.errors import UserValueError
from mmposetransfer.io.picture_formats import split_ending

from ..protocols import Protocol
from .matching import Entry
from .sheets import SheetLayout

__all__ = ['as_stored']

_JPEG = ('.jfif', '.jpe', '.jpeg', '.jpg')


def as_stored(
    protocol: Protocol,
    entries: Sequence[Entry],
    layout: SheetLayout | None = None,
) -> tuple[Protocol, str]:
    """A protocol for files, which may have been through JPEG already.

    Args:
        protocol: As it is for pictures out of a model.
        entries: The results, at least one.
        layout: Of the results, if they are sheets.

    Returns:
        The protocol, of the same name, without putting JPEG files through
        JPEG again; and a sentence on what is not as its source has it, or ''.

    Raises:
        ValueError: If some results are JPEG and others not, where that makes
            a difference.
    """
    kinds = {
        split_ending(entry.result.name)[1].lower() in _JPEG
        for entry in entries
    }
    if protocol.jpeg_quality is None:
        lossy = protocol.file_format == 'png' and True in kinds
        return protocol, (
            f'{protocol.name} compares PNG files, and some of these are JPEG'
            if lossy
            else ''
        )
    if len(kinds) == 2:
        raise UserValueError(
            'some results are JPEG and others are not, which the protocol '
            f"'{protocol.name}' would not compare alike. Leave those of one "
            "format there, or choose a protocol such as 'dsc'."
        )
    if True not in kinds:
        return protocol, (
            f'{protocol.name} compares JPEG files: these go through JPEG of '
            f'quality {protocol.jpeg_quality} first'
        )
    on_sheet = layout is not None and layout.truth is not None
    if on_sheet and entries[0].truth is None:
        return protocol.without_jpeg_of('generated', 'true'), ''
    return protocol.without_jpeg_of('generated'), ''
