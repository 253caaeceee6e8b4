"""Errors of flow and visibility.

Convention: flow is (N, 2, H, W) = (dx, dy) in pixels on the target grid,
reference minus target position; visibility is (N, 1, H, W) with 0 visible,
1 invisible, 2 background.
"""

import torch
from torch import Tensor

__all__ = [
    'confusion_matrix',
    'end_point_error',
    'end_point_error_sums',
    'visibility_accuracy',
    'visibility_miou',
]


def end_point_error_sums(
    pred: Tensor,
    target: Tensor,
    visibility: Tensor,
    classes: tuple[int, ...] = (0,),
) -> tuple[Tensor, Tensor]:
    """Sum of end-point errors of each sample, and over how many pixels.

    Kept apart so that means over samples, batches and processes are exact.

    Args:
        pred: Predicted flow, (N, 2, H, W).
        target: True flow, same shape.
        visibility: True visibility, (N, 1, H, W).
        classes: The classes of visibility that count.

    Returns:
        Sums in pixels, (N,) double, and numbers of pixels, (N,) int64.
    """
    if pred.shape != target.shape or pred.ndim != 4 or pred.shape[1] != 2:
        raise ValueError(
            'expected two flows of one shape (N, 2, H, W), got '
            f'{tuple(pred.shape)} and {tuple(target.shape)}'
        )
    if visibility.shape != (pred.shape[0], 1, *pred.shape[2:]):
        raise ValueError(
            f'expected a visibility of shape {(pred.shape[0], 1)} + '
            f'{tuple(pred.shape[2:])} for flow of shape '
            f'{tuple(pred.shape)}, got {tuple(visibility.shape)}'
        )
    error = (pred.double() - target.double()).norm(dim=1)  # N, H, W
    chosen = torch.isin(visibility[:, 0], visibility.new_tensor(list(classes)))
    # `where`, as 0 * nan is nan and pixels that do not count must not speak.
    sums = torch.where(chosen, error, 0.0).flatten(1).sum(1)
    return sums, chosen.flatten(1).sum(1)


def end_point_error(
    pred: Tensor,
    target: Tensor,
    visibility: Tensor,
    classes: tuple[int, ...] = (0,),
) -> Tensor:
    """Mean end-point error over the chosen pixels of all samples.

    Args:
        pred: Predicted flow, (N, 2, H, W).
        target: True flow, same shape.
        visibility: True visibility, (N, 1, H, W).
        classes: The classes of visibility that count, by default the visible
            pixels alone.

    Returns:
        Tensor: A scalar in pixels; nan where no pixel counts.
    """
    sums, counts = end_point_error_sums(pred, target, visibility, classes)
    return sums.sum() / counts.sum()


def confusion_matrix(
    pred: Tensor, target: Tensor, num_classes: int = 3
) -> Tensor:
    """How often each class was taken for which, for each sample.

    Args:
        pred: Predicted classes, (N, ...), integers below ``num_classes``.
        target: True classes, same shape.
        num_classes: Number of classes.

    Returns:
        Tensor: (N, num_classes, num_classes) int64; entry [n, i, j] counts
        pixels of class i that were predicted as j.
    """
    if pred.shape != target.shape:
        raise ValueError(
            'expected two maps of one shape, got '
            f'{tuple(pred.shape)} and {tuple(target.shape)}'
        )
    n = pred.shape[0]
    pred, target = pred.reshape(n, -1).long(), target.reshape(n, -1).long()
    for name, classes in (('predicted', pred), ('true', target)):
        if classes.numel() and (
            int(classes.min()) < 0 or int(classes.max()) >= num_classes
        ):
            raise ValueError(
                f'{name} classes must lie in [0, {num_classes - 1}], got '
                f'{int(classes.min())} to {int(classes.max())}'
            )
    cell = target * num_classes + pred
    cell = cell + num_classes**2 * torch.arange(
        n, device=cell.device
    ).unsqueeze(1)
    counts = torch.bincount(cell.flatten(), minlength=n * num_classes**2)
    return counts.view(n, num_classes, num_classes)


def visibility_accuracy(matrix: Tensor) -> Tensor:
    """Share of pixels whose class is right.

    Args:
        matrix: Confusion matrix, (..., C, C), as of `confusion_matrix`.

    Returns:
        Tensor: (...) in [0, 1].
    """
    right = matrix.diagonal(dim1=-2, dim2=-1).sum(-1)
    return right.double() / matrix.sum((-2, -1))


def visibility_miou(matrix: Tensor) -> Tensor:
    """Mean over classes of intersection over union.

    Args:
        matrix: Confusion matrix, (..., C, C), as of `confusion_matrix`.

    Returns:
        Tensor: (...) in [0, 1]. Classes that are neither there nor predicted
        do not count.
    """
    right = matrix.diagonal(dim1=-2, dim2=-1).double()
    union = matrix.sum(-1) + matrix.sum(-2) - right
    present = union > 0
    iou = torch.where(present, right / union.clamp(min=1), 0.0)
    return iou.sum(-1) / present.sum(-1)
