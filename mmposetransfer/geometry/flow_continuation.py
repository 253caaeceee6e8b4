"""Flow that goes on smoothly where a picture does not show the body.

Conventions: as in ``correspondence``. Flow is (2, H, W) in pixels on the
target grid, reference minus target position.
"""

import cv2
import numpy as np

from mmposetransfer.structures.visibility import BACKGROUND, VISIBLE

from .flow_limits import extend_flow

__all__ = ['close_tears', 'continue_flow', 'spread']

# Of a part of the body that is known at all, so that its motion is.
_LEAST_KNOWN = 0.1
# Its front and its back have nothing in common.
_HEAD = 1
# A surface that is drawn out so much from one pixel to the next is torn.
_TORN = 4.0
# Smaller pieces between tears are shreds, as shares of the picture.
_SHRED = 1 / 1000


def continue_flow(flow, known, parts, ref_parts, share=None, least=0.9):
    """Let flow that is known go on over the rest of each body part.

    What moves as its surroundings do keeps its pattern: stripes of a shirt
    go on, which one by one the nearest points would tear apart. A pixel whose
    way then leads to another part of the body, off the person or out of the
    picture keeps the flow it had. The head is left as it is.

    Args:
        flow (np.ndarray): (2, H, W) float32.
        known (np.ndarray): (H, W) bool, where flow leads to the very point,
            or to what stands for it.
        parts (np.ndarray): (H, W) uint8, body part of each pixel of the
            target; 0 is none.
        ref_parts (np.ndarray): (H', W') uint8, of the reference.
        share (np.ndarray, optional): (1, H', W') in [0, 1], how much of each
            pixel of the reference is the person's.
        least (float): The share from which a pixel counts as the person's.

    Returns:
        np.ndarray: (2, H, W) float32, a new flow.
    """
    flow = flow.copy()
    allowed = ref_parts
    if share is not None:
        allowed = np.where(share[0] >= least, ref_parts, 0)
    for part in np.unique(parts[parts > _HEAD]):
        here = parts == part
        seen = here & known
        if seen.sum() < _LEAST_KNOWN * here.sum() or (seen == here).all():
            continue
        smooth = spread(flow, seen)
        moves = here & ~seen & (_at(allowed, smooth) == part)
        flow[:, moves] = smooth[:, moves]
    return flow


def close_tears(flow, parts):
    """Replace flow between places that do not belong together.

    Where neighbours on a body part come from two places, the pixels between
    them come from whatever lies between those: a line of the wall or of
    another garment. They, and shreds that they cut off, move as the nearest
    pixel of the same part that does not.

    Args:
        flow (np.ndarray): (2, H, W) float32.
        parts (np.ndarray): (H, W) uint8, body part of each pixel of the
            target; 0 is none, and stays.

    Returns:
        np.ndarray: (2, H, W) float32, a new flow.
    """
    torn = _torn(flow, parts)
    closed = flow.copy()
    for part in np.unique(parts[parts > 0]):
        here = parts == part
        whole = here & ~torn
        whole &= ~_shreds(whole, _SHRED * parts.size)
        if not whole.any() or (whole == here).all():
            continue
        outside = np.where(whole, VISIBLE, BACKGROUND)[None]
        near = extend_flow(flow, outside, sum(parts.shape))
        closed[:, here] = near[:, here]
    return closed


def _torn(flow, parts):
    """Pixels that differ from a neighbour of their part, (H, W) bool."""
    torn = np.zeros(parts.shape, bool)
    field = flow.transpose(1, 2, 0)
    for one, other in (
        (np.s_[1:, :], np.s_[:-1, :]),
        (np.s_[:, 1:], np.s_[:, :-1]),
    ):
        jumps = np.abs(field[one] - field[other]).max(-1) > _TORN
        jumps &= parts[one] == parts[other]
        torn[one] |= jumps
        torn[other] |= jumps
    return torn


def _shreds(mask, least):
    """Pixels of connected pieces of fewer than ``least``, (H, W) bool."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(
        mask.astype(np.uint8), connectivity=4
    )
    return mask & (stats[labels, cv2.CC_STAT_AREA] < least)


def _at(labels, flow):
    """Labels that flow leads to, (H, W); 0 outside of the picture."""
    height, width = flow.shape[1:]
    x = flow[0] + np.arange(width, dtype=np.float32)
    y = flow[1] + np.arange(height, dtype=np.float32)[:, None]
    return cv2.remap(labels, x, y, cv2.INTER_NEAREST)


def spread(values, known):
    """Values of some pixels, spread smoothly over all (pull-push).

    Means of what is known go down a pyramid, and up again to where nothing
    is: Gortler et al., "The Lumigraph", SIGGRAPH 1996, Sec. 3.4.

    Args:
        values (np.ndarray): (C, H, W) float32.
        known (np.ndarray): (H, W) bool.

    Returns:
        np.ndarray: (C, H, W) float32; zeros if nothing is known.
    """
    weight = known.astype(np.float32)
    picture = (values * weight).transpose(1, 2, 0)
    return np.ascontiguousarray(_spread(picture, weight).transpose(2, 0, 1))


def _spread(sums, weight):
    """One level: (H, W, C) weighted values and (H, W) weights in [0, 1]."""
    height, width = weight.shape
    mean = sums / np.maximum(weight, 1e-6)[..., None]
    if height == width == 1:
        return mean
    total, share = _quartered(sums), _quartered(weight[..., None])
    # As soon as one of four pixels is known, so is their mean.
    scale = 1 / np.maximum(share, 0.25)
    below = _spread(total * scale, (share * scale)[..., 0])
    above = cv2.resize(below, (width, height), interpolation=cv2.INTER_LINEAR)
    above = above.reshape(height, width, -1)
    return above + weight[..., None] * (mean - above)


def _quartered(picture):
    """Means of squares of 2 x 2; zeros beyond an odd border."""
    height, width = picture.shape[:2]
    padded = np.pad(picture, ((0, height % 2), (0, width % 2), (0, 0)))
    squares = padded.reshape(-(-height // 2), 2, -(-width // 2), 2, -1)
    return squares.mean((1, 3))
