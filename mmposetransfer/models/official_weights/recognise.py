"""Which published network a state dict is of, and its sizes."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from mmposetransfer.errors import UserValueError

from . import dipt, gfla, nted, patn, pg2
from .network import Network, Shapes

__all__ = ['known_networks', 'recognise', 'tell_network', 'unwrapped']

# A module for each method: SIGNS, patterns of names by the networks that have
# them, and `read`, from names and shapes to a Network.
_METHODS = (dipt, patn, gfla, nted, pg2)


def known_networks() -> str:
    """What is recognised, for a message."""
    return ', '.join(
        name if name.startswith(method.METHOD) else f"{method.METHOD}'s {name}"
        for method in _METHODS
        for name in method.SIGNS
    )


def _find(keys):
    """The module of the method, and the network's name."""
    for method in _METHODS:
        for name, sign in method.SIGNS.items():
            if any(re.match(sign, key) for key in keys):
                return method, name
    return None


def unwrapped(content: Any) -> Any:
    """The state dict in what a trainer stored, else the content itself."""
    if isinstance(content, Mapping) and nted.AVERAGE in content:
        return content[nted.AVERAGE]
    return content


def tell_network(keys: Iterable[str]) -> str | None:
    """Name of the published network that these keys are of.

    Returns:
        str | None: See :class:`Network`.
    """
    found = _find(list(keys))
    return None if found is None else found[1]


def recognise(shapes: Shapes, mode: str | None = None) -> Network:
    """Read network and sizes off names and shapes.

    Args:
        shapes (dict[str, tuple]): Shape of every weight of a network that
            :func:`tell_network` knows.
        mode (str, optional): Of gating, for the generator of DIPT.

    Returns:
        Network: The network.

    Raises:
        ValueError: If ``mode`` contradicts the weights, a weight that sizes
            are read from is missing, or our networks cannot be this one.
    """
    method, name = _find(shapes)
    if mode is not None and mode not in dipt.MODES:
        raise UserValueError(
            f'mode must be one of {sorted(dipt.MODES)}, got {mode!r}.'
        )
    if mode is not None and name != 'netG':
        raise UserValueError(
            f'mode={mode!r} is for the generator with two encoders (netG); '
            f'these are the weights of {name}.'
        )
    try:
        return method.read(name, shapes, mode)
    except (KeyError, IndexError) as error:
        raise UserValueError(
            f'These look like the weights of {name}, but one that its sizes '
            f'are read from is missing or of another shape ({error}).'
        ) from error
