"""Pictures that lie side by side in one file, and are to be cut apart."""

import re
from typing import NamedTuple

import numpy as np

from mmposetransfer.errors import UserValueError

__all__ = [
    'SHEETS',
    'SheetLayout',
    'cut_sheet',
    'layout_of_scheme',
    'parse_sheet',
]


class SheetLayout(NamedTuple):
    """What a sheet holds, in panels of one width, counted from 0.

    Attributes:
        panels: How many there are.
        result: Which is the generated picture.
        truth: Which is the true one; None if none is.
        reference: Which is the reference; None if none is.
    """

    panels: int
    result: int
    truth: int | None = None
    reference: int | None = None


#: Of published results, by the names of schemes. PATN: reference, its pose,
#: truth, its pose, result; Deformable GANs: reference, truth, result.
SHEETS = {'patn': SheetLayout(5, 4, 2, 0), 'pair': SheetLayout(3, 2, 1, 0)}


def parse_sheet(text: str) -> SheetLayout:
    """A layout as the command line has it.

    Args:
        text: 'PANELS:RESULT', and maybe ':TRUTH' and ':REFERENCE'; panels
            are counted from 1 at the left, as in '5:5:3:1'.

    Returns:
        The layout.

    Raises:
        ValueError: For another text, or a panel that is not there.
    """
    numbers = [int(part) for part in text.split(':') if part.isdecimal()]
    if not re.fullmatch(r'\d+:\d+(:\d+){0,2}', text) or not (
        all(1 <= number <= numbers[0] for number in numbers)
        and len({*numbers[1:]}) == len(numbers) - 1
    ):
        raise UserValueError(
            'a sheet is told as PANELS:RESULT, maybe with :TRUTH and '
            ':REFERENCE, which are different panels counted from 1, such as '
            f"5:5:3:1, got '{text}'"
        )
    return SheetLayout(numbers[0], *(number - 1 for number in numbers[1:]))


def layout_of_scheme(
    scheme: str, size: tuple[int, int], what: str
) -> SheetLayout | None:
    """Whether results are sheets, and which, where nobody says.

    Args:
        scheme: Name of the scheme by which they are called.
        size: (height, width) of one of them.
        what: What errors call that one.

    Returns:
        The layout; None of a single picture, which is no wider than high.

    Raises:
        ValueError: For a sheet of a scheme that has none.
    """
    if size[1] <= size[0]:
        return None
    if scheme not in SHEETS:
        raise UserValueError(
            f'{what} is of {size[0]}x{size[1]} pixels (height x width): if '
            'it is a sheet of several pictures, say of how many, and which '
            'is the result, as --sheet 5:5; if not, --sheet none'
        )
    return SHEETS[scheme]


def cut_sheet(
    sheet: np.ndarray, layout: SheetLayout, what: str
) -> list[np.ndarray]:
    """The panels of a sheet.

    Args:
        sheet: (H, W, C).
        layout: How many there are.
        what: What errors call the sheet, such as "the image 'a_vis.jpg'".

    Returns:
        From left to right, each (H, W / panels, C).

    Raises:
        ValueError: If the sheet cannot hold so many panels.
    """
    height, width = sheet.shape[:2]
    # No data of this field has pictures that are wider than high.
    if width % layout.panels or width // layout.panels > height:
        raise UserValueError(
            f'{what} is of {height}x{width} pixels (height x width), which '
            f'are no {layout.panels} panels side by side. Say how many there '
            'are and which is the result, as --sheet 5:5'
        )
    return np.split(sheet, layout.panels, axis=1)
