"""NTED's generator
(github.com/RenYurui/Neural-Texture-Extraction-Distribution).

Its checkpoints hold all that training needs; of them the moving average of the
generator's weights, ``net_G_ema``, is what the authors test.
"""

import functools
import re

import torch

from mmposetransfer.errors import UserValueError

from ..pose_encoders import LimbDistancePoses
from .network import (
    Network,
    Recipe,
    Shapes,
    highest,
    rename,
    renamed,
    shown,
)

__all__ = ['AVERAGE', 'METHOD', 'SIGNS', 'read']

METHOD = 'NTED'
#: Where a checkpoint of the authors' trainer has the weights.
AVERAGE = 'net_G_ema'

SIGNS = {
    "NTED's generator": (
        r'(reference_encoder|skeleton_encoder|target_image_renderer)\.'
    )
}
# Filters of the resampling, which are no weights.
_FILTERS = r'.*\.(blur|upsample)\.kernel$'
_TAPS = (1.0, 3.0, 3.0, 1.0)
# Textures are taken twice a level; the last taken are given out first.
_SECOND = 1


def read(name: str, shapes: Shapes, mode: None) -> Network:
    """Read the sizes of the generator off its shapes.

    Args:
        name (str): Key of ``SIGNS``.
        shapes (dict[str, tuple]): Of all its weights, by name.
        mode (None): NTED has none.

    Raises:
        KeyError: If a weight is missing.
    """
    layers = 'reference_encoder.convs'
    base = shapes['reference_encoder.first.conv.weight'][0]
    num_levels = highest(shapes, rf'{re.escape(layers)}\.(\d+)\.')
    widths = [
        shapes[f'{layers}.{index}.conv.weight'][0]
        for index in range(num_levels)
    ]
    filters = [
        shapes[
            f'{layers}.{index}.extraction_operations.0'
            '.semantic_extraction_filter.weight'
        ]
        for index in range(num_levels)
    ]
    config = dict(
        type='NTEDGenerator',
        pose_channels=shapes['skeleton_encoder.first.conv.weight'][1],
        base_channels=base,
        max_channels=max([base, *widths]),
        num_levels=num_levels,
        num_textures=tuple(shape[0] for shape in filters),
        match_kernels=tuple(shape[2] for shape in filters),
        bias_last=True,
    )
    return Network(
        name,
        METHOD,
        dict(generator=config),
        name,
        recipe=functools.partial(_recipe, num_levels),
        data_preprocessor=_data_preprocessor(config),
        needless=_FILTERS,
        check=_check_filters,
    )


def _data_preprocessor(generator):
    """What the authors show it: a drawing of the target's limbs.

    Networks that were trained here see Gaussians, one for each joint.
    """
    limbs = generator['pose_channels'] == LimbDistancePoses.out_channels
    return shown(
        generator['num_levels'],
        dict(type='LimbDistancePoses') if limbs else None,
        sides=('tgt',),
    )


def _recipe(num_levels, component, name, shape) -> Recipe:
    return renamed(rename(name, _rules(num_levels)), shape)


def _rules(num_levels):
    """From our names; levels of the decoder are counted from the coarsest."""

    def renderer(level):
        return f'target_image_renderer.convs.{num_levels - level}.'

    def encoder(part):
        return lambda found: f'{part}_encoder.convs.{int(found[1]) - 1}.'

    return [
        (r'^ref_encoder\.0\.', 'reference_encoder.first.'),
        (r'^ref_encoder\.(\d+)\.', encoder('reference')),
        (r'^pose_encoder\.0\.', 'skeleton_encoder.first.'),
        (r'^pose_encoder\.(\d+)\.', encoder('skeleton')),
        (
            r'^extractions\.(\d+)\.(\d)\.',
            lambda found: (
                f'reference_encoder.convs.{found[1]}.extraction_operations.'
                f'{_SECOND - int(found[2])}.'
            ),
        ),
        (r'(operations\.\d\.)filters\.', r'\1semantic_extraction_filter.'),
        (r'(operations\.\d\.)values\.', r'\1value_conv.'),
        (
            r'^distributions\.(\d+)\.(\d)\.filters\.',
            lambda found: (
                f'{renderer(int(found[1]) + 1)}conv{found[2]}.'
                'distribution_operation.semantic_distribution_filter.'
            ),
        ),
        (
            r'^convs\.(\d+)\.(\d)\.',
            lambda found: f'{renderer(int(found[1]))}conv{found[2]}.',
        ),
        (
            r'^to_rgb\.(\d+)\.',
            lambda found: f'{renderer(int(found[1]))}to_rgb.conv.',
        ),
        # A bias is added with the LeakyReLU.
        (r'(first|convs\.\d+|conv\d)\.weight$', r'\1.conv.weight'),
        (r'(first|convs\.\d+|conv\d)\.bias$', r'\1.activate.bias'),
    ]


def _check_filters(weights):
    """Refuse another filter than ours, which is part of the code."""
    taps = torch.tensor(_TAPS)
    square = taps[:, None] * taps / taps.sum() ** 2
    for name, kernel in weights.items():
        if not re.match(_FILTERS, name):
            continue
        if kernel.shape != square.shape or not torch.allclose(
            kernel.float() / kernel.sum(), square, atol=1e-5
        ):
            raise UserValueError(
                f"'{name}' is another filter than [1, 3, 3, 1]: our generator "
                'resamples by no other.'
            )
