"""The smallest builds of NTED's registered types, for the walk over all."""

import torch

COUNT, SIZE = 2, 64


def image(channels=3):
    return torch.rand(COUNT, channels, SIZE, SIZE) * 2 - 1


def attentions():
    """One set of five textures on 8x8 places."""
    weights = torch.rand(COUNT, 5, 64).softmax(-1)
    return [(weights, torch.randn(COUNT, 5, 8, 8))]


WIDTHS = dict(base_channels=4, max_channels=8)

SMALLEST = {
    'NTED': None,
    'AttentionReconstructionLoss': (
        dict(type='AttentionReconstructionLoss'),
        lambda: (attentions(), image(), image()),
    ),
    'NTEDDiscriminator': (
        dict(type='NTEDDiscriminator', **WIDTHS, num_levels=4),
        lambda: (image(),),
    ),
    'NTEDGenerator': (
        dict(
            type='NTEDGenerator',
            **WIDTHS,
            num_levels=2,
            num_textures=(6, 4),
            match_kernels=(3, 1),
        ),
        lambda: (image(), image(18)),
    ),
    # Of logits that follow from the picture.
    'R1Penalty': None,
}

# What a result has beside the picture.
MAKES = {'NTED': ()}
