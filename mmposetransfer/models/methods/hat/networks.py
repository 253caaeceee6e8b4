"""HAT's two networks: the surface that nothing shows, and the picture."""

import torch
from torch import Tensor

from mmposetransfer.registry import MODELS

from ...backbones import ResidualUNet
from ...precision import at_least_float32

__all__ = ['HATGenerator', 'HATSurfaceNet', 'RenderingUNet']

_COLOUR, _MASK = 3, 1
# Logit of the person on the body, to begin with.
_SURE = 3.0


class RenderingUNet(ResidualUNet):
    """A U-Net that sees a rendered body and a pose, or two.

    Args:
        pose_channels (int): Of a pose map.
        base_channels, max_channels, num_levels, num_blocks: See
            :class:`ResidualUNet`.
    """

    # Channels of what is seen beside poses, how many of these there are, and
    # channels of what is made.
    SEEN: int
    POSES: int
    MADE: int
    # Deviation of the last convolution's weights at the start.
    HEAD_STD: float | None = None

    def __init__(
        self,
        pose_channels: int = 18,
        base_channels: int = 32,
        max_channels: int = 128,
        num_levels: int = 6,
        num_blocks: int = 2,
    ) -> None:
        super().__init__(
            self.SEEN + self.POSES * pose_channels,
            self.MADE,
            base_channels,
            max_channels,
            num_levels,
            num_blocks,
            self.HEAD_STD,
        )


@MODELS.register_module()
class HATSurfaceNet(RenderingUNet):
    """Colour the part of a body's surface that the reference hides.

    A U-Net sees the target's body, rendered with the colours that were
    copied, what of it is copied, and the pose, which says which limb a place
    belongs to. Between front and back nothing is shared: what colours there
    are is then known from the reference alone, which it sees with its pose.

    Args:
        pose_channels, base_channels, max_channels, num_levels, num_blocks:
            See :class:`RenderingUNet`.
    """

    SEEN = 2 * _COLOUR + 2 * _MASK
    POSES = 2
    MADE = _COLOUR

    def forward(
        self,
        copied: Tensor,
        shared: Tensor,
        body: Tensor,
        tgt_pose: Tensor,
        ref_img: Tensor,
        ref_pose: Tensor,
    ) -> Tensor:
        """Complete a rendering.

        Args:
            copied (Tensor): RGB in [-1, 1], 0 where nothing is copied,
                (N, 3, H, W).
            shared (Tensor): 1 where it is, else 0, (N, 1, H, W).
            body (Tensor): 1 on the body, else 0, (N, 1, H, W).
            tgt_pose, ref_pose (Tensor): Pose maps, (N, 18, H, W).
            ref_img (Tensor): RGB in [-1, 1], (N, 3, H, W).

        Returns:
            Tensor: RGB in [-1, 1] at every place, (N, 3, H, W).
        """
        x = torch.cat([copied, shared, body, tgt_pose, ref_img, ref_pose], 1)
        return at_least_float32(super().forward(x)).tanh()


@MODELS.register_module()
class HATGenerator(RenderingUNet):
    """Dress a rendered body and put it in front of a background.

    A body has neither skirt nor hair: a U-Net changes the rendering to the
    person's picture, and says where the person is. It begins as the rendering
    in front of the background.

    Args:
        pose_channels, base_channels, max_channels, num_levels, num_blocks:
            See :class:`RenderingUNet`.
    """

    SEEN = 2 * _COLOUR + 2 * _MASK
    POSES = 1
    MADE = _COLOUR + _MASK
    HEAD_STD = 3e-4

    def forward(
        self,
        surface: Tensor,
        shared: Tensor,
        body: Tensor,
        background: Tensor,
        tgt_pose: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """Make the picture.

        Args:
            surface (Tensor): The body in all its colours, RGB in [-1, 1], 0
                beside it, (N, 3, H, W).
            shared (Tensor): 1 where they were copied, else 0, (N, 1, H, W).
            body (Tensor): 1 on the body, else 0, (N, 1, H, W).
            background (Tensor): RGB in [-1, 1], (N, 3, H, W).
            tgt_pose (Tensor): Pose map, (N, 18, H, W).

        Returns:
            tuple[Tensor]: The picture, RGB in [-1, 1], (N, 3, H, W), and the
            person's share of each pixel, in [0, 1], (N, 1, H, W).
        """
        x = torch.cat([surface, shared, body, background, tgt_pose], 1)
        y = at_least_float32(super().forward(x))
        change, person = y.split([_COLOUR, _MASK], 1)
        person = (person + _SURE * (2 * body - 1)).sigmoid()
        colour = (surface + change).clamp(-1, 1)
        return torch.lerp(background, colour, person), person
