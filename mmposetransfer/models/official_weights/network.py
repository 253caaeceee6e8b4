"""What is known of a published network: its sizes, and where weights go."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from torch import Tensor

__all__ = [
    'Network',
    'Recipe',
    'Shapes',
    'highest',
    'rename',
    'renamed',
    'shown',
]

Shapes = Mapping[str, tuple[int, ...]]

#: A pattern that matches no name.
NOTHING = '(?!)'


class Recipe(NamedTuple):
    """How one weight of ours is made of published ones.

    Attributes:
        sources (dict[str, tuple]): Shapes of the published weights by their
            names.
        make (Callable): From these weights, in that order, to ours.
    """

    sources: Shapes
    make: Callable[..., Tensor]


def _as_it_is(weight: Tensor) -> Tensor:
    return weight


def rename(name: str, rules: Iterable[tuple]) -> str:
    """Apply rules to a name of ours, one after the other.

    Args:
        name (str): Key of our module's state dict.
        rules (Iterable[tuple]): (pattern, replacement), as of ``re.sub``.

    Returns:
        str: The published name.
    """
    for pattern, replacement in rules:
        name = re.sub(pattern, replacement, name)
    return name


def renamed(name: str, shape: tuple[int, ...]) -> Recipe:
    """A weight that only its name tells from ours."""
    return Recipe({name: shape}, _as_it_is)


def no_check(weights: Mapping[str, Tensor]) -> None:
    """Nothing to be looked at but names and shapes."""


class Network(NamedTuple):
    """A network as its authors publish it.

    Attributes:
        name (str): Which one it is, as ``tell_network`` has it.
        method (str): The registered method that it belongs to.
        configs (dict[str, dict]): What ``MODELS.build`` makes of it: for each
            component of the method that it becomes, a config.
        label (str): What it is, for messages.
        recipe (Callable): ``(component, name, shape)`` of a weight of ours to
            its :class:`Recipe`.
        data_preprocessor (dict, optional): What its authors show it, if
            not what the method's default makes.
        needless (str): Pattern of published names that ours has no use for.
        check (Callable): Looks at the published weights for what neither
            names nor shapes say; raises a ValueError.
    """

    name: str
    method: str
    configs: dict[str, dict]
    label: str
    recipe: Callable[[str, str, tuple[int, ...]], Recipe]
    data_preprocessor: dict | None = None
    needless: str = NOTHING
    check: Callable[[Mapping[str, Tensor]], None] = no_check

    @property
    def around(self) -> dict[str, dict]:
        """What the method's config has beside the components."""
        if self.data_preprocessor is None:
            return {}
        return dict(data_preprocessor=self.data_preprocessor)


def shown(num_levels: int, pose_encoder: dict | None = None, **more) -> dict:
    """Config of a data preprocessor: what the authors show a network.

    Args:
        num_levels (int): How often the network halves the size.
        pose_encoder (dict, optional): Defaults to what most authors draw.
        **more: Of the other arguments, those that are not the defaults.
    """
    return dict(
        type='PoseTransferDataPreprocessor',
        pose_encoder=pose_encoder or dict(type='GaussianPoses', sigma=6),
        pad_size_divisor=2**num_levels,
        **more,
    )


def highest(shapes: Shapes, pattern: str) -> int:
    """One more than the highest number that a pattern finds in the names.

    Args:
        shapes (dict[str, tuple]): By names.
        pattern (str): Matched at the beginning of the names, its first group
            a number.

    Returns:
        int: 0 where no name matches.
    """
    found = [re.match(pattern, key) for key in shapes]
    return max((int(match[1]) + 1 for match in found if match), default=0)
