"""The smallest builds of GFLA's registered types, for the walk over all."""

import torch

COUNT, SIZE = 2, 64


def image(channels=3):
    return torch.rand(COUNT, channels, SIZE, SIZE) * 2 - 1


def maps(channels):
    """At levels 2 and 3."""
    return [
        torch.rand(COUNT, channels, SIZE // 2**level, SIZE // 2**level)
        for level in (2, 3)
    ]


UNET = dict(base_channels=4, max_channels=8, num_levels=3)

SMALLEST = {
    'GFLA': None,
    'AffineRegularizationLoss': (
        dict(type='AffineRegularizationLoss'),
        lambda: (maps(2),),
    ),
    'GFLADiscriminator': (
        dict(type='GFLADiscriminator', **UNET),
        lambda: (image(),),
    ),
    'GFLAFlowNet': (
        dict(type='GFLAFlowNet', **UNET),
        lambda: (image(), image(18), image(18)),
    ),
    'GFLAGenerator': (
        dict(type='GFLAGenerator', **UNET, hidden_channels=4),
        lambda: (image(18), image(), maps(2), maps(1)),
    ),
    'SamplingCorrectnessLoss': (
        dict(type='SamplingCorrectnessLoss', layers=('relu1_1', 'relu1_1')),
        lambda: (maps(2), image(), image()),
    ),
}

# Upper bounds for shipped configs.
NARROW = dict(hidden_channels=8)

# What a result has beside the picture.
MAKES = {'GFLA': ('flow', 'warped_image', 'weight_map')}
