"""Bring the weights of one official network into our names."""

import re
from collections.abc import Mapping

import torch

from mmposetransfer.errors import UserValueError
from mmposetransfer.registry import MODELS

from .names import official_name
from .recognise import recognise, tell_network

__all__ = ['check_names', 'convert_network', 'convert_official_state_dict']

# Names listed in an error.
MAX_NAMES = 8


def convert_official_state_dict(state_dict, mode=None):
    """Bring the weights of one official network into our names.

    Sizes (levels, channels, blocks) are read off the shapes. What gives no
    sign of itself in the weights is as in the official code: a generator of
    mode ``none`` or ``hard_gate`` warps five levels, of Market-1501 four. To
    have it otherwise, change the config that is returned.

    Args:
        state_dict (dict): Name -> tensor, as the authors publish it: of netG,
            netPW, netF (unet and unet_v2) or netD.
        mode (str, optional): ``none``, ``hard_gate``, ``soft_gate``,
            ``residual`` or ``res_no_vis``, for a generator with two
            encoders. Read off the weights where it is not given;
            ``hard_gate`` has to be, for its weights are those of ``none``.

    Returns:
        tuple[dict, dict]: The state dict for our module, and the config
        that ``MODELS.build`` makes the module from. It loads strictly.

    Raises:
        ValueError: If it is no official network, or one whose weights are
            not all there and of the right shape; the message lists what is
            missing.
    """
    check_names(state_dict)
    converted, network = convert_network(state_dict, mode)
    return converted, network.config


def convert_network(weights, mode=None):
    """As :func:`convert_official_state_dict`, of names that are checked.

    Returns:
        tuple[dict, Network]: The state dict for our module, and what it is.
    """
    shapes = {key: tuple(value.shape) for key, value in weights.items()}
    network = recognise(shapes, mode)
    expected = _expected(network)
    # Torch has counters of batches since 0.4.1.
    counters = {
        name: torch.zeros((), dtype=torch.long)
        for name in expected
        if name.endswith('num_batches_tracked')
    }
    weights = {**counters, **weights}
    _check(weights, expected, network)
    converted = {
        ours: weights[name].detach() for name, (ours, _) in expected.items()
    }
    return converted, network


def check_names(weights):
    """Refuse what is no state dict of an official network.

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
        'There is no official network. Expected the state dict of netG, '
        "netPW, netF or netD as it is published, with names such as 'encp_0_"
        f"res_0.conv.0.weight' (netG), 'model.0.weight' (netD); {found}."
    )


def _expected(network):
    """Official name -> (our name, shape), of all weights.

    The encoders of the generator share layers, which the official file has
    under both names and our module once.
    """
    with torch.device('meta'):
        module = MODELS.build(network.config)
    return {
        official_name(name, network.name): (name, tuple(value.shape))
        for name, value in module.state_dict().items()
    }


def _check(weights, expected, network):
    """Refuse weights that are not exactly those of the network."""
    missing = [name for name in expected if name not in weights]
    surplus = [name for name in weights if name not in expected]
    wrong = [
        f'{name} is {tuple(weights[name].shape)}, not {shape}'
        for name, (_, shape) in expected.items()
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
        sizes = network.config.get('backbone', network.config)
        raise UserValueError(
            f'These look like the weights of {network.label} ('
            + ', '.join(
                f'{key} {value}'
                for key, value in sizes.items()
                if isinstance(value, int)
            )
            + f'), but {"; ".join(problems)}. The file is partial, or of '
            'another network: fetch it again, or save the whole state dict.'
        )
    unshared = [
        name
        for name in expected
        if re.match(r'enca_\d+_downsample', name)
        and not torch.equal(
            weights[name], weights[name.replace('enca', 'encp', 1)]
        )
    ]
    if unshared:
        raise UserValueError(
            'In the official generator the two encoders share their '
            'downsampling layers, here they differ in '
            f'{len(unshared)} weights ({_first(unshared)}): this network '
            'was changed, and our generator cannot be it.'
        )


def _first(names):
    """Some of the names, for a message."""
    more = len(names) > MAX_NAMES
    return ', '.join(names[:MAX_NAMES]) + (', ...' if more else '')
