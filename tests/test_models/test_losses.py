"""Losses against closed forms and plain loops."""

import logging
import math
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from closeness import assert_near
from mmengine.config import Config
from processes import run_processes

from mmposetransfer.apis import find_config, list_models
from mmposetransfer.models.losses import (
    GANLoss,
    L1Loss,
    MultiScaleEPELoss,
    PerceptualLoss,
    VGG19Features,
    VisibilityLoss,
    lands_on_part,
    multi_scale_epe,
    perceptual_loss,
    segmentation_sensitive_flow_loss,
)
from mmposetransfer.models.losses.perceptual_loss import VGG19_URL
from mmposetransfer.registry import MODELS


def test_epe_of_a_constant_error():
    flow = torch.zeros(2, 2, 16, 16)
    visibility = torch.zeros(2, 1, 16, 16)
    visibility[..., 8:] = 2
    pyramid = [torch.zeros(2, 2, 16 >> s, 16 >> s) for s in (1, 2, 3)]
    for level in pyramid:
        level[:, 0], level[:, 1] = 3, -4  # |error| = 5
        level[..., level.shape[-1] // 2 :] = 100  # background: not counted
    weights = 0.32 * (1 + 1 / 2 + 1 / 4)
    assert multi_scale_epe(pyramid, flow, visibility).item() == pytest.approx(
        5 * weights
    )
    assert MultiScaleEPELoss(loss_weight=2.0)(
        pyramid, flow, visibility
    ).item() == pytest.approx(10 * weights)


def test_epe_compares_with_pooled_flow_on_any_body_pixel():
    flow = torch.zeros(1, 2, 4, 4)
    flow[0, 0, 0, 0] = 8
    visibility = torch.full((1, 1, 4, 4), 2)
    visibility[0, 0, 0, 0] = 1
    # One of four coarse pixels is of the body; its pooled flow is 2.
    loss = multi_scale_epe([torch.zeros(1, 2, 2, 2)], flow, visibility, 1.0)
    assert loss.item() == pytest.approx(2)


def test_epe_without_any_body_is_zero_with_a_gradient():
    prediction = torch.ones(1, 2, 2, 2, requires_grad=True)
    loss = multi_scale_epe(
        [prediction], torch.zeros(1, 2, 4, 4), torch.full((1, 1, 4, 4), 2)
    )
    loss.backward()
    assert loss.item() == 0 and not prediction.grad.any()


def test_epe_weighs_samples_alike_whatever_the_size_of_their_body():
    visibility = torch.full((2, 1, 8, 8), 2)
    visibility[0, :, :2, :2] = 0  # one coarse pixel, error 5
    visibility[1] = 0  # sixteen, error 1
    prediction = torch.zeros(2, 2, 4, 4)
    prediction[0, 0], prediction[0, 1], prediction[1, 0] = 3, 4, 1
    loss = multi_scale_epe(
        [prediction], torch.zeros(2, 2, 8, 8), visibility, finest_weight=1.0
    )
    assert loss.item() == pytest.approx((5 + 1) / 2)


def test_visibility_loss_of_uniform_logits():
    classes = torch.randint(0, 3, (2, 1, 4, 4), dtype=torch.uint8)
    loss = VisibilityLoss(loss_weight=2.0)(torch.zeros(2, 3, 4, 4), classes)
    assert loss.item() == pytest.approx(2 * math.log(3))


def test_landing_on_a_part_is_sampling_anything_of_it():
    """As the official loss tells: warp a mask of each part, look for > 0."""
    rng = np.random.default_rng(0)
    ref_parts, parts = torch.from_numpy(
        rng.integers(0, 4, (2, 3, 1, 9, 7)).astype(np.uint8)
    )
    flow = torch.from_numpy(rng.normal(0, 3, (3, 2, 9, 7)).astype(np.float32))
    flow[0] = flow[0].round()  # meets one pixel, not four
    grid = (
        torch.stack(
            [
                flow[:, 0] + torch.arange(7),
                flow[:, 1] + torch.arange(9)[:, None],
            ],
            dim=-1,
        )
        / torch.tensor([6 / 2, 8 / 2])
        - 1
    )
    masks = torch.cat([ref_parts == part for part in range(4)], 1).double()
    sampled = F.grid_sample(masks, grid.double(), align_corners=True) > 1e-6
    expected = sampled.gather(1, parts.long())
    assert torch.equal(lands_on_part(ref_parts, parts, flow), expected)
    assert 0.2 < expected.double().mean() < 0.8


def test_segmentation_loss_counts_visible_pixels_on_wrong_parts():
    ref_parts = torch.ones(1, 1, 4, 4, dtype=torch.uint8)
    ref_parts[..., 2:] = 2
    gt_parts = ref_parts.clone()
    visibility = torch.zeros(1, 1, 4, 4, dtype=torch.uint8)
    visibility[0, 0, 3] = 1
    flow = torch.zeros(1, 2, 4, 4)
    prediction = torch.zeros(1, 2, 4, 4, requires_grad=True)
    args = (flow, visibility, ref_parts, gt_parts)
    assert segmentation_sensitive_flow_loss(prediction, *args).item() == 0
    # Two pixels to the right: the left half lands on the other part, the
    # right half outside of the picture. Row 3 is not visible.
    shifted = prediction + torch.tensor([0.1, 0.0]).view(1, 2, 1, 1)
    loss = segmentation_sensitive_flow_loss(shifted, *args)
    assert loss.item() == pytest.approx(0.1 * 12 / 32)
    loss.backward()
    assert not prediction.grad[0, :, 3].any()
    assert (prediction.grad[0, 0, :3] > 0).all()


def test_segmentation_loss_forgives_a_neighbour_and_the_background():
    parts = torch.tensor([0, 1, 2, 2], dtype=torch.uint8).expand(1, 1, 4, 4)
    visibility = torch.zeros(1, 1, 4, 4, dtype=torch.uint8)
    flow = torch.zeros(1, 2, 4, 4)

    def loss(dx):
        shift = torch.tensor([0.05 * dx, 0.0]).view(1, 2, 1, 1)
        return segmentation_sensitive_flow_loss(
            shift.expand(1, 2, 4, 4), flow, visibility, parts, parts
        ).item()

    assert loss(0.6) == 0  # nearest is the next pixel, the own one is mixed in
    # Part 1 lands on part 2, the last column outside; column 0 is background.
    assert loss(1.0) == pytest.approx(0.05 * 8 / 32)


def test_gan_loss_is_binary_cross_entropy():
    logits = torch.tensor([[0.3, -2.0]])
    probability = logits.sigmoid()
    loss = GANLoss(loss_weight=0.01)
    assert loss(logits, True).item() == pytest.approx(
        -0.01 * probability.log().mean().item()
    )
    assert loss(logits, False).item() == pytest.approx(
        -0.01 * (1 - probability).log().mean().item()
    )
    with pytest.raises(ValueError, match='vanilla'):
        GANLoss('wgan')


def test_l1_loss():
    assert L1Loss(2.0)(torch.zeros(2, 3), torch.full((2, 3), -1.5)) == 3


def test_perceptual_loss_is_a_distance():
    loss = PerceptualLoss(layer_weights=dict(relu1_1=0.5, relu2_1=0.5))
    a, b = torch.rand(2, 1, 3, 16, 16) * 2 - 1
    a.requires_grad_()
    assert loss(b, b).item() == 0
    assert loss(a, b) > 0
    loss(a, b).backward()
    assert a.grad.abs().sum() > 0
    assert not [p for p in loss.parameters() if p.requires_grad]


def weights(features):
    return dict(features.named_buffers())


def test_random_features_are_the_same_every_time():
    torch.manual_seed(1)
    first = weights(VGG19Features(['relu2_1']))
    torch.manual_seed(2)
    again = weights(VGG19Features(['relu2_1']))
    assert len(first) == 2 + 2 * 3
    assert_near(again, first)


def told_of_random_features(rank=0, **options):
    """Level and text of what is logged when the loss is built."""
    told = []

    def print_log(text, logger, level=logging.INFO):
        told.append((level, text))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(perceptual_loss, 'print_log', print_log)
        PerceptualLoss(layer_weights=dict(relu1_1=1.0), **options)
    return told


def test_random_features_are_warned_of_unless_they_are_meant(tmp_path):
    ((level, text),) = told_of_random_features()
    assert level == logging.WARNING
    assert 'compares random features' in text and VGG19_URL in text
    assert '\n' not in text
    ((level, text),) = told_of_random_features(pretrained='random')
    assert level == logging.INFO and 'random features' in text
    wanted = {
        key: value
        for key, value in weights(VGG19Features(['relu1_1'])).items()
        if key.startswith('features')
    }
    path = tmp_path / 'vgg19.pth'
    torch.save(wanted, path)
    assert told_of_random_features(pretrained=str(path)) == []


def test_of_several_processes_the_main_one_warns():
    first, second = run_processes(2, told_of_random_features)
    assert len(first) == 1 and second == []


@pytest.mark.parametrize('name', list_models('*'))
def test_configs_of_real_data_warn_and_those_of_synthfashion_do_not(name):
    model = Config.fromfile(find_config(name)).model
    wanted = 'random' if 'synthfashion' in name else None
    for key, loss in model.items():
        if key.startswith('loss_') and 'pretrained' in (loss or ()):
            assert loss.pretrained == wanted, key
    if (
        model.get('generator', ...) is None
    ):  # no picture is compared: nothing is lost
        narrow = dict(base_channels=4, max_channels=8)
        if 'backbone' in model.flow_regressor:
            model.flow_regressor.backbone.update(narrow)
        assert MODELS.build(model).loss_perceptual is None


def test_the_address_of_the_weights_is_that_of_the_documentation():
    page = Path(__file__).parents[2] / 'docs' / 'training.md'
    if not page.is_file():
        pytest.skip('needs a checkout of the repository')
    assert f'model.loss_perceptual.pretrained={VGG19_URL}' in page.read_text()


def test_vgg_is_no_part_of_a_models_state():
    loss = PerceptualLoss(layer_weights=dict(relu2_1=1.0))
    assert not loss.state_dict() and not list(loss.parameters())


def test_vgg_weights_are_read_from_a_file(tmp_path):
    wanted = {
        key: value + 1
        for key, value in weights(VGG19Features(['relu2_1'])).items()
        if key.startswith('features')
    }
    torch.save(
        {**wanted, 'classifier.0.weight': torch.zeros(1)},
        tmp_path / 'vgg19.pth',
    )
    got = weights(VGG19Features(['relu2_1'], str(tmp_path / 'vgg19.pth')))
    assert all(torch.equal(got[key], value) for key, value in wanted.items())
    torch.save({'features.0.weight': torch.zeros(1)}, tmp_path / 'no.pth')
    with pytest.raises(ValueError, match='lacks'):
        VGG19Features(['relu2_1'], str(tmp_path / 'no.pth'))
    with pytest.raises(FileNotFoundError, match='nowhere.pth'):
        VGG19Features(['relu2_1'], str(tmp_path / 'nowhere.pth'))
    with pytest.raises(ValueError, match='relu9_1'):
        VGG19Features(['relu9_1'])


@pytest.mark.full_stack('torchvision')
def test_vgg_features_are_torchvisions(tmp_path):
    from torchvision import models

    torch.manual_seed(0)
    vgg = models.vgg19(weights=None).eval()
    torch.save(vgg.state_dict(), tmp_path / 'vgg19.pth')
    theirs = vgg.features
    ours = VGG19Features(
        ['relu1_1', 'relu3_1', 'relu5_1'], str(tmp_path / 'vgg19.pth')
    )
    img = torch.rand(1, 3, 32, 32) * 2 - 1
    x = ((img + 1) / 2 - ours.mean) / ours.std
    activations = ours(img)
    for name, end in (('relu1_1', 2), ('relu3_1', 12), ('relu5_1', 30)):
        torch.testing.assert_close(activations[name], theirs[:end](x))
