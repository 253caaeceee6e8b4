"""BatchNorm by the batch's own statistics, when the model is used."""

import pytest
import torch
from mmengine.config import Config
from synthetic_batch import make_batch
from torch import nn

from mmposetransfer.apis import find_config
from mmposetransfer.models.methods.batch_statistics import (
    use_batch_statistics,
)
from mmposetransfer.registry import MODELS

NARROW = dict(base_channels=4, max_channels=8, num_levels=3)


@torch.no_grad()
def test_batchnorm_normalises_by_the_batch():
    torch.manual_seed(0)
    norm = nn.BatchNorm2d(3).eval()
    nn.init.normal_(norm.weight)
    nn.init.normal_(norm.bias)
    before = {key: value.clone() for key, value in norm.state_dict().items()}
    x = 5 + 3 * torch.randn(4, 3, 6, 5)
    module = nn.Sequential(norm)
    use_batch_statistics(module)
    mean = x.mean((0, 2, 3), keepdim=True)
    var = ((x - mean) ** 2).mean((0, 2, 3), keepdim=True)
    weight, bias = (v[:, None, None] for v in (norm.weight, norm.bias))
    torch.testing.assert_close(
        module(x), (x - mean) / (var + norm.eps).sqrt() * weight + bias
    )
    for key, value in norm.state_dict().items():
        assert torch.equal(value, before[key]), key
    use_batch_statistics(module.eval(), False)
    torch.testing.assert_close(
        module(x), x / (1 + norm.eps) ** 0.5 * weight + bias
    )
    module.train()(x)
    assert norm.num_batches_tracked == 1


@pytest.fixture
def cfg():
    cfg = Config.fromfile(find_config('dipt/official_deepfashion'))
    cfg.merge_from_dict(
        dict(
            model=dict(
                flow_regressor=dict(backbone=NARROW),
                generator=dict(NARROW, num_warp_levels=2),
                pixel_warping=NARROW,
                discriminator=dict(base_channels=4),
                loss_perceptual=None,
            )
        )
    )
    return cfg


@torch.no_grad()
def test_named_parts_of_the_method_do_so(cfg):
    """Predictions depend on the rest of the batch; nothing else changes."""
    torch.manual_seed(0)
    data = make_batch(size=32)
    first = {
        'data_samples': None,
        'inputs': {key: value[:1] for key, value in data['inputs'].items()},
    }
    model = MODELS.build(cfg.model).eval()
    cfg.model.batch_stats_components = []
    plain = MODELS.build(cfg.model).eval()
    plain.load_state_dict(model.state_dict())
    before = {key: value.clone() for key, value in model.state_dict().items()}
    for built, depends in ((model, True), (plain, False)):
        alone, among = (built.test_step(batch)[0] for batch in (first, data))
        torch.testing.assert_close(alone.pred_flow, among.pred_flow)
        assert depends != torch.allclose(
            alone.generated_img, among.generated_img, atol=1e-4
        )
        assert depends != torch.allclose(
            alone.weight_map, among.weight_map, atol=1e-4
        )
    for key, value in model.state_dict().items():
        assert torch.equal(value, before[key]), key
    # They make the same pictures while they learn, and the frozen generator
    # while pixel warping does; only what learns gathers statistics.
    image = model(**model.data_preprocessor(data))
    model.set_learning(['pixel_warping'])
    model.train()
    torch.testing.assert_close(image, model(**model.data_preprocessor(data)))
    state = model.state_dict()
    for part, steps in (('generator.fuse', 0), ('pixel_warping.stem', 1)):
        key = f'{part}.1.num_batches_tracked'
        assert state[key] == before[key] + steps


def test_parts_that_are_not(cfg):
    cfg.model.batch_stats_components = ['generator', 'refiner']
    with pytest.raises(
        ValueError, match=r"batch_stats_components.*\['refiner'\]"
    ):
        MODELS.build(cfg.model)


def test_losses_want_logits(cfg):
    cfg.model.discriminator.activation = 'sigmoid'
    with pytest.raises(ValueError, match='logits.*activation'):
        MODELS.build(cfg.model)


def test_frozen_statistics_are_not_for_parts_that_never_use_them(cfg):
    """A stage's freeze_norm leaves parts that test on the batch's."""
    model = MODELS.build(cfg.model)
    model.freeze_norm = True
    model.set_learning(['flow_regressor', 'generator', 'discriminator'])
    model.train()
    training = {
        part: {
            m.training
            for m in getattr(model, part).modules()
            if isinstance(m, nn.BatchNorm2d)
        }
        for part in model.components
    }
    # Pixel warping is frozen.
    assert training == dict(
        flow_regressor={False},
        generator={True},
        pixel_warping={True},
        discriminator={True},
    )
