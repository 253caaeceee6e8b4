"""The smallest builds of HAT's registered types, for the walk over all."""

import torch

COUNT, SIZE = 2, 64


def image(channels=3):
    return torch.rand(COUNT, channels, SIZE, SIZE) * 2 - 1


def mask():
    return torch.rand(COUNT, 1, SIZE, SIZE).round()


UNET = dict(base_channels=4, max_channels=8, num_levels=2)
SMALLEST = {
    'HAT': None,
    'HATGenerator': (
        dict(type='HATGenerator', **UNET),
        lambda: (image(), mask(), mask(), image(), image(18)),
    ),
    'HATSurfaceNet': (
        dict(type='HATSurfaceNet', **UNET),
        lambda: (image(), mask(), mask(), image(18), image(), image(18)),
    ),
}

# What a result has beside the picture.
MAKES = {
    'HAT': (
        'flow',
        'visibility',
        'warped_image',
        'weight_map',
        'generated_image',
    )
}
