"""A critic whose logits, and their gradients, are known."""

import torch
from torch import nn

__all__ = ['Brightness']


class Brightness(nn.Module):
    """A critic of one weight: its logits are mean colours, four times."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(4.0))

    def forward(self, img):
        return self.weight * img.mean((1, 2, 3))
