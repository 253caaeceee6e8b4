"""Read checkpoints without executing them."""

import os
import pickle
from pathlib import Path

import torch

__all__ = ['read_checkpoint', 'read_state_dict']


def read_checkpoint(source):
    """Load a checkpoint file as data: tensors, numbers, strings, containers.

    Args:
        source (str | Path): A path, or an ``http(s)://`` URL, which is
            downloaded into torch's cache.

    Returns:
        The content, on the CPU.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file is damaged or would run code when read.
    """
    if str(source).startswith(('http://', 'https://')):
        return torch.hub.load_state_dict_from_url(
            str(source), map_location='cpu', weights_only=True)
    path = Path(os.path.expanduser(source))
    if not path.is_file():
        raise FileNotFoundError(f"There is no checkpoint '{path}'.")
    try:
        return torch.load(path, map_location='cpu', weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, KeyError) as e:
        raise ValueError(
            f"'{path}' cannot be read as a checkpoint of plain tensors: it is "
            'damaged, of another kind, or holds objects that would run code '
            f'({str(e).splitlines()[0] if str(e) else type(e).__name__}).'
        ) from e


def read_state_dict(source):
    """The state dict in a checkpoint, bare or under ``state_dict``.

    Raises:
        ValueError: If the file holds no dictionary of tensors.
    """
    content = read_checkpoint(source)
    if isinstance(content, dict):
        content = content.get('state_dict', content)
    if not isinstance(content, dict) or not content or not all(
            isinstance(v, torch.Tensor) for v in content.values()):
        raise ValueError(f"'{source}' holds no state dict.")
    return content
