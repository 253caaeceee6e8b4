"""Trained models that come with the package, found by name.

A model NAME, that of the config it was trained by, is three files in
``mmposetransfer/assets/weights``:

- ``NAME.py``: its config, whole;
- ``NAME.safetensors``: its weights, which no reader can run as code;
- ``NAME.sha256``: the digest of the weights, as ``sha256sum`` writes it.

Classifiers of clothes, which metrics look through and nobody transfers a pose
with, lie in the folder ``classifiers`` below. Their config is ``NAME.json``.
"""

import hashlib
import os
from pathlib import Path
from typing import NamedTuple

import mmposetransfer
from mmposetransfer.errors import UserFileNotFoundError, UserValueError

__all__ = [
    'DEFAULT_MODEL',
    'GEOMETRY',
    'ShippedModel',
    'find_shipped',
    'list_shipped',
    'with_shipped_weights',
]

#: The shipped model that is used where none is named.
DEFAULT_MODEL = 'completion_synthfashion'
#: The config that needs no weights, where there is no shipped model.
GEOMETRY = 'dipt/geometry'
FOLDER = Path(mmposetransfer.__file__).parent / 'assets' / 'weights'


class ShippedModel(NamedTuple):
    """A trained model of the package.

    Attributes:
        config: Path of its config.
        weights: Path of its weights.
    """

    config: Path
    weights: Path


def list_shipped(folder=FOLDER):
    """Names of the trained models that come with the package.

    Args:
        folder (Path): Where they lie.

    Returns:
        list[str]: Sorted.
    """
    return sorted(path.stem for path in Path(folder).glob('*.safetensors'))


def find_shipped(name, folder=FOLDER, config='py'):
    """A trained model that comes with the package, checked.

    Args:
        name (str): Out of `list_shipped`.
        folder (Path): Where it lies.
        config (str): Ending of its config's name.

    Returns:
        ShippedModel: Its files.

    Raises:
        FileNotFoundError: If a file of it is missing.
        ValueError: If the weights are not those that were shipped.
    """
    path, weights, digest = (
        Path(folder) / f'{name}.{ending}'
        for ending in (config, 'safetensors', 'sha256')
    )
    for file in (path, weights, digest):
        if not file.is_file():
            raise UserFileNotFoundError(
                f"the model '{name}' of this installation lacks the file "
                f"'{file}': install mmposetransfer again"
            )
    expected = digest.read_text(encoding='ascii').split()[:1]
    if expected != [hashlib.sha256(weights.read_bytes()).hexdigest()]:
        raise UserValueError(
            f"the weights '{weights}' are not those that were shipped: their "
            f"sha256 is not that of '{digest}'; install mmposetransfer again"
        )
    return ShippedModel(path, weights)


def with_shipped_weights(model=None, weights=None, folder=FOLDER):
    """A model and its weights, out of what a user names.

    Args:
        model (str | Path | Config | dict, optional): As of
            `mmposetransfer.apis.init_model`; a name out of `list_shipped`,
            with the folder of its config or without, is a shipped model.
            Defaults to the shipped `DEFAULT_MODEL`, without one to
            `GEOMETRY`.
        weights (str | Path, optional): Those that were named.
        folder (Path): Where the shipped ones lie.

    Returns:
        tuple: The config (its path, name or object), and the weights or None.

    Raises:
        FileNotFoundError, ValueError: As of `find_shipped`; also if weights
            are named of no model.
    """
    shipped = list_shipped(folder)
    if model is None:
        if weights is not None:
            raise UserValueError(
                f"the weights '{weights}' are of a model that is not named: "
                'name its config, too'
            )
        model = DEFAULT_MODEL if DEFAULT_MODEL in shipped else GEOMETRY
    name = (
        os.fspath(model).rpartition('/')[2]
        if isinstance(model, (str, os.PathLike))
        else ''
    )
    if name in shipped:
        config, own = find_shipped(name, folder)
        return config, own if weights is None else weights
    return model, weights
