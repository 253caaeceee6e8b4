"""The smallest builds of DPIG's registered models, for the walk over all."""

import torch

COUNT, SIZE = 2, 64


def image(channels=3):
    return torch.rand(COUNT, channels, SIZE, SIZE) * 2 - 1


def joints():
    return torch.rand(COUNT, 18, 3) * SIZE + 0.1


SMALLEST = {
    'DPIG': None,
    'CodeCritic': (
        dict(type='CodeCritic', channels=6, hidden_channels=8),
        lambda: (torch.randn(COUNT, 6),),
    ),
    'CodeMapper': (
        dict(type='CodeMapper', channels=6, hidden_channels=8),
        lambda: (torch.randn(COUNT, 6),),
    ),
    'DPIGGenerator': (
        dict(
            type='DPIGGenerator',
            base_channels=4,
            num_levels=2,
            code_channels=8,
            region_size=8,
            region_levels=2,
            region_channels=4,
            background_channels=4,
        ),
        lambda: (image(), joints(), image(18), image(1).round().abs()),
    ),
    'PoseAutoencoder': (
        dict(type='PoseAutoencoder', code_channels=4, hidden_channels=8),
        lambda: (torch.rand(COUNT, 54),),
    ),
}
NARROW = dict(region_size=16, region_levels=3, hidden_channels=16)

# What a result has beside the picture.
MAKES = {'DPIG': ()}
