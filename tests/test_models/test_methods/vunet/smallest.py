"""The smallest builds of VUnet's registered models, for the walk over all."""

import torch

COUNT, SIZE = 2, 64


def image(channels=3, size=SIZE):
    return torch.rand(COUNT, channels, size, size) * 2 - 1


def means():
    return [torch.randn(COUNT, 4, side, side) for side in (4, 8)]


SMALLEST = {
    'VUNet': None,
    'VUNetGenerator': (
        dict(
            type='VUNetGenerator',
            base_channels=4,
            max_channels=8,
            num_levels=4,
            crop_factor=2,
        ),
        lambda: (image(), image(24, SIZE // 2)),
    ),
    'LatentDivergence': (
        dict(type='LatentDivergence', begin=0, end=10),
        lambda: (means(), means(), torch.tensor(4)),
    ),
}
# Crops as large as pictures of 32 and of 64 want it.
NARROW = dict(crop_factor=2)

# What a result has beside the picture.
MAKES = {'VUNet': ()}
