"""Levenberg-Marquardt in batches."""

import torch

from .energy import PARAMETERS, moved
from .keypoint_chain import ChainState

__all__ = ['minimise']

#: Radians, and steps of the scale's logarithm, that one step may go at most.
_LONGEST = {'turn': 1.0, 'scale': 0.5, 'angles': 1.0}


def _where(chosen, new, old):
    return ChainState(
        *(
            torch.where(chosen.view(-1, *[1] * (a.ndim - 1)), a, b)
            for a, b in zip(new, old, strict=True)
        )
    )


def minimise(energy, state, targets, stage, steps):
    """Go downhill by Levenberg-Marquardt, every body at its own pace.

    Args:
        energy (FitEnergy): What to minimise.
        state (ChainState): N bodies, where to start.
        targets (Targets): N people's keypoints.
        stage (str): 'camera' (turn and camera), 'pose' (and the angles) or
            'shape' (and the betas).
        steps (int): How many steps are tried.

    Returns:
        tuple[ChainState, Tensor, Tensor]: The best state found; its energy
        (N,), never higher than at the start; and half the logarithm of the
        determinant of its matrix (N,), which added to the energy makes it
        the negative log evidence (Laplace): it takes away what a narrow
        prior gains by joints that no keypoint tells of.
    """
    value, gradient, matrix = energy.quadratic(state, targets, stage)
    damping = torch.full_like(value, 1e-2)
    for _ in range(steps):
        diagonal = matrix.diagonal(dim1=1, dim2=2)
        damped = matrix + torch.diag_embed(damping[:, None] * diagonal + 1e-6)
        factor, failed = torch.linalg.cholesky_ex(damped)
        step = -torch.cholesky_solve(gradient[..., None], factor)[..., 0]
        step = torch.nan_to_num(step).clamp(-1e4, 1e4)
        # Not beyond what the linearisation knows.
        for name, limit in _LONGEST.items():
            step[:, PARAMETERS[name]].clamp_(-limit, limit)
        tried = moved(state, step)
        new = energy.quadratic(tried, targets, stage)
        better = (new[0] < value) & (failed == 0)
        state = _where(better, tried, state)
        value = torch.where(better, new[0], value)
        gradient = torch.where(better[:, None], new[1], gradient)
        matrix = torch.where(better[:, None, None], new[2], matrix)
        damping = torch.where(better, damping * 0.2, damping * 8).clamp(
            1e-6, 1e6
        )
    factor, _ = torch.linalg.cholesky_ex(
        matrix + 1e-6 * torch.eye(matrix.shape[1]).to(matrix)
    )
    spread = factor.diagonal(dim1=1, dim2=2).clamp_min(1e-6).log().sum(1)
    return state, value, spread
