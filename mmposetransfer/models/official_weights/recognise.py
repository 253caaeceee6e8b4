"""Which official network a state dict is of, and its sizes."""

import math
import re
from statistics import mode as most_common
from typing import NamedTuple

__all__ = ['MODES', 'Network', 'recognise', 'tell_network']

# The generator's modes of gating -> our gates.
MODES = dict(
    none='PlainGate',
    hard_gate='HardGate',
    soft_gate='SoftGate',
    residual='ResidualGate',
    res_no_vis='ResidualGateNoVis',
)

# Names that only this network has; the last but one is what remains of those
# with residual blocks. Partial files are recognised, too.
_SIGNS = dict(
    netG=r'enc[ap]_|dec_fuse\.',
    netPW=r'dec_output_0\.',
    netF_unet=r'(unet_block|conv_downsample|predict_vis)\.',
    netF_unet_v2=r'pred_flow_\d|pred_vis\.|pre_conv\.\d+\.(\d+|conv)\.'
    r'|pre_conv\.[34]\.',
    netG_single=r'dec_output\.\d|(enc|dec)_\d+_(res|down|up)|pre_conv\.[01]\.',
    netD=r'model\.\d+\.(weight|bias|running_mean|running_var'
    r'|num_batches_tracked)$',
)


class Network(NamedTuple):
    """An official network.

    Attributes:
        name (str): ``netG``, ``netG_single``, ``netPW``, ``netF_unet``,
            ``netF_unet_v2`` or ``netD``.
        part (str): The part of :class:`DIPT` that it is.
        config (dict): What ``MODELS.build`` makes our module from.
        label (str): What it is, for messages.
    """

    name: str
    part: str
    config: dict
    label: str


def tell_network(keys):
    """Name of the official network that some of these keys are of.

    Returns:
        str | None: See :class:`Network`.
    """
    for network, sign in _SIGNS.items():
        if any(re.match(sign, key) for key in keys):
            return network
    return None


def recognise(shapes, mode=None):
    """Read network and sizes off names and shapes.

    What the file does not tell, because it is partial, is taken to be as in
    the official code.

    Args:
        shapes (dict[str, tuple]): Shape of every weight of a network that
            :func:`tell_network` knows.
        mode (str, optional): Key of ``MODES``, for a generator.

    Returns:
        Network: The network.

    Raises:
        ValueError: If ``mode`` contradicts the weights.
    """
    name = tell_network(shapes)
    if mode is not None and mode not in MODES:
        raise ValueError(f'mode must be one of {sorted(MODES)}, got {mode!r}.')
    if name == 'netG':
        mode = _mode(shapes, mode)
        return Network(
            name,
            'generator',
            _dual_path(shapes, mode),
            f"netG of mode '{mode}'",
        )
    if mode is not None:
        raise ValueError(
            f'mode={mode!r} is for the generator with two encoders (netG); '
            f'these are the weights of {name}.'
        )
    readers = dict(
        netG_single=('generator', _single_path),
        netPW=('pixel_warping', _pixel_warping),
        netF_unet=('flow_regressor', _flow_unet),
        netF_unet_v2=('flow_regressor', _flow_unet_v2),
        netD=('discriminator', _discriminator),
    )
    if (
        name == 'netG_single'
        and _inputs(shapes, 'pre_conv.0.weight', None) == 9
    ):
        name = 'netPW'  # without its head
    part, read = readers[name]
    return Network(name, part, read(shapes), name)


def _mode(shapes, wanted):
    """The generator's mode, of which two have no weights of their own."""
    gates = [key for key in shapes if re.match(r'enca_\d+_vis_', key)]
    if not gates:
        found = ('none', 'hard_gate')
    elif any('.conv_a.' in key for key in gates):
        found = ('residual',)
    elif any('.running_' in key for key in gates):
        found = ('res_no_vis',)
    else:
        found = ('soft_gate',)
    if wanted not in (None, *found):
        raise ValueError(
            f'mode={wanted!r} was asked for, but the weights are those of '
            f'mode {" or ".join(map(repr, found))}.'
        )
    return wanted or found[0]


def _outputs(shapes, *keys, default):
    """Output channels, as most of the keys have them."""
    found = [shapes[key][0] for key in keys if shapes.get(key)]
    return most_common(found) if found else default


def _inputs(shapes, key, default):
    shape = shapes.get(key, ())
    return shape[1] if len(shape) > 1 else default


