"""The smallest builds of DSC's registered types, for the walk over all."""

import torch

COUNT, SIZE = 2, 64


def image(channels=3):
    return torch.rand(COUNT, channels, SIZE, SIZE) * 2 - 1


def joints():
    return SIZE * torch.rand(COUNT, 18, 3) + 0.1


SMALLEST = {
    'DSC': None,
    'DSCDiscriminator': (
        dict(type='DSCDiscriminator', base_channels=2, num_conv=2),
        lambda: (image(42),),
    ),
    'DSCGenerator': (
        dict(
            type='DSCGenerator',
            base_channels=2,
            max_channels=4,
            num_levels=3,
            num_warp_levels=2,
            dropout=0,
        ),
        lambda: (image(), image(18), image(18), joints(), joints()),
    ),
    'NearestNeighbourLoss': (
        dict(type='NearestNeighbourLoss', layer='relu1_1', window=3),
        lambda: (image(), image()),
    ),
}

# What a result has beside the picture.
MAKES = {'DSC': ()}
