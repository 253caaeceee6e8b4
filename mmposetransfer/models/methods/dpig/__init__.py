"""DPIG: disentangled person image generation."""

from .code_networks import CodeCritic, CodeMapper, ResidualMLP
from .generator import DPIGGenerator
from .pose_autoencoder import PoseAutoencoder, pose_vectors, vector_keypoints
from .regions import REGIONS, BodyRegions
from .transferer import DPIG

__all__ = [
    'DPIG',
    'REGIONS',
    'BodyRegions',
    'CodeCritic',
    'CodeMapper',
    'DPIGGenerator',
    'PoseAutoencoder',
    'ResidualMLP',
    'pose_vectors',
    'vector_keypoints',
]
