"""The paper's own networks: netG, netPW, netF and netD."""

import functools
import re
from collections.abc import Callable

import torch

from mmposetransfer.errors import UserValueError

from .dipt_names import OFFICIAL_NAMES
from .network import Network, Recipe, Shapes, highest, rename, renamed

__all__ = ['METHOD', 'MODES', 'SIGNS', 'read']

METHOD = 'DIPT'

# The generator's modes of gating -> our gates.
MODES = dict(
    none='PlainGate',
    hard_gate='HardGate',
    soft_gate='SoftGate',
    residual='ResidualGate',
    res_no_vis='ResidualGateNoVis',
)

# How names begin that a network has and those after it have not.
SIGNS = dict(
    netG='encp_',
    netPW=r'dec_output_0\.',
    netF_unet=r'unet_block\.',
    netF_unet_v2='pred_flow_',
    netG_single='enc_',
    netD=r'model\.0\.',
)


def read(name: str, shapes: Shapes, mode: str | None) -> Network:
    """Read the sizes of a network off its shapes.

    Args:
        name (str): Key of ``SIGNS``.
        shapes (dict[str, tuple]): Of all its weights, by name.
        mode (str, optional): Key of ``MODES``, for a generator with two
            encoders; else read off the names.

    Raises:
        ValueError: If ``mode`` contradicts the weights.
        KeyError, IndexError: If a weight is missing.
    """
    component, reader = _READERS[name]
    label = name
    if name == 'netG':
        mode = _mode(shapes, mode)
        label = f"netG of mode '{mode}'"
        config = reader(shapes, mode)
    else:
        config = reader(shapes)
    return Network(
        name,
        METHOD,
        {component: config},
        label,
        recipe=functools.partial(_recipe, OFFICIAL_NAMES[name]),
        check=_check_shared,
    )


def _recipe(rules, component, name, shape) -> Recipe:
    """The encoders of the generator share layers, which the official file
    has under both names, and our module, too.
    """
    return renamed(rename(name, rules), shape)


def _check_shared(weights):
    """Refuse encoders that do not share what the official ones share."""
    unshared = [
        name
        for name in weights
        if re.match(r'enca_\d+_downsample', name)
        and not torch.equal(
            weights[name], weights[name.replace('enca', 'encp', 1)]
        )
    ]
    if unshared:
        raise UserValueError(
            'In the official generator the two encoders share their '
            'downsampling layers, here they differ in '
            f'{len(unshared)} weights ({unshared[0]}): this network was '
            'changed, and our generator cannot be it.'
        )


def _mode(shapes, wanted):
    """The generator's mode, of which two have no weights of their own."""
    gates = [key for key in shapes if re.match(r'enca_\d+_vis_', key)]
    if not gates:
        found = ('none', 'hard_gate')
    elif any('.conv_a.' in key for key in gates):
        found = ('residual',)
    elif any('.conv.1.' in key for key in gates):
        found = ('res_no_vis',)
    else:
        found = ('soft_gate',)
    if wanted not in (None, *found):
        raise UserValueError(
            f'mode={wanted!r} was asked for, but the weights are those of '
            f'mode {" or ".join(map(repr, found))}.'
        )
    return wanted or found[0]


def _unet(shapes, stem='pre_conv', encoder='enc'):
    """Sizes of a U-Net of residual blocks."""
    base = shapes[f'{stem}.0.weight'][0]
    widths = [
        shape[0]
        for key, shape in shapes.items()
        if re.fullmatch(rf'{encoder}_\d+_downsample\.1\.weight', key)
    ]
    return dict(
        base_channels=base,
        max_channels=max([base, *widths]),
        num_levels=highest(shapes, rf'{encoder}_(\d+)_'),
        num_blocks=highest(shapes, rf'{encoder}_\d+_res_(\d+)\.'),
    )


def _dual_path(shapes, mode):
    sizes = _unet(shapes, 'encp_pre_conv', 'encp')
    # Gates without weights leave no trace of how many levels are warped: then
    # it is what the authors train, on DeepFashion and, of 5, on Market-1501.
    levels = sizes['num_levels']
    warped = highest(shapes, r'enca_(\d+)_vis_')
    return dict(
        type='DualPathGenerator',
        **sizes,
        num_warp_levels=warped or (4 if levels == 5 else min(5, levels)),
        warping=dict(type='FeatureWarping', gate=dict(type=MODES[mode])),
    )


def _single_path(shapes):
    return dict(type='SinglePathGenerator', **_unet(shapes))


def _pixel_warping(shapes):
    return dict(type='PixelWarping', **_unet(shapes))


def _regressor(backbone, negative_slope):
    return dict(
        type='FlowRegressor',
        backbone=backbone,
        head=dict(type='PyramidFlowHead', negative_slope=negative_slope),
        flow_scale=0.05,
    )


def _flow_unet_v2(shapes):
    sizes = _unet(shapes, 'pre_conv.0')
    return _regressor(dict(type='FlowUNetV2', **sizes), 0.0)


def _flow_unet(shapes):
    widths = [
        shape[0]
        for key, shape in shapes.items()
        if re.search(r'\.down\.\d\.weight$', key)
    ]
    # Each level lies in the one above it.
    depths = [
        key.count('submodule.')
        for key in shapes
        if key.startswith('unet_block.')
    ]
    return _regressor(
        dict(
            type='FlowUNet',
            base_channels=shapes['conv_downsample.0.weight'][0],
            max_channels=max(widths),
            num_levels=max(depths) + 1,
        ),
        0.1,
    )


def _discriminator(shapes):
    base_channels, in_channels = shapes['model.0.weight'][:2]
    return dict(
        type='PatchDiscriminator',
        in_channels=in_channels,
        base_channels=base_channels,
        # Three layers for each, between the first convolution and the last.
        num_conv=highest(shapes, r'model\.(\d+)\.') // 3 - 1,
        activation='sigmoid',
    )


_READERS: dict[str, tuple[str, Callable[..., dict]]] = dict(
    netG=('generator', _dual_path),
    netG_single=('generator', _single_path),
    netPW=('pixel_warping', _pixel_warping),
    netF_unet=('flow_regressor', _flow_unet),
    netF_unet_v2=('flow_regressor', _flow_unet_v2),
    netD=('discriminator', _discriminator),
)
