"""Where weights start: the same distributions in every network."""

import pytest
import torch
from torch import nn

from mmposetransfer.models.initialization import init_xavier
from mmposetransfer.registry import MODELS

NETWORKS = dict(
    flow_regressor=dict(type='FlowRegressor'),
    flow_regressor_v2=dict(
        type='FlowRegressor', backbone=dict(type='FlowUNetV2')
    ),
    dual_path=dict(type='DualPathGenerator'),
    single_path=dict(type='SinglePathGenerator'),
    pixel_warping=dict(type='PixelWarping'),
    discriminator=dict(type='PatchDiscriminator'),
)


@pytest.mark.parametrize('name', NETWORKS)
def test_every_network_starts_as_the_implementation_has_it(name):
    torch.manual_seed(0)
    network = MODELS.build(NETWORKS[name])
    convolutions = [
        m
        for m in network.modules()
        if isinstance(m, (nn.Conv2d, nn.ConvTranspose2d))
    ]
    for conv in convolutions:
        weight = conv.weight
        if weight.numel() < 2000:
            continue  # too few to tell
        fan_in = weight[0].numel()
        assert weight.std().item() == pytest.approx(
            (2 / fan_in) ** 0.5, rel=0.08
        )
    norms = [m for m in network.modules() if isinstance(m, nn.BatchNorm2d)]
    scales = torch.cat([norm.weight for norm in norms])
    assert scales.mean().item() == pytest.approx(1, abs=0.005)
    assert scales.std().item() == pytest.approx(0.02, rel=0.15)
    biases = [m.bias for m in convolutions + norms if m.bias is not None]
    assert biases and not torch.cat(biases).any()


def test_xavier_is_uniform_by_inputs_and_outputs():
    """Variance 2 / (fan in + fan out), of every kind of layer."""
    torch.manual_seed(0)
    layers = nn.Sequential(
        nn.Conv2d(24, 40, 3),
        nn.ConvTranspose2d(24, 40, 4, bias=False),
        nn.Linear(100, 60),
    )
    init_xavier(layers)
    fans = (9 * (24 + 40), 16 * (24 + 40), 100 + 60)
    for layer, fan in zip(layers, fans, strict=True):
        bound = (6 / fan) ** 0.5
        assert layer.weight.abs().max() <= bound
        assert layer.weight.std().item() == pytest.approx(
            bound / 3**0.5, rel=0.05
        )
        assert layer.bias is None or not layer.bias.any()
