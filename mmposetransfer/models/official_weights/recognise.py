"""Which official network a state dict is of, and its sizes."""

import re
from typing import NamedTuple

from mmposetransfer.errors import UserValueError

__all__ = ['MODES', 'Network', 'recognise', 'tell_network']

# The generator's modes of gating -> our gates.
MODES = dict(
    none='PlainGate',
    hard_gate='HardGate',
    soft_gate='SoftGate',
    residual='ResidualGate',
    res_no_vis='ResidualGateNoVis',
)

# How names begin that a network has and those after it have not.
_SIGNS = dict(
    netG='encp_',
    netPW='dec_output_0.',
    netF_unet='unet_block.',
    netF_unet_v2='pred_flow_',
    netG_single='enc_',
    netD='model.0.',
)


class Network(NamedTuple):
    """An official network.

    Attributes:
        name (str): ``netG``, ``netG_single``, ``netPW``, ``netF_unet``,
            ``netF_unet_v2`` or ``netD``.
        component (str): The component of :class:`DIPT` that it is.
        config (dict): What ``MODELS.build`` makes our module from.
        label (str): What it is, for messages.
    """

    name: str
    component: str
    config: dict
    label: str


def tell_network(keys):
    """Name of the official network that these keys are of.

    Returns:
        str | None: See :class:`Network`.
    """
    for network, sign in _SIGNS.items():
        if any(key.startswith(sign) for key in keys):
            return network
    return None


def recognise(shapes, mode=None):
    """Read network and sizes off names and shapes.

    Args:
        shapes (dict[str, tuple]): Shape of every weight of a network that
            :func:`tell_network` knows.
        mode (str, optional): Key of ``MODES``, for a generator.

    Returns:
        Network: The network.

    Raises:
        ValueError: If ``mode`` contradicts the weights, or a weight that
            sizes are read from is missing.
    """
    name = tell_network(shapes)
    if mode is not None and mode not in MODES:
        raise UserValueError(
            f'mode must be one of {sorted(MODES)}, got {mode!r}.'
        )
    if mode is not None and name != 'netG':
        raise UserValueError(
            f'mode={mode!r} is for the generator with two encoders (netG); '
            f'these are the weights of {name}.'
        )
    component, read = _READERS[name]
    try:
        if name != 'netG':
            return Network(name, component, read(shapes), name)
        mode = _mode(shapes, mode)
        return Network(
            name, component, read(shapes, mode), f"netG of mode '{mode}'"
        )
    except (KeyError, IndexError) as error:
        raise UserValueError(
            f'These look like the weights of {name}, but one that its sizes '
            f'are read from is missing or of another shape ({error}).'
        ) from error


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


def _count(shapes, pattern):
    """One more than the highest number that the pattern finds."""
    found = [re.match(pattern, key) for key in shapes]
    return max((int(match[1]) + 1 for match in found if match), default=0)


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
        num_levels=_count(shapes, rf'{encoder}_(\d+)_'),
        num_blocks=_count(shapes, rf'{encoder}_\d+_res_(\d+)\.'),
    )


def _dual_path(shapes, mode):
    sizes = _unet(shapes, 'encp_pre_conv', 'encp')
    # Gates without weights leave no trace of how many levels are warped: then
    # it is what the authors train, on DeepFashion and, of 5, on Market-1501.
    levels = sizes['num_levels']
    warped = _count(shapes, r'enca_(\d+)_vis_')
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
        num_conv=_count(shapes, r'model\.(\d+)\.') // 3 - 1,
        activation='sigmoid',
    )


_READERS = dict(
    netG=('generator', _dual_path),
    netG_single=('generator', _single_path),
    netPW=('pixel_warping', _pixel_warping),
    netF_unet=('flow_regressor', _flow_unet),
    netF_unet_v2=('flow_regressor', _flow_unet_v2),
    netD=('discriminator', _discriminator),
)
