"""GFLA's networks (github.com/RenYurui/Global-Flow-Local-Attention): net_G.

Its generator holds the flow network, too, which ours has as a component of
its own. The first stage of training publishes the flow network alone.
"""

import functools
import re

import torch

from mmposetransfer.errors import UserValueError

from .network import (
    Network,
    Recipe,
    Shapes,
    highest,
    rename,
    renamed,
    shown,
)

__all__ = ['METHOD', 'SIGNS', 'read']

METHOD = 'GFLA'

SIGNS = {
    "GFLA's net_G": r'(source|target)\.(block0|encoder\d+|decoder\d+)\.',
    "GFLA's flow network": r'flow_net\.',
    "GFLA's net_D": r'(block0|encoder\d+)\.(model|shortcut)\.',
}
# Layers that the published modules have under two names.
_TWINS = r'(.*\.(?:outconv|jump\d+)\.)conv1\.'


def read(name: str, shapes: Shapes, mode: None) -> Network:
    """Read the sizes of a network off its shapes.

    Args:
        name (str): Key of ``SIGNS``.
        shapes (dict[str, tuple]): Of all its weights, by name.
        mode (None): GFLA has none.

    Raises:
        ValueError: For the discriminator, which ours cannot be.
        KeyError: If a weight is missing.
    """
    if name == "GFLA's net_D":
        raise UserValueError(
            "GFLA's net_D cannot be converted: it halves sizes by 4x4 "
            'convolutions, our discriminator by means. Only training on needs '
            'it: leave it out.'
        )
    configs = dict(flow_net=_flow_net(shapes))
    needless = [_TWINS]
    if name == "GFLA's net_G":
        configs['generator'] = _generator(shapes)
        # Levels of the reference that the attention never looks at.
        deepest = max(configs['generator']['warp_levels'])
        needless += [
            rf'source\.encoder{index}\.'
            for index in range(deepest - 1, _levels(shapes, 'source') - 1)
        ]
    return Network(
        name,
        METHOD,
        configs,
        name,
        recipe=functools.partial(_recipe, configs),
        data_preprocessor=_data_preprocessor(configs['flow_net']),
        needless='|'.join(needless),
        check=_check_twins,
    )


def _data_preprocessor(flow_net):
    """What the authors show it, of which the weights tell the data alone.

    The networks of DeepFashion have two flows, for pictures of 256x176 that
    are stretched; those of Market-1501 have one, for pictures as they are.
    """
    stretched = flow_net['flow_levels'] == (2, 3)
    more = dict(network_size=(256, 256)) if stretched else {}
    return shown(flow_net['num_levels'], **more)


def _levels(shapes, part):
    return 1 + highest(shapes, rf'{part}\.encoder(\d+)\.')


def _channels(shapes, part):
    """Channels of the finest level, and their upper bound."""
    base = shapes[f'{part}.block0.model.2.weight'][0]
    widths = [
        shape[0]
        for key, shape in shapes.items()
        if re.match(rf'{part}\.encoder\d+\.model\.2\.weight', key)
    ]
    return dict(base_channels=base, max_channels=max([base, *widths]))


def _flow_net(shapes):
    levels = _levels(shapes, 'flow_net')
    outputs = _numbers(shapes, 'flow_net.(?:output|mask)')
    return dict(
        type='GFLAFlowNet',
        pose_channels=(shapes['flow_net.block0.model.2.weight'][1] - 3) // 2,
        **_channels(shapes, 'flow_net'),
        num_levels=levels,
        flow_levels=tuple(sorted(levels - 1 - i for i in outputs)),
        as_published=True,
    )


def _generator(shapes):
    levels = _levels(shapes, 'target')
    attention = {
        levels - i: shapes[f'target.attn{i}.fully_connect_layer.0.weight']
        for i in _numbers(shapes, 'target.attn')
    }
    warped = tuple(sorted(attention))
    blocks = highest(shapes, r'target\.decoder0\.0\.model\.(\d+)\.model\.')
    return dict(
        type='GFLAGenerator',
        pose_channels=shapes['target.block0.model.2.weight'][1],
        **_channels(shapes, 'target'),
        num_levels=levels,
        num_blocks=1 + blocks,
        warp_levels=warped,
        kernel_sizes=tuple(attention[level][2] for level in warped),
        hidden_channels=attention[warped[0]][0],
        as_published=True,
    )


