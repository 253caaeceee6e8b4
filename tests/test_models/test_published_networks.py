"""Inception-v3 and LPIPS against plain functions of the same state dicts."""

import hashlib

import cv2
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from published_networks import (
    LPIPS_CHANNELS,
    inception_pooled,
    inception_state,
    lpips_distance_of,
    lpips_linear_state,
    trunk_state,
)
from skimage import data

from mmposetransfer.models.backbones import InceptionFeatures, LPIPSNetwork
from mmposetransfer.models.backbones.inception_features import (
    _resize_bicubic,
    resize_tensorflow1,
)

MEAN = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)


@pytest.fixture(scope='module')
def photographs():
    """The astronaut and a part of it, 96x64, in [0, 1]."""
    rgb = cv2.resize(data.astronaut(), (64, 96), None, 0, 0, cv2.INTER_AREA)
    whole = torch.from_numpy(rgb).permute(2, 0, 1) / 255
    return torch.stack([whole, whole.flip(2).roll(9, 1)])


@pytest.fixture(scope='module')
def files(tmp_path_factory):
    """State dicts of both versions of Inception-v3, and their files."""
    folder = tmp_path_factory.mktemp('inception')
    found = {}
    for fid in (False, True):
        state = inception_state(fid)
        torch.save(state, folder / f'{fid}.pth')
        found[fid] = state, folder / f'{fid}.pth'
    return found


def assert_close(got, wanted):
    """Alike but for float32's rounding through some fifty layers."""
    scale = float(wanted.abs().max())
    np.testing.assert_allclose(got, wanted, rtol=0, atol=2e-4 * scale)


PREPARED = {
    # x * (std / 0.5) + (mean - 0.5) / 0.5, as torchvision has it
    'torchvision': lambda x: (
        F.interpolate(x, (299, 299), mode='bilinear') * (2 * STD)
        + (2 * MEAN - 1)
    ),
    'pytorch_fid': lambda x: (
        F.interpolate(x, (299, 299), mode='bilinear') * 2 - 1
    ),
    'clean_fid': lambda x: (_by_pillow(x) - 128) / 128,
    'tensorflow': lambda x: (255 * _by_tensorflow(x) - 128) / 128,
}


def _by_pillow(images):
    """Bicubic on floats of [0, 255], channel by channel, clipped."""
    rows = [
        np.stack(
            [
                np.array(
                    Image.fromarray(channel, mode='F').resize(
                        (299, 299), Image.BICUBIC
                    )
                ).clip(0, 255)
                for channel in image
            ]
        )
        for image in (images * 255).numpy()
    ]
    return torch.from_numpy(np.stack(rows))


