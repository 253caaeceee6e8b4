"""The smallest builds of UPIS's registered types, for the walk over all."""

import torch


def image(channels=3):
    return torch.rand(2, channels, 64, 64) * 2 - 1


def joints():
    return torch.rand(2, 18, 3) * 63 + 0.1


SMALLEST = {
    'UPIS': None,
    'HeatmapLoss': (
        dict(type='HeatmapLoss'),
        lambda: (image(18), image(18)),
    ),
    'PatchStyleLoss': (
        dict(type='PatchStyleLoss', layers=('relu1_1',)),
        lambda: (image(), image(), joints(), joints()),
    ),
    'UPISGenerator': (
        dict(
            type='UPISGenerator', base_channels=4, max_channels=8, num_blocks=1
        ),
        lambda: (image(), image(18)),
    ),
}

# Upper bounds for shipped configs.
NARROW = dict(num_blocks=2)

# What a result has beside the picture.
MAKES = {'UPIS': ()}
