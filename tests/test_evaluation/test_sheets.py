"""Sheets of panels side by side."""

import numpy as np
import pytest

from mmposetransfer.evaluation.folders import (
    SheetLayout,
    cut_sheet,
    layout_of_scheme,
    parse_sheet,
)


def test_panels_are_cut_from_left_to_right():
    panels = [np.full((8, 5, 3), value, np.uint8) for value in range(4)]
    got = cut_sheet(np.hstack(panels), SheetLayout(4, 3), 'it')
    np.testing.assert_array_equal(got, panels)


@pytest.mark.parametrize(
    'shape',
    [
        (256, 704),  # four panels of 176
        (256, 1760),  # ten of 176
        (256, 176),  # no sheet at all
    ],
)
def test_a_wrong_number_of_panels_is_refused(shape):
    sheet = np.zeros((*shape, 3), np.uint8)
    with pytest.raises(ValueError, match="'a' is of 256x.*no 5 panels"):
        cut_sheet(sheet, SheetLayout(5, 4), "'a'")


def test_layouts_are_told_in_numbers():
    assert parse_sheet('5:5:3:1') == SheetLayout(5, 4, 2, 0)
    assert parse_sheet('3:2') == SheetLayout(3, 1)
    for wrong in ('5', '5:6', '5:0', '5:5:5', '5:a', 'patn', '5:1:2:3:4'):
        with pytest.raises(ValueError, match=f"5:5:3:1, got '{wrong}'"):
            parse_sheet(wrong)


def test_sheets_are_known_by_scheme_and_width():
    assert layout_of_scheme('patn', (256, 880), 'it') == SheetLayout(
        5, 4, 2, 0
    )
    assert layout_of_scheme('pair', (256, 768), 'it').panels == 3
    assert layout_of_scheme('patn', (256, 176), 'it') is None
    with pytest.raises(ValueError, match="'a' is of 256x880.*--sheet 5:5"):
        layout_of_scheme('gfla', (256, 880), "'a'")
