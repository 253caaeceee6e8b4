"""DSC's generator: a U-Net whose skips are deformed part by part."""

import torch
from torch import Tensor, nn

from mmposetransfer.registry import MODELS

from ...backbones.residual_unet import check_divisible
from ...initialization import init_xavier
from ...precision import at_least_float32
from .body_parts import match_parts
from .deformation import deform_features
from .layers import doubled_channels, down_block, up_block

__all__ = ['DSCGenerator']

# Blocks of the decoder that drop features, from the coarsest on.
_DROPPING = 3


def _encoder(in_channels, channels, norm):
    """A 3x3 convolution, then a halving for each further level.

    Nothing normalises the coarsest features.
    """
    norms = [norm] * (len(channels) - 2) + [None]
    pairs = zip(channels[:-1], channels[1:], norms, strict=True)
    return nn.ModuleList(
        [
            nn.Conv2d(in_channels, channels[0], 3, padding=1),
            *(down_block(*pair) for pair in pairs),
        ]
    )


@MODELS.register_module()
class DSCGenerator(nn.Module):
    """Deformable skip connections (Sec. 3.2): 82.08 M parameters at 256.

    One encoder sees the reference and its pose, one the target's pose. The
    decoder gets the skips of both; those of the reference, at the finest
    levels, are moved to where the parts of the target's body are.

    Args:
        base_channels (int): Channels at full size; they double with every
            level.
        max_channels (int): Upper bound of them.
        num_levels (int): How often the size is halved: 6 at 256x256, 5 at
            128x64.
        num_warp_levels (int): Levels whose skips are deformed, from the
            finest; 0 is the paper's baseline.
        pose_channels (int): Of a pose map.
        norm (str): ``picture``, over all channels and places, as the
            implementation has it, or ``instance``, as the paper says.
        dropout (float): In the three coarsest blocks of the decoder.

    Examples:
        >>> generator = DSCGenerator(base_channels=4, num_levels=4)
        >>> pose, joints = torch.zeros(1, 18, 64, 48), torch.ones(1, 18, 3)
        >>> img = torch.zeros(1, 3, 64, 48)
        >>> generator(img, pose, pose, joints, joints).shape
        torch.Size([1, 3, 64, 48])
    """

    def __init__(
        self,
        base_channels: int = 64,
        max_channels: int = 512,
        num_levels: int = 6,
        num_warp_levels: int = 4,
        pose_channels: int = 18,
        norm: str = 'picture',
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        self.num_levels, self.num_warp_levels = num_levels, num_warp_levels
        channels = doubled_channels(
            base_channels, max_channels, num_levels + 1
        )
        self.ref_encoder = _encoder(3 + pose_channels, channels, norm)
        self.pose_encoder = _encoder(pose_channels, channels, norm)
        # From level l, with the skips of both encoders and what comes from
        # below, to level l - 1; the coarsest first.
        below = [0, *reversed(channels[1:])]
        self.ups = nn.ModuleList(
            up_block(
                2 * channels[level] + below[step],
                channels[level],
                norm,
                dropout if step < _DROPPING else 0,
            )
            for step, level in enumerate(range(num_levels, 0, -1))
        )
        self.to_image = nn.Sequential(
            nn.ReLU(),
            nn.Conv2d(2 * channels[0] + below[-1], 3, 3, padding=1),
        )
        init_xavier(self)

    def forward(
        self,
        ref_img: Tensor,
        ref_pose: Tensor,
        tgt_pose: Tensor,
        ref_keypoints: Tensor,
        tgt_keypoints: Tensor,
    ) -> Tensor:
        """Make the image of the reference's person in the target pose.

        Args:
            ref_img (Tensor): RGB in [-1, 1], (N, 3, H, W).
            ref_pose, tgt_pose (Tensor): Pose maps, (N, 18, H, W).
            ref_keypoints, tgt_keypoints (Tensor): (N, 18, 3) of x, y in
                pixels and score.

        Returns:
            Tensor: RGB in [-1, 1], (N, 3, H, W).

        Raises:
            ValueError: If height or width cannot be halved as often as the
                network has levels.
        """
        check_divisible(ref_img, self.num_levels)
        skips = self._skips(
            torch.cat([ref_img, ref_pose], 1),
            tgt_pose,
            ref_keypoints.detach(),
            tgt_keypoints.detach(),
        )
        x = skips.pop()
        for up in self.ups:
            x = torch.cat([up(x), skips.pop()], 1)
        return at_least_float32(self.to_image(x)).tanh()

    def _skips(self, reference, target, *keypoints):
        """Of both encoders, (N, 2 C_l, H / 2^l, W / 2^l), finest first."""
        parts = match_parts(*keypoints, tuple(reference.shape[-2:]))
        skips = []
        for level, (ref_layer, pose_layer) in enumerate(
            zip(self.ref_encoder, self.pose_encoder, strict=True)
        ):
            reference, target = ref_layer(reference), pose_layer(target)
            moved = reference
            if level < self.num_warp_levels:
                moved = deform_features(reference, parts, 2**level)
            skips.append(torch.cat([moved, target], 1))
        return skips
