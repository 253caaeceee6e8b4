"""Whole methods: a folder each, and what they share."""

from .base import BaseTransferer
from .completion import CompletionDIPT, CompletionGenerator
from .diffusion import PoseDenoiser, PoseDiffusion
from .dipt import DIPT, DualPathGenerator, PixelWarping, SinglePathGenerator
from .dpig import DPIG, DPIGGenerator
from .dpt import DPT
from .dsc import DSC, DSCDiscriminator, DSCGenerator
from .gan import AdversarialTransferer
from .gfla import GFLA
from .hat import HAT, HATGenerator, HATSurfaceNet
from .nted import NTED
from .patn import PATN, PATNGenerator, ResidualDiscriminator
from .pg2 import PG2
from .upis import UPIS
from .vunet import VUNet, VUNetGenerator

__all__ = [
    'CompletionDIPT',
    'CompletionGenerator',
    'DIPT',
    'DSC',
    'DPIG',
    'DPIGGenerator',
    'DPT',
    'GFLA',
    'HAT',
    'NTED',
    'PATN',
    'PG2',
    'VUNet',
    'VUNetGenerator',
    'UPIS',
    'AdversarialTransferer',
    'BaseTransferer',
    'DSCDiscriminator',
    'DSCGenerator',
    'DualPathGenerator',
    'HATGenerator',
    'HATSurfaceNet',
    'PATNGenerator',
    'PixelWarping',
    'PoseDenoiser',
    'PoseDiffusion',
    'ResidualDiscriminator',
    'SinglePathGenerator',
]
