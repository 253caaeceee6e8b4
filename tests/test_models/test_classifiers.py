"""Classifiers of clothes: trunks, head, losses, calibrated temperature."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from mmengine.structures import BaseDataElement
from torch import nn

from mmposetransfer.errors import UserFileNotFoundError, UserValueError
from mmposetransfer.models import (
    AttributeLoss,
    CategoryLoss,
    ClothingClassifier,
    ResNetTrunk,
)
from mmposetransfer.models.backbones import LitePooled, ResNet
from mmposetransfer.models.classifiers import LiteTrunk, fit_pictures
from mmposetransfer.utils.setup_env import register_all_modules

RESNET = dict(
    type='mmposetransfer.ResNetTrunk',
    depths=(1, 1),
    width=4,
    resize=40,
    crop=32,
)


@pytest.fixture(autouse=True)
def ready():
    register_all_modules()
    torch.manual_seed(0)


def classifier(**changes):
    config = dict(
        trunk=RESNET,
        num_labels=5,
        loss_labels=dict(type='mmposetransfer.CategoryLoss'),
        data_preprocessor=dict(type='mmposetransfer.ClothingPreprocessor'),
    )
    return ClothingClassifier(**(config | changes))


def bottleneck(state, name, x, stride):
    """A block by torch's functions and the published names of weights."""

    def step(x, number, norm, stride=1, padding=0):
        x = F.conv2d(
            x, state[f'{name}.{number}.weight'], None, stride, padding
        )
        return normed(x, f'{name}.{norm}')

    def normed(x, norm):
        return F.batch_norm(
            x,
            *(state[f'{norm}.running_{what}'] for what in ('mean', 'var')),
            *(state[f'{norm}.{what}'] for what in ('weight', 'bias')),
        )

    y = step(x, 'conv1', 'bn1').relu()
    y = step(y, 'conv2', 'bn2', stride, 1).relu()
    y = step(y, 'conv3', 'bn3')
    if f'{name}.downsample.0.weight' in state:
        x = step(x, 'downsample.0', 'downsample.1', stride)
    return (x + y).relu()


def test_resnet_computes_what_its_published_names_say():
    network = ResNet((2, 1), width=4, num_classes=3).eval()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
    state, x = network.state_dict(), torch.randn(2, 3, 48, 40)
    y = F.conv2d(x, state['conv1.weight'], None, 2, 3)
    y = F.batch_norm(
        y,
        state['bn1.running_mean'],
        state['bn1.running_var'],
        state['bn1.weight'],
        state['bn1.bias'],
    ).relu()
    y = F.max_pool2d(y, 3, 2, 1)
    for name, stride in (('layer1.0', 1), ('layer1.1', 1), ('layer2.0', 2)):
        y = bottleneck(state, name, y, stride)
    torch.testing.assert_close(
        network.pooled(x), y.flatten(2).mean(2), rtol=1e-4, atol=1e-5
    )


def test_resnet_50_has_the_published_names_and_sizes():
    with torch.device('meta'):
        network = ResNet()
    names = network.state_dict()
    # Of torchvision's resnet50-0676ba61.pth.
    assert sum(p.numel() for p in network.parameters()) == 25_557_032
    assert len(names) == 320
    assert names['layer3.5.conv2.weight'].shape == (256, 256, 3, 3)
    assert names['layer4.0.downsample.0.weight'].shape == (2048, 1024, 1, 1)
    assert 'layer4.1.downsample.0.weight' not in names


def test_pictures_are_cut_from_the_middle():
    img = torch.zeros(1, 1, 20, 40)
    img[..., 10:30] = 1
    fitted = fit_pictures(img, 20, 20)
    assert fitted.shape == (1, 1, 20, 20) and (fitted == 1).all()
    assert fit_pictures(img, 33, 31).shape == (1, 1, 31, 31)


def test_lite_trunk_is_pooled_features_and_means_of_cells():
    trunk = LiteTrunk(height=64, stages=(2, 6), grid=(2, 1)).eval()
    img = torch.rand(2, 3, 64, 48) * 2 - 1
    vectors = trunk(img)
    assert vectors.shape == (2, trunk.out_channels)
    pooled = LitePooled()((img + 1) / 2)['pooled']
    torch.testing.assert_close(vectors[:, :1280], pooled, rtol=1e-3, atol=1e-3)
    features = trunk.network(img, (2, 6))
    cells = [f.unflatten(2, (2, -1)).mean((3, 4)).flatten(1) for f in features]
    torch.testing.assert_close(
        vectors[:, 1280:], torch.cat(cells, 1), rtol=1e-3, atol=1e-3
    )
    # What is frozen is in no checkpoint, finds no optimizer and never trains.
    assert not trunk.state_dict() and not list(trunk.parameters())
    assert not trunk.train().training
    learns = LiteTrunk(height=64, frozen=False).train()
    assert learns.training and list(learns.parameters())


