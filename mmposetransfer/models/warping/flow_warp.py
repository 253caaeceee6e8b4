"""Warping by a dense flow, with two backends held to the same values."""

import functools
import importlib.util

import torch
import torch.nn.functional as F
from torch import nn

from mmposetransfer.registry import MODELS
from mmposetransfer.structures.visibility import BACKGROUND

from ..precision import at_least_float32, without_autocast

__all__ = ['FlowWarp', 'available_backends', 'flow_warp', 'warp_image']

BACKENDS = ('grid_sample', 'mmcv')
NO_COLOUR = -1.0  # black, where nothing of the reference belongs


@functools.cache
def available_backends():
    """Names of the warp backends that can be used here.

    ``mmcv`` needs the compiled operators of the full ``mmcv`` package.
    """
    if (
        importlib.util.find_spec('mmcv') is None
        or importlib.util.find_spec('mmcv._ext') is None
    ):
        return BACKENDS[:1]
    return BACKENDS


def _check_shapes(x, flow, gate):
    if x.ndim != 4 or flow.ndim != 4 or flow.shape[1] != 2:
        raise ValueError(
            'Expected x (N, C, H, W) and flow (N, 2, H, W), got '
            f'{tuple(x.shape)} and {tuple(flow.shape)}.'
        )
    if x.shape[0] != flow.shape[0]:
        raise ValueError(
            f'x is a batch of {x.shape[0]}, flow of {flow.shape[0]}.'
        )
    expected = (flow.shape[0], 1, *flow.shape[2:])
    if gate is not None and gate.shape != expected:
        raise ValueError(f'Expected gate {expected}, got {tuple(gate.shape)}.')


def _warp_grid_sample(x, flow):
    height, width = x.shape[-2:]
    rows, cols = flow.shape[-2:]
    xs = torch.arange(cols, device=flow.device, dtype=flow.dtype)
    ys = torch.arange(rows, device=flow.device, dtype=flow.dtype)
    # align_corners=True maps -1 and 1 to the centres of the border pixels.
    grid = torch.stack(
        [
            (xs + flow[:, 0]) * (2 / max(width - 1, 1)) - 1,
            (ys[:, None] + flow[:, 1]) * (2 / max(height - 1, 1)) - 1,
        ],
        dim=-1,
    )
    return F.grid_sample(
        x, grid, mode='bilinear', padding_mode='zeros', align_corners=True
    )


def _warp_mmcv(x, flow, gate):
    from mmcv.ops import modulated_deform_conv2d

    if x.shape[-2:] != flow.shape[-2:]:
        raise ValueError(
            'The mmcv backend needs x and flow of one size, got '
            f'{tuple(x.shape)} and {tuple(flow.shape)}: use '
            "backend='grid_sample'."
        )
    channels = x.shape[1]
    if gate is None:
        gate = torch.ones_like(flow[:, :1])
    # A 1x1 depthwise kernel of ones samples each channel once, at the pixel
    # plus the offset; the operator wants offsets as (dy, dx).
    weight = x.new_ones(channels, 1, 1, 1)
    return modulated_deform_conv2d(
        x,
        flow.flip(1).contiguous(),
        gate.contiguous(),
        weight,
        None,
        1,
        0,
        1,
        channels,
        1,
    )


def flow_warp(x, flow, gate=None, backend='auto'):
    """Sample ``x`` at the pixel grid plus ``flow``.

    Convention: flow is (dx, dy) in pixels on the output's grid, reference
    minus target position; bilinear; corners aligned; zeros outside. It is
    computed in float32 also under autocast: half precision cannot hold a
    position to a fraction of a pixel.

    Args:
        x (Tensor): What is sampled, (N, C, H, W).
        flow (Tensor): (N, 2, H', W').
        gate (Tensor, optional): Factor for the result, (N, 1, H', W').
        backend (str): ``grid_sample`` (the reference), ``mmcv``
            (``modulated_deform_conv2d``: warp and gate in one operator; H'
            = H and W' = W), or ``auto``: ``mmcv`` for a gated warp on a GPU
            where it is installed, else ``grid_sample``.

    Returns:
        Tensor: (N, C, H', W').

    Raises:
        ValueError: For shapes that do not fit or an unknown backend.
        ImportError: If ``mmcv`` is asked for without compiled operators.
    """
    _check_shapes(x, flow, gate)
    if backend == 'auto':
        fused = (
            x.is_cuda and gate is not None and x.shape[-2:] == flow.shape[-2:]
        )
        backend = available_backends()[-1] if fused else 'grid_sample'
    if backend not in BACKENDS:
        raise ValueError(
            f"backend must be 'auto' or one of {BACKENDS}, got {backend!r}."
        )
    if backend not in available_backends():
        raise ImportError(
            "Warp backend 'mmcv' needs the compiled operators of mmcv: "
            'pip uninstall -y mmcv-lite; pip install mmcv. Without them use '
            "backend='grid_sample', which gives the same values."
        )
    with without_autocast(x):
        x = at_least_float32(x)
        flow = flow.to(x.dtype)
        gate = gate if gate is None else gate.to(x.dtype)
        if backend == 'mmcv':
            return _warp_mmcv(x, flow, gate)
        warped = _warp_grid_sample(x, flow)
        return warped if gate is None else warped * gate


def warp_image(img, flow, visibility, backend='auto'):
    """Reference image warped into the target pose, black off the body.

    Args:
        img (Tensor): RGB in [-1, 1], (N, 3, H, W).
        flow (Tensor): In pixels, (N, 2, H, W).
        visibility (Tensor): Classes 0, 1, 2, (N, 1, H, W).
        backend (str): See :func:`flow_warp`.

    Returns:
        Tensor: (N, 3, H, W), -1 where visibility is 2.
    """
    warped = flow_warp(img, flow, backend=backend)
    return warped.masked_fill(visibility == BACKGROUND, NO_COLOUR)


@MODELS.register_module()
class FlowWarp(nn.Module):
    """:func:`flow_warp` as a layer.

    Args:
        backend (str): See :func:`flow_warp`.
    """

    def __init__(self, backend='auto'):
        super().__init__()
        if backend not in ('auto', *BACKENDS):
            raise ValueError(
                f"backend must be 'auto' or one of {BACKENDS}, "
                f'got {backend!r}.'
            )
        self.backend = backend

    def forward(self, x, flow, gate=None):
        """See :func:`flow_warp`."""
        return flow_warp(x, flow, gate, self.backend)

    def extra_repr(self):
        """The backend, for ``print(model)``."""
        return f'backend={self.backend!r}'
