"""Strips (one sample, panels side by side) and grids (many samples)."""

import cv2
import numpy as np

from mmposetransfer.errors import UserValueError

from .panels import DEFAULT_PANELS, make_panels, title_of

__all__ = ['arrange_pictures', 'make_grid', 'make_strip']

GAP = 4
HEADER = 24
BACKGROUND = (236, 236, 236)
TEXT = (40, 40, 40)
EMPTY = (205, 205, 205)


def make_strip(data_sample, panels=DEFAULT_PANELS, scale=None):
    """One sample as a row of panels with their titles above.

    Args:
        data_sample (PoseTransferDataSample): Truth and prediction; panels
            that it has no data for are left out.
        panels (Sequence[str]): Names out of
            `mmposetransfer.visualization.PANELS`, in order.
        scale (int, optional): Factor of enlargement. Defaults to what makes
            panels at least 160 pixels wide.

    Returns:
        ndarray: (H', W', 3) uint8 RGB.
    """
    return make_grid([data_sample], panels, scale)


def make_grid(data_samples, panels=DEFAULT_PANELS, scale=None):
    """Samples below each other, the titles of the columns once at the top.

    Args:
        data_samples (Sequence[PoseTransferDataSample]): At least one. Where
            sizes differ, smaller panels are centred.
        panels (Sequence[str]): Names out of
            `mmposetransfer.visualization.PANELS`, in order; a column is there
            if any sample has data for it.
        scale (int, optional): Factor of enlargement. Defaults to what makes
            panels at least 160 pixels wide.

    Returns:
        ndarray: (H', W', 3) uint8 RGB.
    """
    if not data_samples:
        raise UserValueError('a grid needs at least one data sample')
    rows = [make_panels(sample, panels, scale) for sample in data_samples]
    columns = [name for name in panels if any(name in row for row in rows)]
    if not columns:
        raise UserValueError(
            f'the data samples have data for none of the panels {panels}'
        )
    return arrange_pictures(
        [{title_of(name): row.get(name) for name in columns} for row in rows]
    )


def arrange_pictures(rows):
    """Rows of pictures, the titles of the columns once at the top.

    Args:
        rows (Sequence[dict[str, ndarray | None]]): Title -> picture
            (H, W, 3) uint8, the same titles in each row. Smaller pictures
            are centred; None is drawn as an empty cell.

    Returns:
        ndarray: (H', W', 3) uint8.
    """
    pictures = [p for row in rows for p in row.values() if p is not None]
    width = max(picture.shape[1] for picture in pictures)
    lines = [[_title(title, width) for title in rows[0]]]
    for row in rows:
        heights = [p.shape[0] for p in row.values() if p is not None]
        size = (max(heights, default=width), width)
        lines.append([_cell(picture, size) for picture in row.values()])
    return np.concatenate([_row(line) for line in lines])


def _title(text, width):
    """The heading of a column, made smaller where it would not fit."""
    font, thickness = cv2.FONT_HERSHEY_SIMPLEX, 1
    (length, _), _ = cv2.getTextSize(text, font, 1.0, thickness)
    size = min(0.5, (width - 2) / length)
    canvas = np.full((HEADER, width, 3), BACKGROUND, np.uint8)
    left = round((width - length * size) / 2)
    return cv2.putText(
        canvas,
        text,
        (left, HEADER - 8),
        font,
        size,
        TEXT,
        thickness,
        cv2.LINE_AA,
    )


def _cell(picture, size):
    """A picture centred in a cell, or the mark of a missing one."""
    if picture is None:
        return np.full((*size, 3), EMPTY, np.uint8)
    canvas = np.full((*size, 3), BACKGROUND, np.uint8)
    height, width = picture.shape[:2]
    top, left = (size[0] - height) // 2, (size[1] - width) // 2
    canvas[top : top + height, left : left + width] = picture
    return canvas


def _row(cells):
    """Cells side by side, a gap to the right of and below each."""
    gap = ((0, GAP), (0, GAP), (0, 0))
    padded = [
        np.pad(cell, gap, constant_values=BACKGROUND[0]) for cell in cells
    ]
    return np.concatenate(padded, axis=1)
