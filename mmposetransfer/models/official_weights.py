"""Use the weights of the paper's own networks in ours."""

import re

__all__ = ['convert_official_state_dict']

# (pattern, replacement) applied in order to every key of one network.
_BLOCKS = [
    (r'\.conv_a\.', '.extra.'),
    (r'(?:^|(?<=\.))dec_(\d+)_upsample\.', r'decoder.upsamples.\1.'),
    (r'(?:^|(?<=\.))dec_(\d+)_res_(\d+)\.', r'decoder.levels.\1.\2.'),
    (r'^enc_(\d+)_res_(\d+)\.', r'encoder.levels.\1.\2.'),
    (r'^enc_(\d+)_downsample\.1\.', r'encoder.downsamples.\1.1.0.'),
    (r'^enc_(\d+)_downsample\.2\.', r'encoder.downsamples.\1.1.1.'),
]
_DUAL = [
    (r'^encp_pre_conv\.', 'pose_stem.'),
    (r'^enca_pre_conv\.', 'image_stem.'),
    (r'^encp_(\d+)_res_(\d+)\.', r'pose_encoder.levels.\1.\2.'),
    (r'^enca_(\d+)_res_(\d+)\.', r'image_encoder.levels.\1.\2.'),
    (r'^enca_(\d+)_vis_(\d+)\.', r'warpings.\1.\2.gate.block.'),
    (r'^encp_(\d+)_downsample\.1\.', r'pose_encoder.downsamples.\1.1.0.'),
    (r'^encp_(\d+)_downsample\.2\.', r'pose_encoder.downsamples.\1.1.1.'),
    (r'^enca_(\d+)_downsample\.1\.', r'image_encoder.downsamples.\1.1.0.'),
    (r'^enca_(\d+)_downsample\.2\.', r'image_encoder.downsamples.\1.1.1.'),
    (r'^dec_fuse\.', 'fuse.'),
    (r'^dec_output\.', 'head.'),
] + _BLOCKS
_SINGLE = [(r'^pre_conv\.', 'stem.'), (r'^dec_output\.', 'head.')] + _BLOCKS
_PIXEL_WARPING = [
    (r'^pre_conv\.', 'stem.'),
    (r'^dec_output_0\.0\.', 'head.0.'),
    (r'^dec_output_0\.3\.', 'head.2.1.'),
] + _BLOCKS
_FLOW_V2 = [
    (r'^pre_conv\.3\.', 'stem.2.1.0.'),
    (r'^pre_conv\.4\.', 'stem.2.1.1.'),
    (r'^pre_conv\.', 'stem.'),
    (r'^pred_flow_(\d+)\.', r'head.flows.\1.'),
    (r'^pred_vis\.', 'head.visibility.'),
] + _BLOCKS + [(r'^(?!head\.)', 'backbone.')]
_FLOW = [
    (r'^conv_downsample\.([01])\.', r'backbone.stem.0.0.\1.'),
    (r'^conv_downsample\.3\.', 'backbone.stem.1.0.0.'),
    (r'^conv_downsample\.4\.', 'backbone.stem.1.0.1.'),
    (r'^predict_vis\.', 'head.visibility.'),
]


def _rename_nested(key):
    """Names of the recursive U-Net: its depth is the level."""
    level = key.count('submodule.')
    key = re.sub(r'^unet_block\.(submodule\.)*', '', key)
    key = re.sub(r'^predict_flow\.', f'head.flows.{level}.', key)
    return re.sub(r'^(down|up)\.', rf'backbone.\g<1>s.{level}.', key)


def _generator_config(keys):
    gate = 'PlainGate'
    if any('_vis_' in key for key in keys):
        gate = ('ResidualGate' if any('_vis_0.conv_a.' in key
                                      for key in keys)
                else 'ResidualGateNoVis')
    return dict(type='DualPathGenerator',
                warping=dict(type='FeatureWarping', gate=dict(type=gate)))


def _recognise(keys):
    """Config and renaming rules of the network that has these keys."""
    if 'encp_pre_conv.0.weight' in keys:
        return _generator_config(keys), _DUAL
    if 'dec_output_0.3.weight' in keys:
        return dict(type='PixelWarping'), _PIXEL_WARPING
    if 'pred_vis.1.weight' in keys:
        return dict(type='FlowRegressor', backbone=dict(type='FlowUNetV2'),
                    head=dict(type='PyramidFlowHead', negative_slope=0.0)
                    ), _FLOW_V2
    if 'predict_vis.1.weight' in keys:
        return dict(type='FlowRegressor', backbone=dict(type='FlowUNet'),
                    head=dict(type='PyramidFlowHead')), _FLOW
    if 'dec_output.1.weight' in keys and 'pre_conv.0.weight' in keys:
        return dict(type='SinglePathGenerator'), _SINGLE
    if 'model.11.weight' in keys:
        return dict(type='PatchDiscriminator', in_channels=24), []
    raise ValueError(
        'These are not the weights of an official network: none of the keys '
        'that tell netG, netPW, netF or netD apart is among '
        f'{sorted(keys)[:5]} ...')


def convert_official_state_dict(state_dict):
    """Bring the weights of one official network into our names.

    Args:
        state_dict (dict): Name -> tensor, of netG (modes residual, none,
            res_no_vis and single), netPW, netF (unet and unet_v2) or netD.

    Returns:
        tuple[dict, dict]: The state dict for our module, and the config
        that ``MODELS.build`` makes the module from.

    Raises:
        ValueError: If the keys belong to no official network.
    """
    config, rules = _recognise(set(state_dict))
    converted = {}
    for key, value in state_dict.items():
        name = _rename_nested(key) if key.startswith('unet_block.') else key
        for pattern, replacement in rules:
            name = re.sub(pattern, replacement, name)
        converted[name] = value
    return converted, config
