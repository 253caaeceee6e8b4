"""Networks that others have trained, and the files that they come in."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlparse

from torch import Tensor, nn

from mmposetransfer.errors import UserValueError
from mmposetransfer.io.checkpoint import read_state_dict

from ..frozen import freeze

__all__ = ['PublishedFile', 'freeze_all', 'load_published']


@dataclass(frozen=True)
class PublishedFile:
    """A file of weights as its makers publish it.

    Attributes:
        url: Where it is to be had.
        what: Whose it is, in a word or two.
        sha256: What its SHA-256 digest begins with.
    """

    url: str
    what: str
    sha256: str

    @property
    def name(self) -> str:
        """The file's name."""
        return Path(urlparse(self.url).path).name

    def described(self) -> str:
        """One sentence that says where it comes from."""
        return (
            f'The published file is {self.name} ({self.what}, SHA-256 '
            f'{self.sha256}...): {self.url}'
        )


def load_published(
    network: nn.Module,
    weights: str | Path | None,
    published: PublishedFile,
    sha256: str | None = None,
) -> None:
    """Give a network the weights of a file that the user names.

    Keys of the file that the network has no use for, such as those of a
    classifier behind the features, are passed over; so are the counters of
    batches that newer versions of torch add.

    Args:
        network: Its modules are called as in the published file.
        weights: Path or URL of the file.
        published: The file that is meant.
        sha256: What the digest of the file begins with. None holds a file of
            the published name to the published digest, and takes any other
            as it is.

    Raises:
        ValueError: If no file is named, or it is of another network or has
            another digest; says where the published file comes from.
        FileNotFoundError: If it is not there.
    """
    kind = type(network).__name__
    if weights is None:
        raise UserValueError(
            f'{kind} needs trained weights, and none come with this library: '
            f'name the file, or its URL to have it downloaded. '
            f'{published.described()}'
        )
    if sha256 is None and Path(str(weights)).name == published.name:
        sha256 = published.sha256
    state = read_state_dict(weights, sha256)
    wanted = network.state_dict()
    _check(kind, weights, state, wanted, published)
    network.load_state_dict(
        {key: state.get(key, wanted[key]) for key in wanted}
    )


def _check(
    kind: str,
    weights: str | Path,
    state: dict[str, Tensor],
    wanted: dict[str, Tensor],
    published: PublishedFile,
) -> None:
    """Refuse a file without all that the network is made of."""
    missing = [
        key
        for key in wanted
        if key not in state and not key.endswith('num_batches_tracked')
    ]
    if missing:
        raise UserValueError(
            f"'{weights}' is no file of {kind}: it lacks {missing[:4]}. "
            f'{published.described()}'
        )
    for key, value in wanted.items():
        if key in state and state[key].shape != value.shape:
            raise UserValueError(
                f"'{weights}' is no file of {kind}: expected '{key}' of the "
                f'shape {tuple(value.shape)}, got {tuple(state[key].shape)}. '
                f'{published.described()}'
            )


def freeze_all(network: nn.Module) -> None:
    """Turn all weights of a network into buffers that are not saved."""
    for module in network.modules():
        freeze(module)
