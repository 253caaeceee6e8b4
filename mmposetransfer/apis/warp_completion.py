"""A whole picture out of a warp alone, without a generator.

A model whose regressor is all that it has, such as `geometry`, shows the
reference's pixels where the target shows them. What is left open is taken from
the mirror twins of the body, then from the nearest point of it that the
reference shows; the background is the reference's wall.
"""

import torch

from mmposetransfer.models.warping import fill_holes, flow_warp
from mmposetransfer.structures.visibility import BACKGROUND, VISIBLE

from .person_masks import known_wall, outline, reference_person, soften

__all__ = ['complete_warp', 'is_warp_alone']

# Half the width of seams, in pixels of a canvas of 256.
SEAM = 1.5
CANVAS = 256


def is_warp_alone(data_sample):
    """Whether a model's picture is its warped reference, and nothing else."""
    warped = data_sample.get('warped_img')
    return (
        warped is not None
        and data_sample.get('weight_map') is None
        and data_sample.get('pred_visibility') is not None
        and torch.equal(data_sample.pred_img, warped)
    )


def complete_warp(data_sample):
    """Make a picture of a warp.

    Args:
        data_sample (PoseTransferDataSample): With ``ref_img``,
            ``ref_keypoints``, ``pred_flow`` and ``pred_visibility``, and, of
            models that have them, ``pred_twin_flow``,
            ``pred_twin_visibility`` and ``pred_near_flow``; without the last
            one, what is hidden is filled in from around it. It gets
            ``pred_img``, ``pred_person``, ``generated_img`` (what is filled
            in), ``weight_map`` and, with twins, ``twin_weight_map`` and
            ``twin_warped_img``.

    Returns:
        PoseTransferDataSample: The same.
    """
    body = data_sample.pred_visibility != BACKGROUND
    reference = data_sample.ref_img[None]
    open_share, shown = torch.ones_like(body, dtype=torch.float32), 0.0
    for side, prefix in (('', 'pred'), ('twin_', 'pred_twin')):
        flow = data_sample.get(f'{prefix}_flow')
        if flow is None:
            continue
        seen = data_sample.get(f'{prefix}_visibility') == VISIBLE
        weight = open_share * _share_within(seen, body)
        warped = flow_warp(reference, flow[None])[0]
        warped = warped.masked_fill(~body, -1)
        data_sample.set_data(
            {f'{side}weight_map': weight, f'{side}warped_img': warped}
        )
        shown = shown + weight * warped
        open_share = open_share - weight
    known = 1 - open_share
    surface, known = shown / known.clamp(min=1e-6), known * body
    near = data_sample.get('pred_near_flow')
    if near is not None:
        surface = torch.lerp(
            flow_warp(reference, near[None])[0], surface, known
        )
        known = body.float()
    surface = fill_holes(surface[None], known[None])[0]
    person = outline(body)
    wall_known = known_wall(reference_person(data_sample))
    wall = fill_holes(reference, wall_known[None, None])[0]
    data_sample.generated_img = torch.lerp(wall, surface, person)
    data_sample.pred_person = person
    data_sample.pred_img = shown + open_share * data_sample.generated_img
    return data_sample


def _share_within(seen, body):
    """1 where ``seen``, softly 0 from its border on, except at the outline."""
    sigma = _seam(body)
    share = soften((seen & body)[None].float(), sigma)
    share = share / soften(body[None].float(), sigma).clamp(min=1e-6)
    return (2 * share[0] - 1).clamp(0, 1) * body


def _seam(body):
    return SEAM * max(body.shape[-2:]) / CANVAS
