"""PATN's generator: poses say, block by block, where the image changes."""

import torch
from torch import Tensor, nn

from mmposetransfer.registry import MODELS

from ...backbones.residual_unet import check_divisible, output_head
from .layers import encoder, init_normal, norm_layer, two_convs

__all__ = ['PATNGenerator', 'PoseAttentionalTransferBlock']


class PoseAttentionalTransferBlock(nn.Module):
    """One step of the transfer (Sec. 3.1).

    The pose code's features, as weights in (0, 1), say where and by how much
    the image code changes; the pose code then gets to see what became of it::

        mask = sigmoid(convs(pose))
        image = image + mask * convs(image)
        pose = cat[convs(pose), image]

    Args:
        channels (int): Of the image code.
        pose_channels (int): Of the pose code: ``channels`` in a first block,
            twice as many in all others.
        norm (str): ``instance`` or ``batch``.
        dropout (float): Between the two convolutions of each pathway.
    """

    def __init__(
        self,
        channels: int,
        pose_channels: int,
        norm: str = 'instance',
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        self.image_convs = nn.Sequential(
            *two_convs(channels, channels, norm, dropout),
            norm_layer(norm, channels),
        )
        self.pose_convs = nn.Sequential(
            *two_convs(pose_channels, channels, norm, dropout)
        )

    def forward(self, image: Tensor, pose: Tensor) -> tuple[Tensor, Tensor]:
        """Take a step.

        Args:
            image (Tensor): Image code, (N, channels, h, w).
            pose (Tensor): Pose code, (N, pose_channels, h, w).

        Returns:
            tuple[Tensor]: Image code (N, channels, h, w) and pose code
            (N, 2 * channels, h, w).
        """
        features = self.pose_convs(pose)
        image = image + features.sigmoid() * self.image_convs(image)
        return image, torch.cat([features, image], 1)


@MODELS.register_module()
class PATNGenerator(nn.Module):
    """Pose-attentional transfer network (Sec. 3.1): 41.36 M parameters.

    The reference image and the pair of poses are encoded apart, the blocks
    change the image code, and a decoder makes the image of it alone.

    Args:
        base_channels (int): Channels at full size; they double with every
            level.
        num_levels (int): How often the size is halved.
        num_blocks (int): Pose-attentional transfer blocks.
        pose_channels (int): Of both pose maps together.
        norm (str): ``instance``, as on DeepFashion, or ``batch``, as on
            Market-1501.
        dropout (float): In the blocks.

    Examples:
        >>> generator = PATNGenerator(base_channels=8, num_blocks=2)
        >>> pose = torch.zeros(1, 18, 64, 48)
        >>> generator(torch.zeros(1, 3, 64, 48), pose, pose).shape
        torch.Size([1, 3, 64, 48])
    """

    def __init__(
        self,
        base_channels: int = 64,
        num_levels: int = 2,
        num_blocks: int = 9,
        pose_channels: int = 36,
        norm: str = 'instance',
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        self.num_levels = num_levels
        self.image_encoder = nn.Sequential(
            *encoder(3, base_channels, num_levels, norm)
        )
        self.pose_encoder = nn.Sequential(
            *encoder(pose_channels, base_channels, num_levels, norm)
        )
        channels = base_channels * 2**num_levels
        self.blocks = nn.ModuleList(
            PoseAttentionalTransferBlock(
                channels, channels * (2 if index else 1), norm, dropout
            )
            for index in range(num_blocks)
        )
        self.decoder = nn.Sequential(
            *_decoder(base_channels, num_levels, norm),
            output_head(base_channels, 3),
            nn.Tanh(),
        )
        init_normal(self)

    def forward(
        self, ref_img: Tensor, ref_pose: Tensor, tgt_pose: Tensor
    ) -> Tensor:
        """Make the image of the reference's person in the target pose.

        Args:
            ref_img (Tensor): RGB in [-1, 1], (N, 3, H, W).
            ref_pose, tgt_pose (Tensor): Pose maps, (N, 18, H, W).

        Returns:
            Tensor: RGB in [-1, 1], (N, 3, H, W).

        Raises:
            ValueError: If height or width cannot be halved as often as the
                network has levels.
        """
        check_divisible(ref_img, self.num_levels)
        image = self.image_encoder(ref_img)
        pose = self.pose_encoder(torch.cat([ref_pose, tgt_pose], 1))
        for block in self.blocks:
            image, pose = block(image, pose)
        return self.decoder(image)


def _decoder(base_channels, num_levels, norm):
    """Transposed convolutions: twice the size, half the channels."""
    layers = []
    for level in reversed(range(num_levels)):
        channels = base_channels * 2**level
        layers += [
            nn.ConvTranspose2d(
                *(2 * channels, channels, 3, 2, 1),
                output_padding=1,
                bias=norm == 'instance',
            ),
            norm_layer(norm, channels),
            nn.ReLU(),
        ]
    return layers
