"""The smallest builds of the completion's types, for the walk over all."""

import torch

COUNT, SIZE = 2, 64


def image(channels=3):
    return torch.rand(COUNT, channels, SIZE, SIZE) * 2 - 1


def share():
    return torch.rand(COUNT, 1, SIZE, SIZE)


SMALLEST = {
    'CompletionDIPT': None,
    'CompletionGenerator': (
        dict(
            type='CompletionGenerator',
            channels=(8, 8),
            blocks=(1, 1),
            heads=2,
        ),
        lambda: (
            image(),
            share(),
            share(),
            share(),
            image(),
            image(18),
            image(),
            share(),
            image(18),
            4 * image(2),
            torch.randint(0, 256, (COUNT, 2, SIZE, SIZE)).byte(),
        ),
    ),
}

# What a result has beside the picture.
MAKES = {
    'CompletionDIPT': (
        'flow',
        'visibility',
        'warped_image',
        'weight_map',
        'generated_image',
    )
}
