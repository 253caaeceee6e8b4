"""Flow guided feature warping (paper, Sec. 3.4 and Fig. 5)."""

from torch import nn

from mmposetransfer.registry import MODELS

__all__ = ['FeatureWarping']


@MODELS.register_module()
class FeatureWarping(nn.Module):
    """Warp features by the flow, then gate them by the visibility (eq. 2).

    Args:
        channels (int): Channels of the features.
        gate (dict): Config of the gate, built with ``channels``.
        warp (dict): Config of the warping layer.
    """

    def __init__(
        self,
        channels,
        gate=dict(type='ResidualGate'),  # noqa: B006
        warp=dict(type='FlowWarp'),  # noqa: B006
    ):
        super().__init__()
        self.warp = MODELS.build(warp)
        self.gate = MODELS.build(dict(gate, channels=channels))

    def forward(self, x, flow, visibility):
        """Warp features of one level.

        Args:
            x (Tensor): (N, C, H, W).
            flow (Tensor): (N, 2, H, W) in pixels of this level.
            visibility (Tensor): (N, 1, H, W) classes 0, 1, 2.

        Returns:
            Tensor: (N, C, H, W).
        """
        # The warp computes in float32; go on in the features' own type.
        return self.gate(self.warp(x, flow).to(x.dtype), visibility)