def _by_tensorflow(images):
    """By OpenCV, at positions i * old / new."""
    height, width = images.shape[2:]
    x, y = np.meshgrid(
        np.arange(299) * width / 299, np.arange(299) * height / 299
    )
    rows = [
        cv2.remap(
            image.permute(1, 2, 0).numpy(),
            x.astype(np.float32),
            y.astype(np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        for image in images
    ]
    return torch.from_numpy(np.stack(rows)).permute(0, 3, 1, 2)


@pytest.mark.parametrize('variant', PREPARED)
def test_inception_equals_plain_functions(variant, photographs, files):
    fid = variant != 'torchvision'
    state, path = files[fid]
    network = InceptionFeatures(variant, path)
    with torch.no_grad():
        got = network(photographs)
        wanted = inception_pooled(state, PREPARED[variant](photographs), fid)
    assert wanted.std(0).max() > 0.01  # the pictures differ
    # Filters that are not bit for bit the same.
    tolerance = 3e-3 if variant in ('clean_fid', 'tensorflow') else 2e-4
    np.testing.assert_allclose(
        got['pooled'], wanted, rtol=0, atol=tolerance * float(wanted.max())
    )
    assert_close(got['logits'], got['pooled'] @ state['fc.weight'].T)


def test_versions_of_inception_differ(photographs, files):
    """The wrong pooling, or the wrong filter, cannot go unnoticed."""
    _, path = files[True]
    numbers = [
        InceptionFeatures(variant, path)(photographs)['pooled']
        for variant in ('pytorch_fid', 'clean_fid', 'tensorflow')
    ]
    state, _ = files[True]
    x = PREPARED['pytorch_fid'](photographs)
    numbers.append(inception_pooled(state, x, fid=False))
    for i, one in enumerate(numbers):
        for other in numbers[:i]:
            assert (one - other).abs().max() > 0.01 * one.max()


def test_filters_equal_pillow_and_positions(photographs):
    # Pillow's weights have 8 bits less than float32.
    got = 255 * _resize_bicubic(photographs)
    assert (got - _by_pillow(photographs)).abs().max() < 0.02
    # OpenCV's positions are whole 32nds of a pixel.
    got = resize_tensorflow1(photographs)
    assert (got - _by_tensorflow(photographs)).abs().max() < 0.03
    ramp = torch.arange(4.0).view(1, 1, 1, 4)
    np.testing.assert_allclose(
        resize_tensorflow1(ramp, (1, 8))[0, 0, 0],
        [0, 0.5, 1, 1.5, 2, 2.5, 3, 3],
    )


def test_inception_stays_frozen_and_has_no_state(files):
    network = InceptionFeatures('torchvision', files[False][1]).train()
    assert not network.training and not list(network.parameters())
    assert not network.state_dict()


def test_wrong_files_name_the_published_one(files, tmp_path):
    with pytest.raises(ValueError, match='0cc3c7bd.pth.*download.pytorch'):
        InceptionFeatures('torchvision', None)
    with pytest.raises(ValueError, match=r'fc\.weight.*6726825d.pth.*pytorch'):
        InceptionFeatures('pytorch_fid', files[False][1])
    with pytest.raises(ValueError, match="'clean_fid'.*'clean'"):
        InceptionFeatures('clean', files[True][1])
    # A file of the published name is held to the published digest.
    path = tmp_path / 'pt_inception-2015-12-05-6726825d.pth'
    path.write_bytes(files[True][1].read_bytes())
    with pytest.raises(ValueError, match='another file.*not 6726825d'):
        InceptionFeatures('pytorch_fid', path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    InceptionFeatures('pytorch_fid', path, sha256=digest)


@pytest.mark.parametrize('trunk', LPIPS_CHANNELS)
def test_lpips_equals_plain_functions(trunk, photographs, tmp_path):
    state, linear = trunk_state(trunk), lpips_linear_state(trunk)
    torch.save(state, tmp_path / 'trunk.pth')
    torch.save(linear, tmp_path / 'linear.pth')
    network = LPIPSNetwork(
        trunk, tmp_path / 'trunk.pth', tmp_path / 'linear.pth'
    )
    pred = photographs * 2 - 1
    target = pred.flip(0) * 0.8
    with torch.no_grad():
        got = network(pred, target)
        wanted = lpips_distance_of(state, linear, trunk, pred, target)
        assert network(pred, pred).abs().max() == 0
    assert got.shape == (2,) and wanted.min() > 0.1
    np.testing.assert_allclose(got, wanted, rtol=2e-4)


def test_lpips_takes_the_linear_layers_of_torchmetrics(tmp_path):
    pytest.importorskip('torchmetrics', reason='needs torchmetrics')
    torch.save(trunk_state('alex'), tmp_path / 'trunk.pth')
    network = LPIPSNetwork('alex', tmp_path / 'trunk.pth')
    # All of the published weights are positive: it is a distance.
    weights = network.linear.lin1['model'][1].weight
    assert weights.shape == (1, 192, 1, 1) and weights.min() >= 0


def test_lpips_without_its_files(tmp_path):
    with pytest.raises(ValueError, match='vgg16-397923af.pth'):
        LPIPSNetwork('vgg', None)
    torch.save(trunk_state('squeeze'), tmp_path / 'trunk.pth')
    with pytest.raises(ValueError, match=r'features\.3\.weight.*alexnet-owt'):
        LPIPSNetwork('alex', tmp_path / 'trunk.pth')
    with pytest.raises(ValueError, match="'squeeze'.*'resnet'"):
        LPIPSNetwork('resnet', tmp_path / 'trunk.pth')
