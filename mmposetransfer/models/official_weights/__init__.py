"""Use the weights of the paper's own networks in ours."""

from .checkpoints import convert_official_checkpoints
from .convert import convert_official_state_dict

__all__ = ['convert_official_checkpoints', 'convert_official_state_dict']
