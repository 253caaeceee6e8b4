"""The protocols that have names: those of the papers, and a user's own."""

from mmposetransfer.errors import UserValueError
from mmposetransfer.utils.build_errors import did_you_mean

from .papers import PAPERS
from .protocol import Protocol, SSIMVariant

__all__ = ['get_protocol', 'protocol_names', 'register_protocol']

# Numbers of 2018 and 2019: scikit-image with these arguments.
_SKIMAGE_GAUSSIAN = SSIMVariant('gaussian', data_range='generated')
_UNIFORM_51 = SSIMVariant('uniform', 51, sample_covariance=True)
_GFLA_LINE = 'GFLA and its line (DPTN, PIDM, PoCoLD, CFLD)'

#: How pictures are compared, whatever their size and files.
COMPARISONS = (
    Protocol(
        'dsc',
        'Deformable GANs (DSC), PG2; the table of the DIPT paper',
        _SKIMAGE_GAUSSIAN,
    ),
    Protocol(
        # 256x256 with 40 pixels of border, as the pictures were before the
        # middle was cut out of them.
        'patn',
        'PATN: columns 40 to 215 of 256x256, white beside them for SSIM',
        SSIMVariant('gaussian', data_range='generated', white_border=40),
        crop=(256, 176),
    ),
    Protocol(
        # The authors store results as JPEG before, of a quality that they do
        # not name: not done here.
        'official',
        "the test script of DIPT's authors, on 8-bit images",
        SSIMVariant('uniform', 7, sample_covariance=True),
        rounding='down',
    ),
    Protocol('gfla', _GFLA_LINE, _UNIFORM_51, real_set='train'),
    Protocol(
        'gfla_256x176',
        f'{_GFLA_LINE}, at 256x176',
        _UNIFORM_51,
        size=(256, 176),
        real_set='train',
    ),
    Protocol(
        'gfla_512x352',
        f'{_GFLA_LINE}, at 512x352',
        _UNIFORM_51,
        size=(512, 352),
        real_set='train',
    ),
    Protocol(
        'torchmetrics',
        'Leffa: the defaults of torchmetrics',
        SSIMVariant('gaussian', border='reflect'),
        real_set='test',
    ),
)
#: These, and the protocols of papers, which fix size, files and sets as well.
PUBLISHED = (*COMPARISONS, *PAPERS)

_protocols = {protocol.name: protocol for protocol in PUBLISHED}


def register_protocol(protocol: Protocol) -> Protocol:
    """Make a protocol known by its name.

    Args:
        protocol: The protocol.

    Returns:
        The same object.

    Raises:
        ValueError: If another protocol has the name.

    Examples:
        >>> from mmposetransfer.evaluation import (
        ...     Protocol, SSIMVariant, get_protocol, register_protocol)
        >>> uniform = SSIMVariant('uniform', 7)
        >>> ours = register_protocol(Protocol('our_lab', 'us', uniform))
        >>> get_protocol('our_lab') is ours
        True
    """
    known = _protocols.setdefault(protocol.name, protocol)
    if known != protocol:
        raise UserValueError(
            f"there is another protocol '{protocol.name}': {known}. Give "
            'yours a name of its own.'
        )
    return protocol


def protocol_names() -> list[str]:
    """The names of all protocols, in alphabetical order."""
    return sorted(_protocols)


def get_protocol(name: str) -> Protocol:
    """The protocol of a name.

    Args:
        name: Such as 'dsc'.

    Returns:
        The protocol.

    Raises:
        ValueError: If there is none; names the nearest.
    """
    if name not in _protocols:
        raise UserValueError(
            f'there is no evaluation protocol {name!r}.'
            f'{did_you_mean(name, _protocols)} Known are '
            f'{", ".join(protocol_names())}.'
        )
    return _protocols[name]
