"""A result at the photograph's own resolution.

What a network makes has the size of its canvas. It also says, by flow and
weight map, which of it is copied from the reference: that is copied anew, from
the reference's photograph, pixel by pixel.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from .sampling import sample_photograph

__all__ = [
    'Source',
    'compose',
    'enlarge_flow',
    'nearest_of',
    'positions_of',
    'to_uint8',
]

# Neighbours whose flow differs by more pixels of the canvas are of different
# surfaces, such as an arm and the chest behind it.
SAME_SURFACE = 3.0
# A surface may be shown smaller by this, not more.
MAX_DENSITY = 8.0


@dataclass(frozen=True)
class Source:
    """One way from the result to the reference, on the model's canvas.

    Attributes:
        flow: (2, H', W') in pixels of the canvas, (dx, dy), reference minus
            target position.
        weight: (H', W') in [0, 1]: how much of the picture is copied so.
        warped: (H', W', 3) float32 in [0, 255]: what the model copied, at
            its own resolution.
        shown: (H', W') bool: where there is something to copy. Elsewhere
            ``warped`` stays as it is.
    """

    flow: np.ndarray
    weight: np.ndarray
    warped: np.ndarray
    shown: np.ndarray


def compose(picture, photograph, sources, ref_frame, tgt_frame):
    """Bring a picture up, and what it copies of a photograph in full detail.

    For weights w and copies c of the canvas, C of the photograph, the result
    is ``up(picture - sum(w * c)) + sum(up(w) * C)``. Of a picture that is
    ``w * c + (1 - w) * generated`` it is ``w * C + (1 - w) * up(generated)``;
    what else the model did to the picture, such as to its colours, stays.

    Args:
        picture (ndarray): The model's, on its canvas, (H', W', 3) float32 in
            [0, 255].
        photograph (ndarray): Of the reference, (H, W, 3) uint8, its channels
            in the same order.
        sources (Sequence[Source]): At least one.
        ref_frame (Frame): How the reference was put on the canvas.
        tgt_frame (Frame): How the target was put there.

    Returns:
        tuple[ndarray, ndarray]: The result and the copies of the first
        source, (h, w, 3) uint8 each, at the size of the target's
        `Frame.visible_box`.
    """
    rest = picture.astype(np.float32)
    copies = []
    for source in sources:
        rest = rest - source.weight[..., None] * source.warped
        copies.append(_copy(source, photograph, ref_frame, tgt_frame))
    result = tgt_frame.cut_out(rest)
    for source, copy in zip(sources, copies, strict=True):
        # Bicubic, weights beyond 1 would draw a bright line beside an edge.
        weight = source.weight.astype(np.float32)
        weight = tgt_frame.cut_out(weight, cv2.INTER_LINEAR)
        result = result + weight[..., None] * copy
    return to_uint8(result), to_uint8(copies[0])


def _copy(source, photograph, ref_frame, tgt_frame):
    """What a source shows: (h, w, 3) float32."""
    cut = enlarge_flow(source.flow, source.shown, tgt_frame)
    positions = positions_of(cut, ref_frame, tgt_frame)
    density = _density(source, ref_frame, tgt_frame)
    full = sample_photograph(photograph, positions, density)
    sides = np.array(photograph.shape[1::-1])
    there = ((positions > -0.5) & (positions < sides - 0.5)).all(-1)
    there &= nearest_of(source.shown, tgt_frame)
    return np.where(there[..., None], full, tgt_frame.cut_out(source.warped))


def enlarge_flow(flow, shown, frame):
    """Flow of the canvas at the size of the photograph, with its edges.

    Between pixels of one surface flow is interpolated. At the edge of a
    surface that would make flow that leads to neither side; there only the
    neighbours count that are of the surface of the nearest one.

    Args:
        flow (ndarray): (2, H', W').
        shown (ndarray): (H', W') bool: where there is flow.
        frame (Frame): Of the target.

    Returns:
        ndarray: (h, w, 2), its values still pixels of the canvas, as
        `Frame.visible_box` lies.
    """
    x0, y0, x1, y1 = frame.content
    x, y = _canvas_grid(frame)
    x, y = x.clip(x0, x1 - 1), y.clip(y0, y1 - 1)
    near = _nearest_pixels(shown.shape, frame)
    flow = flow.transpose(1, 2, 0).astype(np.float32)
    nearest, its = flow[near], shown[near]
    total, weights = 0.0, 0.0
    for rows, row_share in _pair(y, y1 - 1):
        for columns, column_share in _pair(x, x1 - 1):
            place = np.ix_(rows, columns)
            values = flow[place]
            difference = np.abs(values - nearest).max(-1)
            same = (difference < SAME_SURFACE) & (shown[place] == its)
            weight = row_share[:, None] * column_share[None] * same
            total = total + weight[..., None] * values
            weights = weights + weight
    # The nearest pixel's own weight is a quarter at least.
    return (total / weights[..., None]).astype(np.float32)


def _pair(position, last):
    """The two neighbours along an axis, and their shares."""
    low = np.floor(position).astype(int)
    share = (position - low).astype(np.float32)
    return (low, 1 - share), (np.minimum(low + 1, last), share)


def positions_of(flow, ref_frame, tgt_frame):
    """Where each pixel of the target's photograph is in the reference's.

    Args:
        flow (ndarray): (h, w, 2), of `enlarge_flow`.
        ref_frame (Frame): Of the reference.
        tgt_frame (Frame): Of the target.

    Returns:
        ndarray: (h, w, 2) float64: x and y in pixels of the reference's
        photograph.
    """
    grid = np.stack(np.meshgrid(*_canvas_grid(tgt_frame)), -1)
    return ref_frame.to_photograph(grid + flow)


def _canvas_grid(frame):
    """Canvas x (w,) and y (h,) of the pixels that a photograph shows."""
    left, top, right, bottom = frame.visible_box
    columns, rows = np.arange(left, right), np.arange(top, bottom)
    x = np.stack([columns, np.full(len(columns), top)], -1)
    y = np.stack([np.full(len(rows), left), rows], -1)
    return frame.to_canvas(x)[:, 0], frame.to_canvas(y)[:, 1]


def _nearest_pixels(size, frame):
    """Rows and columns of the canvas's nearest pixels, each (h, w)."""
    # By OpenCV, as of classes: halfway between two pixels it decides.
    index = np.arange(np.prod(size), dtype=np.float32).reshape(size)
    cut = frame.cut_out(index, cv2.INTER_NEAREST_EXACT)
    return np.unravel_index(cut.astype(int), size)


