"""A diffusion method: denoising led by pose and reference (PIDM, CFLD)."""

from .blocks import FeatureAttention, timestep_embedding
from .denoiser import PoseDenoiser, ReferenceEncoder
from .denoising_loss import DenoisingLoss
from .guidance import guidance_terms, guided
from .process import DiffusionProcess
from .transferer import PoseDiffusion, draw_conditions

__all__ = [
    'DenoisingLoss',
    'DiffusionProcess',
    'FeatureAttention',
    'PoseDenoiser',
    'PoseDiffusion',
    'ReferenceEncoder',
    'draw_conditions',
    'guidance_terms',
    'guided',
    'timestep_embedding',
]