def _numbers(shapes, part):
    """Numbers of the parts of a name, of which there has to be one."""
    found = (re.match(rf'{part}(\d+)\.', key) for key in shapes)
    numbers = {int(match[1]) for match in found if match}
    if not numbers:
        raise KeyError(part)
    return numbers


def _recipe(configs, component, name, shape) -> Recipe:
    config = configs[component]
    level = re.match(r'(?:heads|attention)\.(\d+)\.', name)
    if level and component == 'flow_net':
        index = config['num_levels'] - 1 - int(level[1])
        return _head(index, name, shape)
    if level:
        index = config['num_levels'] - int(level[1])
        return _attention(
            f'target.attn{index}.fully_connect_layer', name, shape
        )
    rules = _FLOW_NET
    if component == 'generator':
        rules = [*_GENERATOR, (r'^ups\.(\d+)\.(\d+)\.', _decoder(config))]
    return renamed(rename(name, rules), shape)


def _head(index, name, shape):
    """Flow and mask of one convolution, published as two."""
    kind = name.rpartition('.')[2]
    sources = {
        f'flow_net.output{index}.{kind}': (2, *shape[1:]),
        f'flow_net.mask{index}.0.{kind}': (1, *shape[1:]),
    }
    return Recipe(sources, lambda *weights: torch.cat(weights))


def _attention(layers, name, shape):
    """The layer that sees both patches is a sum over the two of ours."""
    if '.kernels.1.' in name:
        return renamed(f'{layers}.2.{name.rpartition(".")[2]}', shape)
    if name.endswith('.bias'):
        return renamed(f'{layers}.0.bias', shape)
    hidden, channels, *kernel = shape
    side = 0 if '.see_target.' in name else 1
    return Recipe(
        {f'{layers}.0.weight': (hidden, 2 * channels, *kernel)},
        lambda weight: weight.chunk(2, dim=1)[side].contiguous(),
    )


def _layer(found):
    """Normalisation, LeakyReLU and convolution, published in one row."""
    return f'{found[1]}model.{3 * int(found[2]) + int(found[3])}.'


def _level(part):
    """Levels of an encoder, of which the first one has another name."""
    return lambda found: (
        f'{part}.encoder{int(found[1]) - 1}.'
        if int(found[1])
        else f'{part}.block0.'
    )


_BLOCKS = [
    (r'(\.)(?:convs\.)?(\d)\.(\d)\.(?=weight|bias)', _layer),
    (r'\.bypass\.', '.shortcut.0.'),
]
_FLOW_NET = [
    (r'^skips\.(\d+)\.1\.', r'flow_net.jump\1.model.2.'),
    *_BLOCKS,
    (r'^downs\.(\d+)\.', _level('flow_net')),
    (r'^ups\.', 'flow_net.decoder'),
]
_GENERATOR = [
    (r'^to_image\.2\.', 'target.outconv.model.2.'),
    *_BLOCKS,
    (r'^ref_encoder\.(\d+)\.', _level('source')),
    (r'^pose_encoder\.(\d+)\.', _level('target')),
]


def _decoder(config):
    """Residual blocks of a level are published as one, before that which
    doubles the size.
    """
    last = config['num_blocks'] - 1

    def place(found):
        level, block = found[1], int(found[2])
        if block < last:
            return f'target.decoder{level}.0.model.{block}.'
        return f'target.decoder{level}.{min(last, 1)}.'

    return place


def _check_twins(weights):
    """Refuse layers that differ under their two names."""
    for name in filter(re.compile(_TWINS).match, weights):
        twin = re.sub(_TWINS, r'\1model.2.', name)
        if not torch.equal(weights[name], weights[twin]):
            raise UserValueError(
                f"'{name}' and '{twin}' are one layer in the published "
                'network, here they differ: the file was changed.'
            )
