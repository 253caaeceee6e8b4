"""The smallest builds of DPT's registered types, for the walk over all."""

import torch


def textures(channels):
    return torch.rand(2, 24, channels, 8, 8)


SMALLEST = {
    'DPT': None,
    'TextureCompletion': (
        dict(type='TextureCompletion', base_channels=2, num_levels=2),
        lambda: (textures(3) * 2 - 1, textures(1)),
    ),
}

# Upper bounds for shipped configs.
NARROW = dict(texture_size=16)

# What a result has beside the picture.
MAKES = {'DPT': ('warped_image', 'weight_map', 'generated_image')}
