"""End-point errors of groups of pixels: by visibility, body part, motion."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from mmposetransfer.errors import UserValueError

from .flow import end_point_error_sums

__all__ = ['BODY_PARTS', 'flow_groups', 'group_error_sums']

#: Name of a body part -> its labels in ``gt_parts``.
BODY_PARTS = {
    'head': (1,),
    'torso': (2,),
    'arms': (3, 4),
    'legs': (5, 6),
}
_VISIBLE, _INVISIBLE = 0, 1


def flow_groups(
    flow: Tensor,
    visibility: Tensor,
    parts: Tensor | None = None,
    motions: Sequence[float] = (),
) -> dict[str, Tensor]:
    """Which pixels belong to which group.

    Convention: flow is (dx, dy) in pixels on the target grid; visibility is
    0 visible, 1 invisible, 2 background.

    Args:
        flow: True flow, (N, 2, H, W).
        visibility: True visibility, (N, 1, H, W).
        parts: Body parts of the target, (N, 1, H, W): 1 head, 2 torso, 3 and
            4 arms, 5 and 6 legs.
        motions: Lengths of the true flow in pixels, growing, that divide
            small motions from large ones.

    Returns:
        dict[str, Tensor]: Masks by name, each bool (N, 1, H, W): 'all' of the
        body, 'visible', 'invisible'; of visible pixels the parts by name, and
        'motion_0_4', 'motion_4_16', 'motion_16_up' for ``motions`` of 4 and
        16, each with its lower bound.

    Raises:
        ValueError: If ``motions`` do not grow from above 0.
    """
    bounds = [0.0, *motions]
    if any(b <= a for a, b in zip(bounds, bounds[1:], strict=False)):
        raise UserValueError(
            f'motions must grow, from above 0, got {list(motions)}'
        )
    visible, invisible = visibility == _VISIBLE, visibility == _INVISIBLE
    groups = dict(
        all=visible | invisible, visible=visible, invisible=invisible
    )
    if parts is not None:
        for name, labels in BODY_PARTS.items():
            members = torch.isin(parts, parts.new_tensor(labels))
            groups[name] = visible & members
    if motions:
        length = flow.double().norm(dim=1, keepdim=True)
        for low, high in zip(bounds, [*motions, torch.inf], strict=True):
            last = 'up' if high == torch.inf else f'{high:g}'
            inside = (length >= low) & (length < high)
            groups[f'motion_{low:g}_{last}'] = visible & inside
    return groups


def group_error_sums(
    pred: Tensor, target: Tensor, groups: Mapping[str, Tensor]
) -> dict[str, Tensor]:
    """Sum of end-point errors, and number of pixels, of each group.

    Args:
        pred: Predicted flow, (N, 2, H, W), in pixels.
        target: True flow, same shape.
        groups: Masks, bool (N, 1, H, W), by name.

    Returns:
        dict[str, Tensor]: By name (N, 2) double: sum in pixels, and number of
        pixels.
    """
    found = {}
    for name, mask in groups.items():
        # `end_point_error_sums` counts pixels of class 0.
        sums, counts = end_point_error_sums(pred, target, (~mask).long())
        found[name] = torch.stack([sums, counts.double()], 1)
    return found
