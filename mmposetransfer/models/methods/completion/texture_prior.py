"""What the surface of a person usually looks like, in this one's colours."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmposetransfer.geometry.texture_places import TEXTURE_SIDE

from ...precision import at_least_float32

__all__ = ['TexturePrior']

# A colour, and whether the atlas is to be believed.
_GAIN, _BELIEF = 3, 1
# Places of an atlas to a side of one of its squares, and how many times a step
# of the optimizer counts there: each place is seen by few pixels of few
# pictures, and large squares learn for it what small ones refine.
_PYRAMID = {1: 10.0, 4: 30.0, 16: 30.0}
# Squares with less of the person than this count as having so much.
_TRACE = 1e-4
# Brightness changes by a factor of e to the power of this at the most.
_BRIGHTEST = 1.5


class TexturePrior(nn.Module):
    """A picture of the target's surface that needs no pixel of it.

    Of a face that the reference does not show, two things are known: faces
    have eyes and a mouth, and this one has the colour of the neck. The first
    is learnt once for all, in an atlas over the surface of the body: of which
    colours each place is mixed, and how much brighter or darker it is. The
    second is looked up: some colours of the person, each a mean over the
    reference by learnt weights. Several atlases are mixed by what the
    reference's person is like.

    Args:
        channels (int): Of the reference's finest features.
        coarse_channels (int): Of its coarsest.
        colours (int): How many colours a person has.
        atlases (int): How many are mixed.
    """

    def __init__(
        self,
        channels: int,
        coarse_channels: int,
        colours: int = 5,
        atlases: int = 4,
    ) -> None:
        super().__init__()
        self.colours, self.atlases = colours, atlases
        self.look = nn.Conv2d(channels, colours, 1)
        self.kind = nn.Linear(coarse_channels, atlases)
        self.pyramid = nn.ModuleList(
            nn.Embedding(
                (TEXTURE_SIDE // square) ** 2,
                atlases * (colours + _GAIN + _BELIEF),
            )
            for square in _PYRAMID
        )
        for level in self.pyramid:
            nn.init.normal_(level.weight, std=1e-3)

    def forward(
        self,
        features: list[Tensor],
        ref_img: Tensor,
        ref_person: Tensor,
        surface: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """Look up the colours, mix them over the target's surface.

        Args:
            features (list[Tensor]): Of the reference, finest first.
            ref_img (Tensor): RGB in [-1, 1], (N, 3, H, W).
            ref_person (Tensor): Share of the person, (N, 1, H, W).
            surface (Tensor): Column and row of the atlas at each pixel of
                the target, (N, 2, H, W) uint8; 0 and 0 off the body.

        Returns:
            tuple[Tensor, Tensor]: Colours (N, 3, H, W) and in how far they
            are to be believed (N, 1, H, W) in [0, 1], 0 off the body.
        """
        palette = self._palette(features[0], ref_img, ref_person)
        kind = self.kind(features[-1].mean((2, 3)))
        kind = (at_least_float32(kind) + 1) / self.atlases
        looked_up = self._look_up(*surface.long().unbind(1))
        mixed = torch.einsum(
            'nhwac,na->nchw', looked_up.unflatten(-1, (self.atlases, -1)), kind
        )
        share, gain, belief = at_least_float32(mixed).split(
            [self.colours, _GAIN, _BELIEF], 1
        )
        colour = torch.einsum('nkhw,nkc->nchw', share.softmax(1), palette)
        colour = at_least_float32(colour)
        colour = colour * (_BRIGHTEST * (gain / _BRIGHTEST).tanh()).exp()
        on_body = surface.any(1, keepdim=True)
        return 2 * colour - 1, belief.sigmoid() * on_body

    def _look_up(self, column: Tensor, row: Tensor) -> Tensor:
        """What all atlases hold at places (N, H, W): (N, H, W, C)."""
        return sum(
            pace
            * level(
                row // square * (TEXTURE_SIDE // square) + column // square
            )
            for level, (square, pace) in zip(
                self.pyramid, _PYRAMID.items(), strict=True
            )
        )

    def _palette(
        self, features: Tensor, ref_img: Tensor, ref_person: Tensor
    ) -> Tensor:
        """Colours of the person in [0, 1], (N, K, 3)."""
        cell = ref_img.shape[-1] // features.shape[-1]
        person = F.avg_pool2d(ref_person, cell).clamp(min=_TRACE)
        weights = at_least_float32(self.look(features)) + person.log()
        # The wall beside the person has no part in the means of squares.
        colours = F.avg_pool2d((ref_img + 1) / 2 * ref_person, cell) / person
        return weights.flatten(2).softmax(-1) @ colours.flatten(2).mT
