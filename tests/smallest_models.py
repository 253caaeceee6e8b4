"""The smallest build of every registered model, for the walk over all."""

import runpy
from pathlib import Path

import torch
from synthetic_batch import make_batch

__all__ = ['COUNT', 'MAKES', 'NARROW', 'SIZE', 'SMALLEST', 'shrink']

SIZE = 64
COUNT = 2


def image(channels=3, size=SIZE):
    return torch.rand(COUNT, channels, size, size) * 2 - 1


def flow(size=SIZE):
    return 4 * torch.randn(COUNT, 2, size, size)


def classes(high, size=SIZE):
    return torch.randint(0, high, (COUNT, 1, size, size), dtype=torch.uint8)


def pyramid(channels):
    return [image(c, SIZE // 2**level) for level, c in enumerate(channels, 1)]


UNET = dict(base_channels=4, max_channels=8, num_levels=2)
FLOW_UNET = dict(type='FlowUNet', **UNET)


def pose_pair():
    return image(18), image(18)


def poses(kind, **arguments):
    joints = torch.rand(COUNT, 18, 3) * SIZE
    return dict(type=kind, **arguments), lambda: (joints, (SIZE, SIZE))


def gate(kind):
    return dict(type=kind, channels=4), lambda: (image(4), classes(3))


def logits():
    return torch.randn(COUNT, 3)


RESNET = dict(type='ResNetTrunk', depths=(1,), width=4, resize=40, crop=32)

# Type -> its smallest config, and a function that makes the inputs of its
# forward. Methods are walked as configs, below.
SMALLEST = {
    'AttributeLoss': (
        dict(type='AttributeLoss'),
        lambda: (logits(), torch.randint(-1, 2, (COUNT, 3))),
    ),
    'CategoryLoss': (
        dict(type='CategoryLoss'),
        lambda: (logits(), torch.randint(0, 3, (COUNT,))),
    ),
    'ClothingClassifier': (
        dict(type='ClothingClassifier', trunk=RESNET, num_labels=3),
        lambda: (image(),),
    ),
    # It makes tensors of pictures, and has nothing to learn.
    'ClothingPreprocessor': None,
    'DIPT': None,
    'DiscPoses': poses('DiscPoses'),
    'GaussianPoses': poses('GaussianPoses'),
    'LimbDistancePoses': poses('LimbDistancePoses'),
    'LimbMask': poses('LimbMask'),
    'StickPoses': poses('StickPoses'),
    'DualPathGenerator': (
        dict(type='DualPathGenerator', **UNET, num_warp_levels=1),
        lambda: (image(18), image(), flow(), classes(3)),
    ),
    'FeatureWarping': (
        dict(type='FeatureWarping', channels=4),
        lambda: (image(4), flow(), classes(3)),
    ),
    # It learns nothing, and no gradient goes through a fit.
    'FittedFlow': None,
    'FlowRegressor': (
        dict(type='FlowRegressor', backbone=FLOW_UNET),
        pose_pair,
    ),
    'FlowUNet': (FLOW_UNET, lambda: (image(36),)),
    'FlowUNetV2': (dict(type='FlowUNetV2', **UNET), lambda: (image(36),)),
    'FlowWarp': (dict(type='FlowWarp'), lambda: (image(), flow())),
    'GANLoss': (dict(type='GANLoss'), lambda: (image(1), True)),
    'HardGate': gate('HardGate'),
    # 24 million weights: walked as the smaller ResNetTrunk.
    'InceptionTrunk': None,
    'L1Loss': (dict(type='L1Loss'), lambda: (image(), image())),
    'FaceLoss': (
        dict(type='FaceLoss', loss=dict(type='L1Loss'), size=8),
        lambda: (image(), image(), torch.rand(COUNT, 18, 3) * SIZE),
    ),
    'LiteFeaturesLoss': (
        dict(type='LiteFeaturesLoss', stage_weights=[1.0]),
        lambda: (image(), image()),
    ),
    'LiteTrunk': (
        dict(type='LiteTrunk', height=32, stages=(2,), grid=(1, 1)),
        lambda: (image(),),
    ),
    'MultiScaleEPELoss': (
        dict(type='MultiScaleEPELoss'),
        lambda: (pyramid([2, 2]), flow(), classes(3)),
    ),
    'FeatureDiscriminator': (
        dict(type='FeatureDiscriminator', stages=(1, 2), channels=4),
        lambda: (image(21),),
    ),
    'PatchDiscriminator': (
        dict(type='PatchDiscriminator', base_channels=4, num_conv=2),
        lambda: (image(24),),
    ),
    'PerceptualLoss': (
        dict(type='PerceptualLoss', layer_weights=dict(relu1_1=1.0)),
        lambda: (image(), image()),
    ),
    'PixelWarping': (
        dict(type='PixelWarping', **UNET),
        lambda: (image(), image(), flow(), classes(3)),
    ),
    'PlainGate': gate('PlainGate'),
    'PoseTransferDataPreprocessor': (
        dict(type='PoseTransferDataPreprocessor'),
        lambda: (make_batch(COUNT, SIZE),),
    ),
    'PyramidFlowHead': (
        dict(type='PyramidFlowHead', in_channels=[4, 8]),
        lambda: (pyramid([4, 8]),),
    ),
    'ResNetTrunk': (RESNET, lambda: (image(),)),
    'ResidualGate': gate('ResidualGate'),
    'ResidualGateNoVis': gate('ResidualGateNoVis'),
    'ResidualUNet': (
        dict(type='ResidualUNet', in_channels=3, out_channels=3, **UNET),
        lambda: (image(),),
    ),
    'SegmentationSensitiveFlowLoss': (
        dict(type='SegmentationSensitiveFlowLoss'),
        lambda: (flow(), flow(), classes(3), classes(7), classes(7), 0.05),
    ),
    'SinglePathGenerator': (
        dict(type='SinglePathGenerator', **UNET),
        lambda: (image(18), image()),
    ),
    'SoftGate': gate('SoftGate'),
    'StyleLoss': (
        dict(type='StyleLoss', layers=('relu1_1',)),
        lambda: (image(), image()),
    ),
    'VisibilityLoss': (
        dict(type='VisibilityLoss'),
        lambda: (image(3), classes(3)),
    ),
}

# Upper bounds, wherever a shipped config has such a key.
NARROW = dict(
    base_channels=4,
    max_channels=8,
    num_levels=5,
    num_warp_levels=2,
    num_conv=2,
    pad_size_divisor=64,
)

# Method -> what a result of the inferencer has beside the picture, in the
# order of a strip's panels.
MAKES = {
    'DIPT': (
        'flow',
        'visibility',
        'warped_image',
        'weight_map',
        'generated_image',
    )
}

# Methods bring theirs in a file beside their tests.
_METHODS = Path(__file__).parent / 'test_models' / 'test_methods'
for _path in sorted(_METHODS.glob('*/smallest.py')):
    _method = runpy.run_path(str(_path))
    SMALLEST |= _method['SMALLEST']
    MAKES |= _method['MAKES']
    NARROW |= _method.get('NARROW', {})


def shrink(config, **tighter):
    """A copy of a model's config with narrow networks that take 64x64.

    Args:
        config (dict): At any depth, numbers above those of NARROW are
            replaced.
        **tighter: Bounds in place of those of NARROW.
    """
    if isinstance(config, (list, tuple)):
        return type(config)(shrink(value, **tighter) for value in config)
    if not isinstance(config, dict):
        return config
    bounds = NARROW | tighter
    small = {
        key: min(value, bounds[key])
        if key in bounds and not isinstance(value, dict)
        else shrink(value, **tighter)
        for key, value in config.items()
    }
    if small.get('type') == 'PerceptualLoss':
        small['layer_weights'] = dict(relu1_1=1.0)
    for key in ('num_textures', 'match_kernels'):  # one for each level
        if key in small:
            small[key] = small[key][-small['num_levels'] :]
    return small
