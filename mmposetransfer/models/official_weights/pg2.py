"""PG2's generators
(github.com/charliememory/Pose-Guided-Person-Image-Generation).

Its checkpoints are TensorFlow's and hold both generators, and a critic and
what training needs, which are left out. Convolutions are counted in the order
in which they were made; places come before channels in all shapes.
"""

import functools
import math
import re

from .network import Network, Recipe, Shapes, highest, renamed, shown

__all__ = ['METHOD', 'SIGNS', 'read']

METHOD = 'PG2'

_COARSE, _REFINE = 'Pose_AE/G/', 'UAEnoFC/G/'
SIGNS = {"PG2's generators": f'{_COARSE}|{_REFINE}'}
# The critic, learning rates, and powers of Adam's betas.
_NEEDLESS = r'(Discriminator\.|(g_lr|d_lr|step|beta\d_power)(_\d+)?$)'
_KINDS = dict(weight='weights', bias='biases')


def read(name: str, shapes: Shapes, mode: None) -> Network:
    """Read the sizes of both generators off their shapes.

    Args:
        name (str): Key of ``SIGNS``.
        shapes (dict[str, tuple]): Of all variables, by name.
        mode (None): PG2 has none.

    Raises:
        KeyError: If a variable is missing.
    """
    first = shapes[f'{_COARSE}Conv/weights']
    # Six convolutions a level of the coarse generator, five and one more of
    # the other one.
    levels = math.ceil(highest(shapes, rf'{_COARSE}Conv_(\d+)/') / 6)
    fewer = math.ceil((highest(shapes, rf'{_REFINE}Conv_(\d+)/') - 1) / 5)
    from_code = shapes[f'{_COARSE}fully_connected_1/weights']
    base = first[3]
    places = from_code[1] // base
    # What the decoder's last level sees beside what comes from below.
    seen = shapes[f'{_REFINE}Conv_{5 * fewer - 2}/weights'][2]
    configs = dict(
        generator_coarse=dict(
            type='PG2CoarseGenerator',
            bottleneck_size=_size(places),
            pose_channels=first[2] - 3,
            base_channels=base,
            num_levels=levels,
            code_channels=from_code[0],
            tf_padding=True,
        ),
        generator_refine=dict(
            type='PG2NarrowRefineGenerator',
            base_channels=shapes[f'{_REFINE}Conv/weights'][3],
            num_levels=fewer,
            finest_skip=seen > base,
        ),
    )
    return Network(
        name,
        METHOD,
        configs,
        name,
        recipe=functools.partial(_recipe, configs),
        # The sizes are fixed: nothing is to be padded.
        data_preprocessor=shown(
            0, dict(type='DiscPoses', radius=4, low=-1), sides=('tgt',)
        ),
        needless=_NEEDLESS,
    )


def _size(places):
    """Height and width of the bottleneck: a square, or two of them."""
    side = math.isqrt(places)
    if side**2 == places:
        return side, side
    side = math.isqrt(places // 2)
    return 2 * side, side


def _recipe(configs, component, name, shape) -> Recipe:
    config = configs[component]
    layer, _, kind = name.rpartition('.')
    if component == 'generator_coarse':
        if layer in ('to_code', 'from_code'):
            size = config['bottleneck_size']
            return _fully_connected(layer, kind, shape, size)
        number, scope = _of_coarse(layer, config['num_levels']), _COARSE
    else:
        number, scope = _of_refine(layer, config['num_levels']), _REFINE
    name = f'{scope}Conv_{number}' if number else f'{scope}Conv'
    return _convolution(f'{name}/{_KINDS[kind]}', shape)


def _convolution(name, shape):
    """Height, width, inputs, outputs -> outputs, inputs, height, width."""
    if len(shape) == 1:
        return renamed(name, shape)
    out, inputs, *kernel = shape
    return Recipe(
        {name: (*kernel, inputs, out)},
        lambda weight: weight.permute(3, 2, 0, 1).contiguous(),
    )


def _fully_connected(layer, kind, shape, size):
    """Features are rows of places, then channels, not the other way round."""
    places = math.prod(size)
    name = f'{_COARSE}fully_connected'
    if layer == 'to_code' and kind == 'bias':
        return renamed(f'{name}/biases', shape)
    if layer == 'to_code':
        return Recipe(
            {f'{name}/weights': shape[::-1]},
            lambda weight: (
                weight.unflatten(0, (places, -1)).permute(2, 1, 0).flatten(1)
            ),
        )
    if kind == 'bias':
        return Recipe(
            {f'{name}_1/biases': shape},
            lambda bias: bias.unflatten(0, (places, -1)).T.flatten(),
        )
    return Recipe(
        {f'{name}_1/weights': shape[::-1]},
        lambda weight: (
            weight.unflatten(1, (places, -1)).permute(2, 1, 0).flatten(0, 1)
        ),
    )


def _of_coarse(layer, levels):
    """Number of a convolution: of the encoder, then of the decoder."""
    if layer == 'encoder.stem':
        return 0
    if layer == 'decoder.head':
        return 6 * levels - 1
    part, kind, level, *which = re.split(r'\.', layer)
    level, second = int(level), which == ['second']
    if part == 'encoder':
        return 3 * level + (3 if kind == 'downsamples' else 1 + second)
    if kind == 'upsamples':  # from the level below
        return 3 * levels + 3 * (levels - 2 - level) + 2
    return 3 * levels + 3 * (levels - 1 - level) + second


def _of_refine(layer, levels):
    """The same; within two convolutions the second one is layer 2."""
    if layer == 'stem':
        return 0
    if layer == 'head':
        return 5 * levels
    part, level, *which = layer.split('.')
    level, second = int(level), which == ['2']
    if part == 'downsamples':
        return 3 * level + 3
    if part == 'encoder':
        return 3 * level + 1 + second
    return 3 * levels + 2 * (levels - 1 - level) + second
