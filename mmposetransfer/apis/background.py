"""What stands behind the person of a result."""

import cv2
import numpy as np
import torch

from mmposetransfer.errors import UserValueError
from mmposetransfer.models.warping import fill_holes
from mmposetransfer.utils.spelling import spell

from .composition import positions_of, to_uint8
from .person_masks import known_wall, reference_person, result_person
from .sampling import sample_photograph

__all__ = [
    'BACKGROUNDS',
    'check_background',
    'fill_photograph',
    'put_before',
    'reference_wall',
    'with_background',
]

#: Names of the kinds of background.
BACKGROUNDS = ('auto', 'generated', 'reference', 'white', 'transparent')
# Holes are smooth: they are filled at this size.
FILL_SIDE = 512
# From this share of the person on a pixel of the result has its colour alone.
OPAQUE = 0.95
WHITE = 255


def check_background(background):
    """Refuse what is no name of a background.

    Args:
        background (str): One of `BACKGROUNDS`.

    Raises:
        ValueError: For another one.
    """
    if background not in BACKGROUNDS:
        raise UserValueError(
            f'{spell("background")} must be one of {BACKGROUNDS}, got '
            f'{background!r}'
        )


def with_background(
    image, data_sample, photograph, ref_frame, tgt_frame, background
):
    """A result before the background that is asked for.

    Args:
        image (ndarray): As `mmposetransfer.apis.results` made it, (H, W, 3)
            uint8 BGR.
        data_sample (PoseTransferDataSample): Of the model, on its canvas.
        photograph (ndarray): Of the reference, uint8 BGR.
        ref_frame (Frame): How the reference was put on the canvas.
        tgt_frame (Frame): How the target was put there.
        background (str): One of `BACKGROUNDS`. 'auto' is 'reference' where
            the persons of both pictures are known, else 'generated'.

    Returns:
        ndarray: The same shape; of 'transparent' (H, W, 4) BGRA.

    Raises:
        ValueError: If the model does not say where the person is.
    """
    if background == 'auto':
        known = all(
            data_sample.get(name) is not None
            for name in ('ref_person', 'pred_person')
        )
        background = 'reference' if known else 'generated'
    if background == 'generated':
        return image
    person = tgt_frame.cut_out(result_person(data_sample))
    if background == 'transparent':
        return put_before(image, person, None)
    wall = WHITE
    if background == 'reference':
        taken = reference_person(data_sample)
        wall = reference_wall(photograph, taken, ref_frame, tgt_frame)
    return put_before(image, person, wall)


def put_before(image, person, wall):
    """Put the person of a picture before another background.

    The colours of the person's soft outline are mixed with the picture's own
    background; they are taken from the person beside it.

    Args:
        image (ndarray): (H, W, 3) uint8.
        person (ndarray): Its share in each pixel, (H, W) in [0, 1].
        wall (ndarray | None): The background, (H, W, 3) uint8 or one colour;
            None for none.

    Returns:
        ndarray: (H, W, 3) uint8; without ``wall`` (H, W, 4), the last
        channel the share of the person in [0, 255].
    """
    person = person.clip(0, 1)
    solid = fill_photograph(image, (person >= OPAQUE).astype(np.float32))
    if wall is None:
        share = np.rint(255 * person).astype(np.uint8)
        return np.dstack([solid, share])
    mixed = wall + person[..., None] * (solid.astype(np.float32) - wall)
    return to_uint8(mixed)


def reference_wall(photograph, person, ref_frame, tgt_frame):
    """The reference's background without its person, as the target is framed.

    What the model sees of both photographs lies on one canvas; so the wall
    is moved and scaled as the person would be: of a plain wall nothing of it
    shows, and a floor is where the feet are. Where the reference's
    photograph ends it is filled in, as behind the person.

    Args:
        photograph (ndarray): Of the reference, (H, W, 3) uint8.
        person (Tensor): On the canvas, (H', W') in [0, 1].
        ref_frame (Frame): How the reference was put on the canvas.
        tgt_frame (Frame): How the target was put there.

    Returns:
        ndarray: (h, w, 3) uint8, at the size of the target's
        `Frame.visible_box`.
    """
    known = known_wall(person).numpy()
    known = tgt_frame.cut_out(known, cv2.INTER_LINEAR)
    positions = positions_of(0, ref_frame, tgt_frame)
    sides = np.array(photograph.shape[1::-1])
    there = ((positions > -0.5) & (positions < sides - 0.5)).all(-1)
    zoom = np.sqrt(np.prod(tgt_frame.scale / ref_frame.scale))
    density = np.full(known.shape, zoom, np.float32)
    wall = sample_photograph(photograph, positions, density)
    return fill_photograph(wall, known * there)


def fill_photograph(image, known):
    """`fill_holes` for a photograph of any size.

    Args:
        image (ndarray): (H, W, 3) uint8, or float32 in [0, 255].
        known (ndarray): How much each pixel is known, (H, W) in [0, 1].

    Returns:
        ndarray: (H, W, 3) uint8; where nothing is known, ``image``.
    """
    known = known.astype(np.float32)[..., None]
    if not known.any():
        return to_uint8(image)
    height, width = image.shape[:2]
    shrink = max(1.0, max(height, width) / FILL_SIDE)
    size = tuple(max(1, round(side / shrink)) for side in (width, height))
    small = np.dstack([image * known, known])
    small = cv2.resize(small, size, interpolation=cv2.INTER_AREA)
    share = small[..., 3:]
    filled = fill_holes(
        _to_tensor(small[..., :3] / np.maximum(share, 1e-6)),
        _to_tensor(share),
    )
    filled = filled[0].permute(1, 2, 0).numpy()
    filled = cv2.resize(filled, (width, height), interpolation=cv2.INTER_CUBIC)
    return to_uint8(filled + known * (image - filled))


def _to_tensor(array):
    return torch.from_numpy(np.ascontiguousarray(array)).permute(2, 0, 1)[None]