def test_losses_equal_plain_sums():
    logits = torch.randn(4, 3)
    known = np.array([[1, 0, -1], [0, 0, 1], [-1, -1, -1], [1, 1, 0]])
    terms = [
        np.log1p(np.exp(-z if label else z))
        for z, label in zip(logits.flatten().tolist(), known.flat, strict=True)
        if label >= 0
    ]
    got = AttributeLoss(loss_weight=2)(logits, torch.from_numpy(known))
    assert float(got) == pytest.approx(2 * np.mean(terms), rel=1e-5)
    nothing = torch.full((4, 3), -1)
    assert float(AttributeLoss()(logits, nothing)) == 0
    labels = [0, 2, 1, 1]
    likely = np.exp(logits.double().numpy())
    likely /= likely.sum(1, keepdims=True)
    wanted = -np.log(likely[range(4), labels]).mean()
    got = CategoryLoss()(logits, torch.tensor(labels))
    assert float(got) == pytest.approx(wanted, rel=1e-5)


def batch(count=4):
    samples = []
    for number in range(count):
        sample = BaseDataElement(metainfo=dict(name=f'{number}'))
        sample.labels = torch.tensor(number % 5)
        samples.append(sample)
    inputs = [
        torch.randint(256, (3, 36, 30), dtype=torch.uint8) for _ in samples
    ]
    return dict(inputs=inputs, data_samples=samples)


def test_a_classifier_learns_a_batch_and_predicts_it():
    model = classifier()
    optimizer = torch.optim.Adam(model.parameters(), 1e-2)
    data = batch()
    for _ in range(25):
        ready = model.data_preprocessor(data)
        losses = model(**ready, mode='loss')
        optimizer.zero_grad()
        losses['loss'].backward()
        optimizer.step()
    first = data['inputs'][0]
    shown = ready['inputs'][0]
    torch.testing.assert_close(shown[0], first[2].float() / 127.5 - 1)
    samples = model.train().test_step(data)
    got = [int(sample.logits.argmax()) for sample in samples]
    assert got == [0, 1, 2, 3]


def test_vectors_stand_for_pictures_and_the_temperature_divides():
    model = classifier(hidden=6, normalize=True, dropout=0.3).eval()
    images = torch.rand(3, 3, 36, 30) * 2 - 1
    vectors = model.trunk(images)
    torch.testing.assert_close(model(images), model(vectors))
    before = model(vectors)
    model.temperature.fill_(2)
    torch.testing.assert_close(model(vectors), before / 2)


def test_training_starts_from_a_published_file(tmp_path):
    state = ResNet((1, 1), width=4).state_dict()
    torch.save(state, tmp_path / 'mine.pth')
    model = classifier(pretrained=str(tmp_path / 'mine.pth'))
    own = model.trunk.network.state_dict()
    assert own and not [key for key in own if key.startswith('fc')]
    for key, value in own.items():
        torch.testing.assert_close(value, state[key])
    with pytest.raises(UserFileNotFoundError):
        classifier(pretrained=str(tmp_path / 'none.pth'))
    torch.save(dict(a=torch.ones(1)), tmp_path / 'other.pth')
    with pytest.raises(UserValueError, match='resnet50-0676ba61.pth'):
        classifier(pretrained=str(tmp_path / 'other.pth'))
    with pytest.raises(UserValueError, match="leave 'pretrained' out"):
        classifier(
            trunk=dict(type='mmposetransfer.LiteTrunk'), pretrained='a.pth'
        )


def test_what_cannot_be_done_is_said():
    model = classifier(loss_labels=None)
    images = torch.zeros(2, 3, 32, 32)
    with pytest.raises(UserValueError, match='without loss_labels'):
        model.eval()(images, batch(2)['data_samples'], mode='loss')
    with pytest.raises(UserValueError, match="got 'guess'"):
        model(images, mode='guess')
    assert isinstance(model.trunk, ResNetTrunk)
