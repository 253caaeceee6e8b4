"""Named ways to compare pictures, without which a number says nothing."""

from .protocol import Protocol, SSIMVariant
from .published import get_protocol, protocol_names, register_protocol

__all__ = [
    'Protocol',
    'SSIMVariant',
    'get_protocol',
    'protocol_names',
    'register_protocol',
]