def _count(shapes, pattern, default):
    """One more than the highest number that the pattern finds."""
    found = [re.match(pattern, key) for key in shapes]
    return max(
        (int(match[1]) + 1 for match in found if match), default=default
    )


def _residual_unet(shapes, stem='pre_conv', block='enc_0_res_0', levels=7):
    base = _outputs(
        shapes,
        f'{stem}.0.weight',
        f'{stem}.1.weight',
        f'{block}.conv.0.weight',
        default=32,
    )
    widths = [
        shape[0]
        for key, shape in shapes.items()
        if shape
        and re.match(
            r'enc[ap]?_\d+_downsample\.1\.weight|pre_conv\.3\.weight', key
        )
    ]
    return dict(
        base_channels=base,
        max_channels=max([base, *widths]) if widths else max(base, 128),
        num_levels=_count(
            shapes, r'(?:enc[ap]?|dec|pred_flow)_(\d{1,2})(?=[_.])', levels
        ),
        num_blocks=_count(shapes, r'(?:enc[ap]?|dec)_\d+_res_(\d{1,2})\.', 2),
    )


def _dual_path(shapes, mode):
    sizes = _residual_unet(shapes, 'encp_pre_conv', 'encp_0_res_0')
    # Gates without weights leave no trace of how many levels are warped: then
    # it is what the authors train, on DeepFashion and, of 5, on Market-1501.
    levels = sizes['num_levels']
    warped = _count(
        shapes, r'enca_(\d{1,2})_vis_', 4 if levels == 5 else min(5, levels)
    )
    return dict(
        type='DualPathGenerator',
        pose_channels=_inputs(shapes, 'encp_pre_conv.0.weight', 18),
        image_channels=_inputs(shapes, 'enca_pre_conv.0.weight', 3),
        **sizes,
        num_warp_levels=warped,
        warping=dict(type='FeatureWarping', gate=dict(type=MODES[mode])),
    )


def _single_path(shapes):
    image = _outputs(shapes, 'dec_output.1.weight', default=3)
    return dict(
        type='SinglePathGenerator',
        pose_channels=_inputs(shapes, 'pre_conv.0.weight', 18 + image) - image,
        image_channels=image,
        **_residual_unet(shapes),
    )


def _pixel_warping(shapes):
    return dict(type='PixelWarping', **_residual_unet(shapes))


def _regressor(backbone, negative_slope):
    return dict(
        type='FlowRegressor',
        backbone=backbone,
        head=dict(type='PyramidFlowHead', negative_slope=negative_slope),
        flow_scale=0.05,
    )


def _flow_unet_v2(shapes):
    sizes = _residual_unet(shapes, 'pre_conv.0', 'pre_conv.1', levels=5)
    channels = _inputs(shapes, 'pre_conv.0.0.weight', 36)
    return _regressor(
        dict(type='FlowUNetV2', in_channels=channels, **sizes), 0.0
    )


def _flow_unet(shapes):
    widths = [
        shape[0]
        for key, shape in shapes.items()
        if len(shape) == 4 and '.down.' in key
    ]
    # Four levels of "submodule." are the fifth level.
    levels = max(
        (
            key.count('submodule.') + 1
            for key in shapes
            if key.startswith('unet_block.')
        ),
        default=5,
    )
    stem = shapes.get('conv_downsample.0.weight', ())
    return _regressor(
        dict(
            type='FlowUNet',
            in_channels=_inputs(shapes, 'conv_downsample.0.weight', 36),
            base_channels=_outputs(
                shapes,
                'conv_downsample.0.weight',
                'conv_downsample.1.weight',
                default=32,
            ),
            max_channels=max(widths, default=512),
            num_levels=levels,
            stem_kernel_size=stem[2] if len(stem) == 4 else 7,
        ),
        0.1,
    )


def _discriminator(shapes):
    # Layers: 0, then a convolution of a stage every third, last the scores.
    last = _count(shapes, r'model\.(\d{1,2})\.', 12) - 1
    return dict(
        type='PatchDiscriminator',
        in_channels=_inputs(shapes, 'model.0.weight', 24),
        base_channels=_outputs(
            shapes, 'model.0.weight', 'model.0.bias', default=64
        ),
        num_conv=max(math.ceil((last - 2) / 3), 1),
        activation='sigmoid',
    )