def nearest_of(mask, frame):
    """A mask of the canvas (H', W') at the size of the photograph, bool."""
    cut = frame.cut_out(mask.astype(np.uint8), cv2.INTER_NEAREST_EXACT)
    return cut.astype(bool)


def _density(source, ref_frame, tgt_frame):
    """Pixels of the reference per pixel of the result, (h, w) float32.

    The root of how areas grow; at edges, where differences say nothing, that
    of the surface beside them.
    """
    zoom = np.sqrt(np.prod(tgt_frame.scale / ref_frame.scale))
    flow = source.flow.astype(np.float32)
    dx, dy = np.gradient(flow, axis=2), np.gradient(flow, axis=1)
    area = np.abs((1 + dx[0]) * (1 + dy[1]) - dx[1] * dy[0])
    smooth = np.abs(np.stack([dx, dy])).max((0, 1)) < SAME_SURFACE / 2
    area = np.where(smooth & source.shown, area, 1).astype(np.float32)
    stretch = cv2.medianBlur(np.sqrt(area), 5)
    density = tgt_frame.cut_out(stretch, cv2.INTER_LINEAR) * zoom
    return density.clip(0, MAX_DENSITY)


def to_uint8(image):
    """A picture of whole numbers, (H, W, C), of floats around [0, 255]."""
    return np.rint(image).clip(0, 255).astype(np.uint8)
