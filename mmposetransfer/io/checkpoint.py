"""Read checkpoints without executing them."""

import hashlib
import os
import re
import warnings
from pathlib import Path
from urllib.parse import unquote, urlparse

import torch
from safetensors.torch import load_file

from mmposetransfer.errors import UserFileNotFoundError, UserValueError

__all__ = ['read_checkpoint', 'read_state_dict', 'state_dict_in']


def read_checkpoint(source, sha256=None):
    """Load a checkpoint file as data: tensors, numbers, strings, containers.

    A file of the name '....safetensors' is read as one, all others as torch's.

    Args:
        source (str | Path): A path, or an ``http(s)://`` URL, which is
            downloaded into torch's cache unless it is there.
        sha256 (str, optional): What the file's SHA-256 digest begins with, at
            least 8 hexadecimal digits; None takes any file.

    Returns:
        The content, on the CPU.

    Raises:
        FileNotFoundError: If there is no such file, or no way to it.
        ValueError: If the file is damaged, has another digest, or would run
            code when read.
    """
    if str(source).startswith(('http://', 'https://')):
        path = _download(str(source))
        way_out = f'. It was downloaded from {source}; delete it to try again'
    else:
        path = Path(os.path.expanduser(source))
        way_out = ''
    if not path.is_file():
        raise UserFileNotFoundError(f"There is no checkpoint '{path}'.")
    if sha256 is not None:
        _check_digest(path, sha256, way_out)
    try:
        if path.suffix == '.safetensors':
            return load_file(path)
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')  # of formats that torch leaves
            return torch.load(path, map_location='cpu', weights_only=True)
    except PermissionError:
        raise
    except Exception as e:  # a damaged pickle may raise anything
        raise UserValueError(
            f"'{path}' cannot be read as a checkpoint of plain tensors: it is "
            'damaged, of another kind, or holds objects that would run code '
            f'({_reason(e)}){way_out}.'
        ) from e


def _check_digest(path, sha256, way_out):
    """Refuse a file that is not the one that was meant."""
    wanted = sha256.lower()
    if not re.fullmatch('[0-9a-f]{8,64}', wanted):
        raise UserValueError(
            'expected 8 to 64 hexadecimal digits of a SHA-256 digest, got '
            f'{sha256!r}'
        )
    with open(path, 'rb') as file:
        found = _digest(file)
    if not found.startswith(wanted):
        raise UserValueError(
            f"'{path}' is another file than was meant, or damaged: its "
            f'SHA-256 digest is {found}, not {wanted}{way_out}.'
        )


def _digest(file):
    """As hashlib.file_digest, which Python 3.10 lacks."""
    digest = hashlib.sha256()
    while block := file.read(2**20):
        digest.update(block)
    return digest.hexdigest()


def _reason(error):
    """What torch found, without its advice to trust the file."""
    text = str(error)
    asked = re.search(r'GLOBAL (\S+)', text)
    if asked:
        return f'it asks for {asked[1]}'
    lines = [
        line.strip()
        for line in text.splitlines()
        if line.strip() and 'weights_only' not in line
    ]
    return lines[0] if lines else type(error).__name__


def _download(url):
    """The file of a URL in torch's cache, fetched if it is not there."""
    path = Path(torch.hub.get_dir()) / 'checkpoints' / _cache_name(url)
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            # It writes beside `path` and renames what is complete.
            torch.hub.download_url_to_file(url, str(path))
        except (OSError, ValueError) as error:
            raise UserFileNotFoundError(
                f"The checkpoint '{url}' cannot be downloaded ({error}): look "
                'at the address and the network, or download it in another '
                'way and name the file.'
            ) from error
    return path


def _cache_name(url):
    """What torch calls the file, made unique where torch's name is not.

    Names such as 'vgg19-dcbb9e9d.pth' tell the content; an 'epoch_9.pth' may
    be anyone's.
    """
    name = Path(unquote(urlparse(url).path)).name or 'checkpoint'
    if re.search(r'-[0-9a-f]{8,}\.', name):
        return name
    digest = hashlib.sha256(url.encode()).hexdigest()[:8]
    return f'{Path(name).stem}.{digest}{Path(name).suffix}'


def read_state_dict(source, sha256=None):
    """The state dict in a checkpoint, bare or under ``state_dict``.

    Args:
        source (str | Path): See `read_checkpoint`.
        sha256 (str, optional): See `read_checkpoint`.

    Raises:
        FileNotFoundError, ValueError: As `read_checkpoint`, and if the file
            holds no dictionary of tensors.
    """
    return state_dict_in(read_checkpoint(source, sha256), source)


def state_dict_in(content, source):
    """The state dict in what a checkpoint file holds, likewise.

    Args:
        content: Of `read_checkpoint`.
        source (str | Path): The file, for messages.

    Raises:
        ValueError: If there is no dictionary of tensors.
    """
    if isinstance(content, dict):
        content = content.get('state_dict', content)
    if (
        not isinstance(content, dict)
        or not content
        or not all(
            isinstance(key, str) and _is_plain(value)
            for key, value in content.items()
        )
    ):
        holds = type(content).__name__
        if isinstance(content, dict):
            holds = f'a dict of {[str(key)[:40] for key in content][:6]}'
        raise UserValueError(
            f"'{source}' holds no state dict, name -> tensor, but {holds}."
        )
    return content


def _is_plain(value):
    return (
        isinstance(value, torch.Tensor)
        and not value.is_complex()
        and value.layout == torch.strided
        and not value.is_quantized
    )
