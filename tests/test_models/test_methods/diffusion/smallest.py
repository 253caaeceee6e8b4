"""The smallest builds of the diffusion method's types, for the walk."""

import torch

COUNT, SIZE = 2, 64


def image(channels=3):
    return torch.rand(COUNT, channels, SIZE, SIZE) * 2 - 1


SMALLEST = {
    'PoseDiffusion': None,
    # Steps of noise, without a forward of its own.
    'DiffusionProcess': None,
    'DenoisingLoss': (
        dict(type='DenoisingLoss'),
        lambda: (image(), image()),
    ),
    'PoseDenoiser': (
        dict(
            type='PoseDenoiser',
            patch_size=4,
            base_channels=4,
            num_levels=2,
            attention_levels=(1,),
        ),
        lambda: (
            image(),
            torch.tensor([3, 700]),
            image(18),
            image(),
            image(18),
        ),
    ),
}

# Upper bounds for shipped configs.
NARROW = dict(num_steps=2)

# What a result has beside the picture.
MAKES = {'PoseDiffusion': ()}
