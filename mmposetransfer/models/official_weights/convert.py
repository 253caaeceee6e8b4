"""Bring the weights of one published network into our names."""

import re
from collections.abc import Mapping

import torch

from mmposetransfer.errors import UserValueError
from mmposetransfer.registry import MODELS

from .network import Network
from .recognise import known_networks, recognise, tell_network, unwrapped

__all__ = [
    'as_one_module',
    'check_names',
    'convert_network',
    'convert_official_state_dict',
]

# Names listed in an error.
MAX_NAMES = 8

Components = dict[str, dict[str, torch.Tensor]]


def convert_official_state_dict(state_dict, mode=None):
    """Bring the weights of one published network into our names.

    Sizes (levels, channels, blocks) are read off the shapes. What gives no
    sign of itself in the weights is as in the official code: a generator of
    mode ``none`` or ``hard_gate`` warps five levels, of Market-1501 four. To
    have it otherwise, change the config that is returned.

    Args:
        state_dict (dict): Name -> tensor, as the authors publish it: for
            DIPT of netG, netPW, netF (unet and unet_v2) or netD; for PATN of
            netG or netD; for GFLA of net_G; for NTED of the generator, or
            all that its trainer stores; for PG2 the variables of TensorFlow,
            as ``read_tensorflow_checkpoint`` reads them.
        mode (str, optional): ``none``, ``hard_gate``, ``soft_gate``,
            ``residual`` or ``res_no_vis``, for DIPT's generator with two
            encoders. Read off the weights where it is not given;
            ``hard_gate`` has to be, for its weights are those of ``none``.

    Returns:
        tuple[dict, dict]: The state dict for our module, and the config
        that ``MODELS.build`` makes the module from. It loads strictly. A
        network that is several components of ours gives the method that
        consists of them.

    Raises:
        ValueError: If it is no published network that is known, or one whose
            weights are not all there and of the right shape; the message
            lists what is missing.
    """
    state_dict = unwrapped(state_dict)
    check_names(state_dict)
    return as_one_module(*convert_network(state_dict, mode))


def as_one_module(
    converted: Components, network: Network
) -> tuple[dict[str, torch.Tensor], dict]:
    """A component's weights and config, or those of a method of several."""
    if len(converted) == 1:
        ((component, weights),) = converted.items()
        return weights, network.configs[component]
    weights = {
        f'{component}.{name}': value
        for component, named in converted.items()
        for name, value in named.items()
    }
    config = dict(type=network.method, **network.around, **network.configs)
    return weights, config


def convert_network(weights, mode=None) -> tuple[Components, Network]:
    """As :func:`convert_official_state_dict`, of names that are checked.

    Returns:
        tuple[dict, Network]: For each component of ours that the network is
        its state dict, and what the network is.
    """
    shapes = {key: tuple(value.shape) for key, value in weights.items()}
    network = recognise(shapes, mode)
    recipes = _recipes(network)
    expected = {
        name: shape
        for named in recipes.values()
        for recipe in named.values()
        for name, shape in recipe.sources.items()
    }
    # Torch has counters of batches since 0.4.1.
    counters = {
        name: torch.zeros((), dtype=torch.long)
        for name in expected
        if name.endswith('num_batches_tracked')
    }
    weights = {**counters, **weights}
    _check(weights, expected, network)
    converted = {
        component: {
            name: recipe.make(*(weights[s].detach() for s in recipe.sources))
            for name, recipe in named.items()
        }
        for component, named in recipes.items()
    }
    return converted, network


def check_names(weights):
    """Refuse what is no state dict of a network that is known.

    Args:
        weights: Anything that a checkpoint may hold.

    Raises:
        ValueError: If it is not such a state dict.
    """
    if not isinstance(weights, Mapping):
        found = f'this is a {type(weights).__name__}'
    elif all(
        isinstance(key, str) and isinstance(value, torch.Tensor)
        for key, value in weights.items()
    ) and tell_network(weights):
        return
    else:
        shown = ', '.join(map(repr, list(weights)[:5]))
        found = f'the names here are {shown or "none"}'
    raise UserValueError(
        'There is no official network. Expected the state dict of one, as its '
        f'authors publish it ({known_networks()}), with names such as '
        "'encp_0_res_0.conv.0.weight' (netG of DIPT) or "
        f"'model.stream1_down.1.weight' (netG of PATN); {found}."
    )


def _recipes(network):
    """Recipes of all weights of ours, by component and name."""
    recipes = {}
    for component, config in network.configs.items():
        with torch.device('meta'):
            module = MODELS.build(config)
        recipes[component] = {
            name: network.recipe(component, name, tuple(value.shape))
            for name, value in module.state_dict().items()
        }
    return recipes


def _check(weights, expected, network):
    """Refuse weights that are not exactly those of the network."""
    missing = [name for name in expected if name not in weights]
    surplus = [
        name
        for name in weights
        if name not in expected and not re.match(network.needless, name)
    ]
    wrong = [
        f'{name} is {tuple(weights[name].shape)}, not {shape}'
        for name, shape in expected.items()
        if name in weights and tuple(weights[name].shape) != shape
    ]
    problems = [
        f'{len(names)} {what}: {_first(names)}'
        for names, what in (
            (missing, f'of {len(expected)} are missing'),
            (wrong, 'are of another shape'),
            (surplus, 'do not belong to it'),
        )
        if names
    ]
    if problems:
        raise UserValueError(
            f'These look like the weights of {network.label} '
            f'({_sizes(network)}), but {"; ".join(problems)}. The file is '
            'partial, or of another network: fetch it again, or save the '
            'whole state dict.'
        )
    network.check(weights)


def _sizes(network):
    """The whole numbers of the configs, for a message."""
    return ', '.join(
        f'{key} {value}'
        for config in network.configs.values()
        for key, value in config.get('backbone', config).items()
        if isinstance(value, int)
    )


def _first(names):
    """Some of the names, for a message."""
    more = len(names) > MAX_NAMES
    return ', '.join(names[:MAX_NAMES]) + (', ...' if more else '')
