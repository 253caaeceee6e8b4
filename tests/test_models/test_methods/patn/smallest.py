"""The smallest builds of PATN's types, for the walk over all."""

import torch


def noise(*channels):
    return tuple(torch.rand(2, count, 64, 64) * 2 - 1 for count in channels)


SMALLEST = {
    'PATN': None,
    'PATNGenerator': (
        dict(type='PATNGenerator', base_channels=2, num_blocks=2, dropout=0),
        lambda: noise(3, 18, 18),
    ),
    'ResidualDiscriminator': (
        dict(type='ResidualDiscriminator', base_channels=2, dropout=0),
        lambda: noise(6),
    ),
}

# What a result has beside the picture.
MAKES = {'PATN': ()}
