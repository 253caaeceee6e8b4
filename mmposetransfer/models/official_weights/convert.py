"""Bring the weights of one official network into our names."""

import re
from collections import Counter

import torch

from mmposetransfer.registry import MODELS

from .find import describe_places, find_networks
from .names import official_name
from .recognise import recognise

__all__ = ['convert_network', 'convert_official_state_dict']

# Names listed one by one in an error; more are summed up by module.
MAX_NAMES = 8


def convert_official_state_dict(state_dict, mode=None):
    """Bring the weights of one official network into our names.

    Sizes (levels, channels, blocks) are read off the shapes. What gives no
    sign of itself in the weights is as in the official code: a generator of
    mode ``none`` or ``hard_gate`` warps five levels. To have it otherwise,
    change the config that is returned.

    Args:
        state_dict (dict): Name -> tensor, of netG, netPW, netF (unet and
            unet_v2) or netD; with or without a prefix such as ``module.``;
            also a larger checkpoint that holds it, at any place.
        mode (str, optional): ``none``, ``hard_gate``, ``soft_gate``,
            ``residual`` or ``res_no_vis``, for a generator with two
            encoders. Read off the weights where it is not given;
            ``hard_gate`` has to be, for its weights are those of ``none``.

    Returns:
        tuple[dict, dict]: The state dict for our module, and the config
        that ``MODELS.build`` makes the module from. It loads strictly.

    Raises:
        ValueError: If it holds no official network, several of them, or one
            whose weights are not all there and of the right shape; the
            message lists what is missing.
    """
    found = find_networks(state_dict)
    if len(found) > 1:
        raise ValueError(
            f'There are {len(found)} networks: {describe_places(found)}. Pass '
            'one of them, or bring the file into one checkpoint of the whole '
            'method with convert_official_checkpoints.'
        )
    converted, network = convert_network(*found.values(), mode)
    return converted, network.config


def convert_network(weights, mode=None):
    """As :func:`convert_official_state_dict`, for one bare state dict.

    Returns:
        tuple[dict, Network]: The state dict for our module, and what it is.
    """
    weights = _name_soft_gates(weights)
    shapes = {key: tuple(value.shape) for key, value in weights.items()}
    network = recognise(shapes, mode)
    expected = _expected(network)
    weights = _complete(weights, expected)
    _check(weights, expected, network)
    converted = {
        ours: weights[name].detach() for name, (ours, _) in expected.items()
    }
    return converted, network


def _name_soft_gates(weights):
    """The convolutions of soft gates, however deep in their modules.

    No published checkpoint has them, so their names are not known.
    """
    if any('_vis_' in key and '.running_' in key for key in weights):
        return weights
    return {
        re.sub(
            r'^(enca_\d+_vis_\d+)\.(?:\w+\.)*(weight|bias)$',
            r'\1.conv.\2',
            key,
        ): value
        for key, value in weights.items()
    }


def _expected(network):
    """Official name -> (our name, shape), of all weights."""
    with torch.device('meta'):
        module = MODELS.build(network.config)
    return {
        official_name(name, network.name): (name, tuple(value.shape))
        for name, value in module.state_dict().items()
    }


def _complete(weights, expected):
    """Add what follows from the rest."""
    weights = dict(weights)
    for name, (_, shape) in expected.items():
        if name in weights:
            continue
        if _twin(name) in weights:
            weights[name] = weights[_twin(name)]
        elif _is_optional(name):
            weights[name] = torch.zeros(
                shape, dtype=torch.float if shape else torch.long
            )
    return weights


def _twin(name):
    """The other name of a weight that the generator's encoders share."""
    return re.sub(
        r'^enc([ap])(?=_\d+_downsample)',
        lambda found: 'enca' if found[1] == 'p' else 'encp',
        name,
    )


def _is_optional(name):
    """Counters, which torch has since 0.4.1, and the soft gate's bias."""
    return name.endswith('num_batches_tracked') or bool(
        re.match(r'enca_\d+_vis_\d+\.conv\.bias$', name)
    )


def _check(weights, expected, network):
    """Refuse weights that are not exactly those of the network."""
    missing = [name for name in expected if name not in weights]
    surplus = [name for name in weights if name not in expected]
    wrong = [
        name
        for name in expected
        if name in weights and tuple(weights[name].shape) != expected[name][1]
    ]
    problems = []
    if missing:
        problems.append(
            f'{len(missing)} of {len(expected)} are missing: '
            f'{_summary(missing)}'
        )
    if wrong:
        problems.append(
            f'{len(wrong)} are of another shape: '
            + ', '.join(
                f'{name} is {tuple(weights[name].shape)}, not '
                f'{expected[name][1]}'
                for name in wrong[:MAX_NAMES]
            )
            + (', ...' if len(wrong) > MAX_NAMES else '')
        )
    if surplus:
        problems.append(
            f'{len(surplus)} do not belong to it: {_summary(surplus)}'
        )
    if problems:
        sizes = network.config.get('backbone', network.config)
        raise ValueError(
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
        and not torch.equal(weights[name], weights[_twin(name)])
    ]
    if unshared:
        raise ValueError(
            'In the official generator the two encoders share their '
            'downsampling layers, here they differ in '
            f'{len(unshared)} weights ({_summary(unshared)}): this network '
            'was changed, and our generator cannot be it.'
        )


def _summary(names):
    """All names, or all modules with how many of their weights."""
    if len(names) <= MAX_NAMES:
        return ', '.join(names)
    modules = Counter(_module(name) for name in names)
    return ', '.join(
        f'{module}.* ({count})' for module, count in modules.items()
    )


def _module(name):
    """The module of a weight, as fine as leaves a list that can be read."""
    head, _, rest = name.partition('.')
    if head in ('unet_block', 'model', 'pre_conv'):
        return '.'.join([head, *rest.split('.')[:-2]]).rstrip('.')
    return head
