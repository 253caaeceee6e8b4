"""The smallest builds of PG2's registered models, for the walk over all."""

import torch

COUNT, SIZE = 2, 64


def image(channels=3):
    return torch.rand(COUNT, channels, SIZE, SIZE) * 2 - 1


def mask():
    return torch.rand(COUNT, 1, SIZE, SIZE).round()


UNET = dict(base_channels=4, num_levels=2)
SMALLEST = {
    'PG2': None,
    'DCGANDiscriminator': (
        dict(type='DCGANDiscriminator', base_channels=4, num_conv=3),
        lambda: (image(),),
    ),
    'PG2CoarseGenerator': (
        dict(type='PG2CoarseGenerator', **UNET, code_channels=8),
        lambda: (image(), image(18)),
    ),
    'PG2NarrowRefineGenerator': (
        dict(type='PG2NarrowRefineGenerator', **UNET),
        lambda: (image(), image()),
    ),
    'PG2RefineGenerator': (
        dict(type='PG2RefineGenerator', **UNET),
        lambda: (image(), image()),
    ),
    'PoseMaskLoss': (
        dict(type='PoseMaskLoss'),
        lambda: (image(), image(), mask()),
    ),
}

# What a result has beside the picture.
MAKES = {'PG2': ('generated_image',)}
