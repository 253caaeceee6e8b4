"""PATN's networks (github.com/tengteng95/Pose-Transfer): netG and netD."""

import functools
import re

from mmposetransfer.errors import UserValueError

from .network import (
    NOTHING,
    Network,
    Recipe,
    Shapes,
    highest,
    rename,
    renamed,
    shown,
)

__all__ = ['METHOD', 'SIGNS', 'read']

METHOD = 'PATN'

SIGNS = {
    "PATN's netG": r'model\.(stream[12]_|att\.)',
    "PATN's netD": r'model\.\d+\.conv_block\.',
}

# torch 0.3 stored running statistics of InstanceNorm, too, and never used
# them.
_STATISTICS = r'.*\.(running_mean|running_var|num_batches_tracked)$'
# The first layer of the network of another branch.
_FINE = 'model.stream1_down.0.1.'
_IMAGE_PAIR = 6  # channels
_LEVEL = 3  # layers: convolution, normalisation, ReLU


def read(name: str, shapes: Shapes, mode: None) -> Network:
    """Read the sizes of a network off its shapes.

    Args:
        name (str): Key of ``SIGNS``.
        shapes (dict[str, tuple]): Of all its weights, by name.
        mode (None): PATN has none.

    Raises:
        ValueError: For the network of another branch.
        KeyError: If a weight is missing.
    """
    if any(key.startswith(_FINE) for key in shapes):
        raise UserValueError(
            "This is netG of PATN's branch PATN_Fine, which copies features "
            'along boxes of the body: another network, which is not here.'
        )
    instance = not any(
        len(shape) == 1 and key.endswith('.weight')
        for key, shape in shapes.items()
    )
    # Without it the second convolution of a block is its layer 5, not 6.
    dropout = not any(re.search(r'conv_block\w*\.5\.', key) for key in shapes)
    common = dict(
        norm='instance' if instance else 'batch',
        dropout=0.5 if dropout else 0.0,
    )
    if name == "PATN's netG":
        configs = dict(generator=_generator(shapes, common))
        preprocessor = _data_preprocessor(instance, configs['generator'])
    else:
        configs, preprocessor = _discriminator(shapes, common), None
    return Network(
        name,
        METHOD,
        configs,
        f'{name} with {common["norm"]} normalisation',
        recipe=functools.partial(_recipe, dropout),
        data_preprocessor=preprocessor,
        needless=_STATISTICS if instance else NOTHING,
    )


def _data_preprocessor(instance, generator):
    """What the authors show it, of which the normalisation tells the data.

    Pose maps of DeepFashion, whose networks have InstanceNorm, are stored as
    whole numbers, so of each Gaussian its centre is left.
    """
    points = dict(type='DiscPoses', radius=0) if instance else None
    return shown(generator['num_levels'], points)


def _levels(shapes, stream):
    """How often an encoder halves the size: its convolutions less one."""
    last = highest(shapes, rf'{stream}\.(\d+)\.(?!conv_block)')
    return (last - 1) // _LEVEL


def _generator(shapes, common):
    return dict(
        type='PATNGenerator',
        base_channels=shapes['model.stream1_down.1.weight'][0],
        num_levels=_levels(shapes, r'model\.stream1_down'),
        num_blocks=highest(shapes, r'model\.att\.(\d+)\.'),
        pose_channels=shapes['model.stream2_down.1.weight'][1],
        **common,
    )


def _discriminator(shapes, common):
    base_channels, in_channels = shapes['model.1.weight'][:2]
    blocks = {
        re.match(r'model\.(\d+)\.', key)[1]
        for key in shapes
        if '.conv_block.' in key
    }
    judged = 'appearance' if in_channels == _IMAGE_PAIR else 'shape'
    return {
        f'discriminator_{judged}': dict(
            type='ResidualDiscriminator',
            in_channels=in_channels,
            base_channels=base_channels,
            num_levels=_levels(shapes, 'model'),
            num_blocks=len(blocks),
            **common,
        )
    }


def _recipe(dropout, component, name, shape) -> Recipe:
    rules = _GENERATOR if component == 'generator' else _DISCRIMINATOR
    return renamed(_in_block(rename(name, rules), dropout), shape)


def _later(found):
    """A layer after the published reflection padding, which ours does in the
    convolution.
    """
    return f'{found[1]}{int(found[2]) + 1}.'


_GENERATOR = [
    (r'^image_encoder\.', 'model.stream1_down.'),
    (r'^pose_encoder\.', 'model.stream2_down.'),
    (r'^(model\.stream[12]_down\.)(\d+)\.', _later),
    (r'^blocks\.(\d+)\.image_convs\.', r'model.att.\1.conv_block_stream1.'),
    (r'^blocks\.(\d+)\.pose_convs\.', r'model.att.\1.conv_block_stream2.'),
    (r'^decoder\.', 'model.stream1_up.'),
    # The last convolution and its padding are one layer of ours.
    (r'^(model\.stream1_up\.)(\d+)\.1\.', _later),
]
_DISCRIMINATOR = [
    (r'^(model\.)(\d+)\.', _later),
    (r'^(model\.\d+\.)convs\.', r'\1conv_block.'),
]


def _in_block(name, dropout):
    """Two convolutions of a block, each after a padding of its own.

    Our layers are convolution, norm, ReLU, dropout, convolution, norm.
    """
    second = 6 if dropout else 5
    places = {0: 1, 1: 2, 4: second, 5: second + 1}
    return re.sub(
        r'(conv_block\w*\.)(\d+)\.',
        lambda found: f'{found[1]}{places[int(found[2])]}.',
        name,
    )
