"""PATN: progressive pose attention transfer."""

from .discriminator import ResidualDiscriminator
from .generator import PATNGenerator, PoseAttentionalTransferBlock
from .transferer import PATN

__all__ = [
    'PATN',
    'PATNGenerator',
    'PoseAttentionalTransferBlock',
    'ResidualDiscriminator',
]
