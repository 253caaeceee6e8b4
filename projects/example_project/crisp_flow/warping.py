"""A warping layer that trusts no stretched features."""

import torch
import torch.nn.functional as F
from torch import nn

from mmposetransfer.models import flow_warp
from mmposetransfer.registry import MODELS


def tearing(flow):
    """How far apart neighbouring pixels are fetched, beyond one pixel.

    0 where the flow is constant, large where an arm hides the body: there
    lies another surface on either side.

    Args:
        flow (Tensor): (N, 2, H, W) in pixels.

    Returns:
        Tensor: Norm of the flow's differences, (N, 1, H, W), in pixels.
    """
    dx = F.pad(flow.diff(dim=3), (0, 1, 0, 0))
    dy = F.pad(flow.diff(dim=2), (0, 0, 0, 1))
    return torch.linalg.vector_norm(
        torch.cat([dx, dy], 1), dim=1, keepdim=True
    )


@MODELS.register_module()
class TearAwareWarp(nn.Module):
    """Warp, and fade features out where the flow tears.

    What is left is ``exp(-strength * tearing)`` of each feature; the gate
    behind the warp fills in the rest.

    Args:
        strength (float): Initial value of the only parameter; 0 is a plain
            warp.
        backend (str): See :func:`mmposetransfer.models.flow_warp`.
    """

    def __init__(self, strength=0.1, backend='auto'):
        super().__init__()
        self.strength = nn.Parameter(torch.tensor(float(strength)))
        self.backend = backend

    def forward(self, x, flow):
        """Args: x (N, C, H, W), flow (N, 2, H, W). Returns float32."""
        kept = torch.exp(-self.strength.abs() * tearing(flow))
        return flow_warp(x, flow, kept, self.backend)
