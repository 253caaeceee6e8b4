"""DPIG's first stage: a picture through a code of its appearance."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmposetransfer.errors import UserValueError
from mmposetransfer.registry import MODELS

from ...backbones.linear_unet import (
    BottleneckUNet,
    UNetEncoder,
    linear_channels,
)
from ...initialization import init_xavier
from ...precision import at_least_float32
from .regions import REGIONS, BodyRegions

__all__ = ['DPIGGenerator']


class CodeEncoder(nn.Module):
    """Features to a vector: an encoder, then a fully connected layer.

    Args:
        base_channels (int): Of the input and the finest level.
        num_levels (int): Of the encoder.
        final_size (tuple[int, int]): Height and width of its last features;
            those of other sizes are averaged to that.
        code_channels (int): Length of the vector.
    """

    def __init__(
        self,
        base_channels: int,
        num_levels: int,
        final_size: tuple[int, int],
        code_channels: int,
    ) -> None:
        super().__init__()
        channels = linear_channels(base_channels, num_levels)
        height, width = self.final_size = tuple(final_size)
        self.encoder = UNetEncoder(base_channels, channels)
        self.to_code = nn.Linear(channels[-1] * height * width, code_channels)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, base_channels, H, W) to (N, code_channels)."""
        features = F.adaptive_avg_pool2d(self.encoder(x)[-1], self.final_size)
        return at_least_float32(self.to_code(features.flatten(1)))


@MODELS.register_module()
class DPIGGenerator(nn.Module):
    """Codes of a body's regions, and a U-Net from them and a pose (Sec. 3.1).

    Features of the picture are cropped at seven regions of the body; one
    encoder makes a vector of each, 0 where the region is not seen. Together
    they are the appearance, which is repeated at every place and goes through
    a U-Net with the map of the pose. With ``background_channels`` features on
    the foreground alone are cropped, and a second encoder makes a vector of
    the others.

    Args:
        bottleneck_size (tuple[int, int]): Height and width of the coarsest
            features of the U-Net, and of the background's encoder, at the
            size of picture that the network is for.
        pose_channels (int): Channels of the map of the pose.
        image_channels (int): Channels of the picture.
        base_channels (int): Channels of the finest level; level i has (i + 1)
            times as many.
        num_levels (int): Of the U-Net and of the background's encoder.
        code_channels (int): Length of the U-Net's bottleneck.
        region_size (int): Side of the cropped regions: 64 at 256, 48 at 128.
        region_levels (int): Levels of their encoder.
        region_channels (int): Length of the vector of a region.
        background_channels (int): Length of that of the background; 0 for
            pictures whose background is plain.
        margin (float): Of the regions around their joints, as a share of the
            picture's height.
    """

    def __init__(
        self,
        bottleneck_size: tuple[int, int] = (16, 16),
        pose_channels: int = 18,
        image_channels: int = 3,
        base_channels: int = 128,
        num_levels: int = 5,
        code_channels: int = 64,
        region_size: int = 64,
        region_levels: int = 7,
        region_channels: int = 32,
        background_channels: int = 0,
        margin: float = 0.05,
    ) -> None:
        super().__init__()
        self.region_size, self.margin = region_size, margin
        #: Name of a code -> its length.
        self.codes = dict(appearance=len(REGIONS) * region_channels)
        # The features of what the codes know, at the size of the picture.
        self.stem = UNetEncoder(image_channels, [base_channels])
        side = -(-region_size // 2 ** (region_levels - 1))
        self.regions = CodeEncoder(
            base_channels, region_levels, (side, side), region_channels
        )
        self.background = None
        if background_channels:
            self.codes['background'] = background_channels
            self.background = CodeEncoder(
                base_channels, num_levels, bottleneck_size, background_channels
            )
        self.unet = BottleneckUNet(
            sum(self.codes.values()) + pose_channels,
            image_channels,
            bottleneck_size,
            base_channels,
            num_levels,
            code_channels,
        )
        init_xavier(self)

    def encode(
        self, img: Tensor, keypoints: Tensor, mask: Tensor | None = None
    ) -> dict[str, Tensor]:
        """Codes of what pictures look like, without the pose.

        Args:
            img (Tensor): RGB in [-1, 1], (N, 3, H, W).
            keypoints (Tensor): x, y in pixels and score, (N, 18, 3).
            mask (Tensor, optional): 1 on the foreground, else 0,
                (N, 1, H, W); wanted where there is a background's encoder.

        Returns:
            dict[str, Tensor]: ``appearance``, (N, 7 * region_channels), and
            ``background``, (N, background_channels), where it is encoded.

        Raises:
            ValueError: If the mask is wanted and missing.
        """
        regions = BodyRegions.of(keypoints, self.margin * img.shape[-2])
        features = self.stem(img)[0]
        if self.background is None:
            return dict(appearance=self._encode_regions(features, regions))
        if mask is None:
            raise UserValueError(
                'the background is encoded apart, by a mask of the '
                "foreground: give the data_preprocessor's derived a ref_mask "
                "and a tgt_mask, such as dict(type='LimbMask')"
            )
        return dict(
            appearance=self._encode_regions(mask * features, regions),
            background=self.background((1 - mask) * features),
        )

    def _encode_regions(
        self, features: Tensor, regions: BodyRegions
    ) -> Tensor:
        crops = regions.crop(features, self.region_size)  # (N, R, C, s, s)
        codes = self.regions(crops.flatten(0, 1))
        codes = codes.unflatten(0, crops.shape[:2])  # (N, R, region_channels)
        return (codes * regions.present[..., None]).flatten(1)

    def decode(self, codes: dict[str, Tensor], pose: Tensor) -> Tensor:
        """The picture of codes in a pose.

        Args:
            codes (dict[str, Tensor]): Of :meth:`encode`, or sampled.
            pose (Tensor): Map of the pose, (N, 18, H, W).

        Returns:
            Tensor: RGB, linear and so not bound to [-1, 1], (N, 3, H, W).
        """
        vector = torch.cat([codes[name] for name in self.codes], 1)
        maps = vector[..., None, None].expand(-1, -1, *pose.shape[-2:])
        return at_least_float32(self.unet(torch.cat([maps, pose], 1)))

    def forward(
        self,
        img: Tensor,
        keypoints: Tensor,
        pose: Tensor,
        mask: Tensor | None = None,
    ) -> Tensor:
        """:meth:`encode` a picture and :meth:`decode` it in a pose."""
        return self.decode(self.encode(img, keypoints, mask), pose)
