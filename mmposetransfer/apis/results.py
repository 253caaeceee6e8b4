"""A model's prediction, back at the size of the photograph."""

from pathlib import Path

import cv2
import numpy as np

from mmposetransfer.io.atomic_write import atomic_write
from mmposetransfer.io.file_names import free_name
from mmposetransfer.io.image_io import write_image
from mmposetransfer.visualization import (
    flow_colors,
    image_to_rgb,
    visibility_colors,
    weight_map_colors,
)

from .background import with_background
from .composition import compose, enlarge_flow, nearest_of, positions_of
from .copy_sources import bgr_of, shown_by, sources_of

__all__ = ['result_arrays', 'write_result']

# What is written of a result -> what its file's name ends in.
ENDINGS = dict(
    image='.png',
    strip='_strip.png',
    warped_image='_warped_image.png',
    generated_image='_generated_image.png',
    flow='_flow.png',
    visibility='_visibility.png',
    weight_map='_weight_map.png',
    arrays='.npz',
)


def result_arrays(
    data_sample,
    ref_frame,
    tgt_frame,
    photograph=None,
    background='generated',
    copies_pixels=True,
):
    """Bring a prediction from the model's canvas to the photographs.

    Pictures and maps lie on the grid of the target's photograph (the
    reference's, where the target has none), or of the box that was cut out
    of it. Flow is in pixels of the photographs: what the target shows at p,
    the reference shows at p + flow.

    Args:
        data_sample (PoseTransferDataSample): Of the model, on its canvas.
        ref_frame (Frame): How the reference was put there.
        tgt_frame (Frame): How the target was put there.
        photograph (ndarray, optional): The reference's, (H, W, 3) uint8 BGR.
            With it, what the model copies from the reference by a weight map
            has the photograph's detail; see
            `mmposetransfer.apis.composition.compose`.
        background (str): One of `mmposetransfer.apis.background.BACKGROUNDS`;
            others than 'generated' need ``photograph``.
        copies_pixels (bool): Whether the picture is mixed of what is copied,
            so that it has the photograph's detail, and not ``warped_image``
            alone; see `BaseTransferer.copies_pixels`.

    Returns:
        dict: ``image`` and, where the model has them, ``warped_image`` and
        ``generated_image``: uint8 BGR (H, W, 3), of a transparent background
        ``image`` is BGRA; ``flow`` float32
        (2, H, W); ``visibility`` uint8 (1, H, W); ``weight_map`` float32
        (1, H, W) in [0, 1]; ``ref_box`` and ``tgt_box``: (left, top, right,
        bottom) of the parts of the photographs, between which the flow leads.
    """
    result = dict(ref_box=ref_frame.visible_box, tgt_box=tgt_frame.visible_box)
    for key, field in (
        ('image', 'pred_img'),
        ('warped_image', 'warped_img'),
        ('generated_image', 'generated_img'),
    ):
        value = data_sample.get(field)
        if value is not None:
            result[key] = tgt_frame.cut_out(image_to_rgb(value)[..., ::-1])
    if data_sample.get('weight_map') is not None:
        weights = data_sample.weight_map[0].float().cpu().numpy()
        cut = tgt_frame.cut_out(weights, cv2.INTER_LINEAR)
        result['weight_map'] = cut[None].clip(0, 1)
    if data_sample.get('pred_visibility') is not None:
        classes = data_sample.pred_visibility[0].cpu().numpy()
        # Plain INTER_NEAREST takes the pixel to the top left.
        cut = tgt_frame.cut_out(
            classes.astype(np.uint8), cv2.INTER_NEAREST_EXACT
        )
        result['visibility'] = cut[None]
    if data_sample.get('pred_flow') is not None:
        flow = data_sample.pred_flow.float().cpu().numpy()
        shown = shown_by(flow, data_sample.get('pred_visibility'))
        result['flow'] = _flow_between(flow, shown, ref_frame, tgt_frame)
    sources = sources_of(data_sample)
    if photograph is not None and sources:
        composed, copies = compose(
            bgr_of(data_sample.pred_img),
            photograph,
            sources,
            ref_frame,
            tgt_frame,
        )
        if copies_pixels:
            result['image'] = composed
        if 'warped_image' in result:
            result['warped_image'] = copies
    if background != 'generated':
        result['image'] = with_background(
            result['image'],
            data_sample,
            photograph,
            ref_frame,
            tgt_frame,
            background,
        )
    return result


def _flow_between(flow, shown, ref_frame, tgt_frame):
    """Flow of the canvas (2, H', W') -> between the parts (2, H, W)."""
    cut = enlarge_flow(flow, shown, tgt_frame)
    positions = positions_of(cut, ref_frame, tgt_frame)
    height, width = positions.shape[:2]
    grid = np.stack(np.meshgrid(np.arange(width), np.arange(height)), -1)
    between = positions - ref_frame.visible_box[:2] - grid
    between *= nearest_of(shown, tgt_frame)[..., None]
    return np.ascontiguousarray(between.transpose(2, 0, 1), np.float32)


def write_result(out_dir, name, result, strip):
    """Write all of a result under one name, without overwriting anything.

    Args:
        out_dir (str | Path): Made where it is not there.
        name (str): Beginning of the file names; a number is put behind it
            where ``out_dir`` has such files already.
        result (dict): Of `result_arrays`.
        strip (ndarray): (H, W, 3) uint8 RGB, the overview.

    Returns:
        dict[str, str]: What was written -> its path.
    """
    pictures = dict(image=result['image'], strip=strip[..., ::-1])
    for key in ('warped_image', 'generated_image'):
        if key in result:
            pictures[key] = result[key]
    for key, paint in (
        ('flow', flow_colors),
        ('visibility', visibility_colors),
        ('weight_map', weight_map_colors),
    ):
        if key in result:
            pictures[key] = paint(result[key])[..., ::-1]
    name = free_name(out_dir, name, ENDINGS.values())
    paths = {
        key: Path(out_dir) / f'{name}{ENDINGS[key]}'
        for key in (*pictures, 'arrays')
    }
    for key, picture in pictures.items():
        write_image(paths[key], picture)
    arrays = {
        key: result[key]
        for key in ('flow', 'visibility', 'weight_map', 'ref_box', 'tgt_box')
        if key in result
    }
    with atomic_write(paths['arrays']) as file:
        np.savez_compressed(file, **arrays)
    return {key: str(path) for key, path in paths.items()}
