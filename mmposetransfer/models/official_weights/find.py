"""Find official networks within a checkpoint."""

from collections import defaultdict
from collections.abc import Mapping

import torch

from .recognise import tell_network

__all__ = ['describe_places', 'find_networks']

# Deeper than anyone nests; a hostile file may hold a dict within itself.
MAX_DEPTH = 6


def find_networks(content):
    """Official networks in a state dict or at any place of a checkpoint.

    Args:
        content (dict): A state dict, or containers of them beside anything
            else.

    Returns:
        dict[str, dict]: Place, such as 'state_dict.netG' (or '' for the
        whole), -> state dict, without prefix.

    Raises:
        ValueError: If there is none.
    """
    found = {}
    _walk(_by_key(content), '', found, 0)
    if not found:
        raise ValueError(
            'There is no official network. Expected the state dict of netG, '
            'netPW, netF or netD, bare or somewhere within a checkpoint, with '
            "names such as 'encp_0_res_0.conv.0.weight' (netG), 'model.0."
            f"weight' (netD); {_describe(content)}."
        )
    return found


def describe_places(found):
    """The networks of :func:`find_networks`, for a message."""
    return ', '.join(
        f"{tell_network(weights)} at '{place}'"
        for place, weights in found.items()
    )


def _walk(content, place, found, depth):
    if depth > MAX_DEPTH:
        return
    weights, prefixed = {}, defaultdict(dict)
    for key, value in content.items():
        if isinstance(value, torch.Tensor) and isinstance(key, str):
            weights[key] = value
            head, dot, rest = key.partition('.')
            if dot:
                prefixed[head][rest] = value
    if weights and tell_network(weights):
        found[place] = weights
        prefixed = {}
    nested = {key: _by_key(value) for key, value in content.items()}
    for groups in (prefixed, nested):
        for key, value in groups.items():
            _walk(
                value,
                f'{place}.{key}' if place else str(key),
                found,
                depth + 1,
            )


def _by_key(value):
    """What a container holds, by key or number; nothing for all else."""
    if isinstance(value, (list, tuple)):
        return dict(enumerate(value))
    return value if isinstance(value, Mapping) else {}


def _describe(content):
    if not isinstance(content, Mapping):
        return f'this is a {type(content).__name__}'
    keys = [str(key) for key in content]
    if any(key.startswith(('generator.', 'flow_regressor.')) for key in keys):
        return 'these weights are in the names of mmposetransfer already'
    shown = ', '.join(map(repr, keys[:5]))
    return f'the names here are {shown or "none"}' + (
        ' ...' if len(keys) > 5 else ''
    )
