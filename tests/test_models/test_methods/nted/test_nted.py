"""NTED as a whole: networks, R1, what learns and from what."""

import pytest
import torch
from closeness import assert_near
from method_steps import changed_by_a_step, optimizers
from mmengine.config import Config
from plain_critic import Brightness
from synthetic_batch import make_batch
from torch import nn

from mmposetransfer.apis import find_config
from mmposetransfer.models.methods import NTED
from mmposetransfer.models.methods.nted import (
    NTEDDiscriminator,
    NTEDGenerator,
    R1Penalty,
)

SIZE = 32
WIDTHS = dict(base_channels=4, max_channels=8)
SMALL = dict(WIDTHS, num_levels=2, num_textures=(6, 4), match_kernels=(3, 1))
IMAGE_LOSSES = {
    'loss_perceptual',
    'loss_style',
    'loss_attention',
    'loss_face',
}
JUDGING = {'loss_d_real', 'loss_d_fake', 'loss_d_r1'}


def build(**changes):
    torch.manual_seed(0)
    vgg = dict(pretrained='random')
    perceptual = dict(
        type='PerceptualLoss', layer_weights=dict(relu1_1=1.0), **vgg
    )
    config = dict(
        data_preprocessor=dict(
            type='PoseTransferDataPreprocessor',
            pose_encoder=dict(type='GaussianPoses', sigma=2),
            sides=('tgt',),
            pad_size_divisor=8,
        ),
        generator=dict(type='NTEDGenerator', **SMALL),
        discriminator=dict(type='NTEDDiscriminator', **WIDTHS, num_levels=3),
        loss_perceptual=perceptual,
        loss_style=dict(type='StyleLoss', layers=('relu1_1',), **vgg),
        loss_attention=dict(type='AttentionReconstructionLoss'),
        loss_face=dict(type='FaceLoss', loss=perceptual, size=8),
        loss_gan=dict(type='GANLoss', gan_type='vanilla', loss_weight=1.5),
        loss_r1=dict(type='R1Penalty', interval=2),
    )
    return NTED(**{**config, **changes})


def inputs_of(model, size=SIZE):
    return model.data_preprocessor(make_batch(size=size))['inputs']


# -------------------------------------------------------------------- networks


def conv(a, b, size, bias=True):
    return a * b * size**2 + b * bias


def count(network):
    return sum(p.numel() for p in network.parameters())


def test_parameters_are_those_of_the_published_layers():
    """Of the authors' configuration: widths, textures and filters."""
    widths = (128, 256, 512, 512, 512)
    levels = list(zip(widths[1:], (64, 64, 32, 16), (3, 3, 3, 1), strict=True))
    encoders = conv(3, 128, 1) + conv(18, 128, 1)
    encoders += 2 * sum(
        conv(a, b, 3) for a, b in zip(widths[:-1], widths[1:], strict=True)
    )
    textures = 2 * sum(
        conv(c, k, size, bias=False) + conv(c, c, size) + conv(c, k, size)
        for c, k, size in levels
    )
    decoder = 2 * conv(512, 512, 3)  # a sixteenth
    for a, b in ((512, 512), (512, 512), (512, 256), (256, 128)):
        decoder += conv(a, b, 3) + conv(b, b, 3)
    decoder += sum(conv(c, 3, 3) for c in widths)
    assert count(NTEDGenerator()) == encoders + textures + decoder


def test_parameters_of_the_discriminator_are_stylegan2s():
    widths = (128, 256, 512, 512, 512, 512, 512)
    blocks = sum(
        conv(a, a, 3) + conv(a, b, 3) + conv(a, b, 1, bias=False)
        for a, b in zip(widths[:-1], widths[1:], strict=True)
    )
    last = conv(513, 512, 3) + conv(512 * 16, 512, 1) + conv(512, 1, 1)
    assert count(NTEDDiscriminator()) == conv(3, 128, 1) + blocks + last


def test_attention_is_told_of_every_set_of_textures():
    generator = NTEDGenerator(**SMALL)
    img, attentions = generator(
        torch.randn(2, 3, 16, 24), torch.randn(2, 18, 16, 24)
    )
    assert img.shape == (2, 3, 16, 24)
    sizes = [tuple(a.distribution.shape) for a in attentions]
    assert sizes == 2 * [(2, 4, 4, 6)] + 2 * [(2, 6, 8, 12)]
    for attention in attentions:
        of_places = attention.extraction.sum(-1)
        assert_near(of_places, torch.ones_like(of_places))


def test_poses_may_be_made_larger():
    plain, scaled = (NTEDGenerator(**SMALL, pose_scale=s) for s in (1.0, 4.0))
    scaled.load_state_dict(plain.state_dict())
    img, pose = torch.randn(1, 3, 16, 16), torch.rand(1, 18, 16, 16)
    assert_near(scaled(img, pose)[0], plain(img, 4 * pose)[0])


def test_where_things_are_in_the_reference_is_no_matter():
    """With filters of 1x1 the coarsest textures are a set of places."""
    generator = build().generator
    extraction = generator.extractions[-1][0]
    x = torch.randn(1, 8, 4, 4)
    mixed = x.flatten(2)[..., torch.randperm(16)].view_as(x)
    torch.testing.assert_close(extraction(mixed)[0], extraction(x)[0])


@pytest.mark.parametrize('size', [(32, 32), (32, 24)])
def test_pictures_of_any_shape_are_judged_as_a_whole(size):
    critic = NTEDDiscriminator(**WIDTHS, num_levels=3)
    assert critic(torch.randn(2, 3, *size)).shape == (2, 1)


@pytest.mark.parametrize(
    'changes, message',
    [
        (dict(num_textures=(4,)), r'num_textures .* num_levels=2 .* \(4,\)'),
        (dict(match_kernels=(3,)), r'match_kernels .* num_levels=2'),
        (dict(match_kernels=(3, 2)), r'must be odd, got \(3, 2\)'),
    ],
)
def test_what_does_not_fit_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        NTEDGenerator(**{**SMALL, **changes})


def test_sizes_that_do_not_divide_are_named():
    img, pose = torch.zeros(1, 3, 18, 18), torch.zeros(1, 18, 18, 18)
    with pytest.raises(ValueError, match='multiples of 4, got 18x18'):
        NTEDGenerator(**SMALL)(img, pose)


# -------------------------------------------------------------------------- R1


def test_the_penalty_of_a_plane_is_the_square_of_its_slope():
    """D(x) = w x: w^2 whatever the picture, and its gradient 2 w."""
    torch.manual_seed(0)
    w = torch.randn(3, 4, 4, requires_grad=True)
    img = torch.randn(5, 3, 4, 4, requires_grad=True)
    penalty = R1Penalty(loss_weight=10.0, interval=16)
    got = penalty((w * img).sum((1, 2, 3)), img)
    torch.testing.assert_close(got, 10 / 2 * 16 * w.square().sum())
    (slope,) = torch.autograd.grad(got, w)
    torch.testing.assert_close(slope, 10 / 2 * 16 * 2 * w)


def test_the_penalty_of_a_bowl_grows_with_the_picture():
    """D(x) = a |x|^2 / 2: the mean of a^2 |x|^2, over pictures."""
    a = torch.tensor(0.7, requires_grad=True)
    img = torch.randn(5, 3, 4, 4, requires_grad=True)
    logits = 0.5 * a * img.square().sum((1, 2, 3))
    got = R1Penalty(loss_weight=2.0, interval=1)(logits, img)
    mean = img.detach().square().sum((1, 2, 3)).mean()
    torch.testing.assert_close(got, a**2 * mean)
    (slope,) = torch.autograd.grad(got, a)
    torch.testing.assert_close(slope, 2 * a * mean)


def test_the_penalty_of_the_network_is_that_of_finite_differences():
    torch.manual_seed(0)
    critic = NTEDDiscriminator(**WIDTHS, num_levels=1).double()
    img = torch.randn(1, 3, 8, 8, dtype=torch.float64, requires_grad=True)
    got = R1Penalty(loss_weight=2.0, interval=1)(critic(img), img)
    with torch.no_grad():
        total, step = 0.0, 1e-5
        for index in range(img.numel()):
            around = []
            for sign in (1, -1):
                moved = img.clone()
                moved.view(-1)[index] += sign * step
                around.append(critic(moved).item())
            total += ((around[0] - around[1]) / (2 * step)) ** 2
    assert got.item() == pytest.approx(total, rel=1e-4)


def test_every_so_many_steps_are_due_also_after_a_break():
    penalty = R1Penalty(interval=3)
    due = [penalty.is_due() for _ in range(4)]
    again = R1Penalty(interval=3)
    again.load_state_dict(penalty.state_dict())
    due += [again.is_due() for _ in range(4)]
    assert due == [True, False, False, True, False, False, True, False]


# -------------------------------------------------------------------- training


@pytest.mark.parametrize(
    'learning, losses',
    [
        (['generator'], IMAGE_LOSSES),
        (['discriminator'], JUDGING),
        (
            ['generator', 'discriminator'],
            IMAGE_LOSSES | JUDGING | {'loss_gan'},
        ),
    ],
)
def test_a_step_changes_just_what_learns(learning, losses):
    batch = make_batch(size=SIZE)
    changed, log = changed_by_a_step(build(), batch, learning)
    assert changed - {'loss_r1'} == set(learning)
    assert set(log) == losses


def test_r1_comes_every_other_step():
    model = build()
    model.set_learning(['generator', 'discriminator'])
    model.train()
    wrappers, batch = optimizers(model), make_batch(size=SIZE)
    logs = [model.train_step(batch, wrappers) for _ in range(4)]
    assert ['loss_d_r1' in log for log in logs] == [True, False, True, False]


def test_the_adversarial_loss_does_not_saturate():
    """softplus(-D) for the generator, softplus(D), softplus(-D) beside it."""
    model = build()
    model.discriminator = critic = Brightness()
    model.set_learning(['generator', 'discriminator'])
    inputs = inputs_of(model)
    img = torch.randn_like(inputs['tgt_img'])
    got = model.discriminator_losses('discriminator', img, inputs)
    soft = nn.functional.softplus
    real, fake = critic(inputs['tgt_img']), critic(img)
    assert_near(got['loss_d_real'], 0.75 * soft(-real).mean())
    assert_near(got['loss_d_fake'], 0.75 * soft(fake).mean())
    # The slope is weight / (3 H W) at each of 3 H W numbers.
    wanted = 10 / 2 * 2 * critic.weight**2 / (3 * SIZE**2)
    torch.testing.assert_close(got['loss_d_r1'], wanted)
    gan = model.adversarial_losses(img, inputs)['loss_gan']
    assert_near(gan, 1.5 * soft(-fake).mean())


def test_it_learns_a_batch():
    model = build(discriminator=None, loss_r1=None)
    model.set_learning(['generator'])
    model.train()
    wrappers, batch = optimizers(model, lr=5e-3), make_batch(size=SIZE)
    flat = torch.full((3, SIZE, SIZE), 200, dtype=torch.uint8)
    batch['inputs']['tgt_img'] = [flat, flat]
    logs = [model.train_step(batch, wrappers) for _ in range(30)]
    assert logs[-1]['loss_perceptual'] < 0.7 * logs[0]['loss_perceptual']


def test_faces_are_compared_where_the_joints_are():
    """A change elsewhere is not seen, one of the face is."""
    model = build()
    inputs = inputs_of(model)
    keypoints = torch.zeros(2, 18, 3)
    for joint, at in ((0, (10, 10)), (14, (9, 9)), (15, (11, 9))):
        keypoints[:, joint] = torch.tensor([*at, 1.0])
    inputs['tgt_keypoints'] = keypoints
    target = inputs['tgt_img']
    for rows, seen in ((slice(24, 32), False), (slice(8, 12), True)):
        changed = target.clone()
        changed[:, :, rows] = 0
        loss = model.image_losses(changed, inputs)['loss_face']
        assert (loss.item() > 1e-6) == seen


def test_losses_under_autocast_are_finite_and_near():
    model = build()
    model.set_learning(['generator', 'discriminator'])
    data = model.data_preprocessor(make_batch(size=SIZE))
    exact = model(**data, mode='loss')
    model.loss_r1.steps.zero_()
    with torch.autocast('cpu', torch.bfloat16):
        rough = model(**data, mode='loss')
    sum(rough.values()).backward()
    for name, value in exact.items():
        assert rough[name].item() == pytest.approx(
            value.item(), rel=0.15, abs=1e-2
        ), name
    for name in model.components:
        grads = [p.grad for p in getattr(model, name).parameters()]
        assert all(grad.isfinite().all() for grad in grads)


def test_pictures_keep_to_their_range_and_size():
    model = build().eval()
    for layer in model.generator.to_rgb:
        nn.init.normal_(layer.weight, std=9)
    (sample, _) = model.test_step(make_batch(size=36))
    assert sample.pred_img.shape == (3, 36, 36)
    assert sample.pred_img.abs().max() <= 1


def test_the_reference_has_no_pose():
    model = build()
    assert 'ref_pose' not in inputs_of(model)


@pytest.mark.parametrize(
    'changes, learning, message',
    [
        (dict(loss_gan=None), [], "needs a 'loss_gan'"),
        (dict(loss_perceptual=None), ['generator'], "a 'loss_perceptual'"),
    ],
)
def test_losses_that_are_missing_are_named(changes, learning, message):
    with pytest.raises(ValueError, match=message):
        build(**changes).set_learning(learning)


def test_shipped_numbers_are_the_published_ones():
    cfg = Config.fromfile(find_config('nted_deepfashion_patn_256x256'))
    weights = {
        name: value['loss_weight']
        for name, value in cfg.model.items()
        if 'loss_weight' in value
    }
    assert weights == dict(
        loss_perceptual=2.0,
        loss_style=1000.0,
        loss_attention=15.0,
        loss_gan=1.5,
        loss_r1=10.0,
    )
    critic = cfg.optim_wrapper.discriminator.optimizer
    assert critic.lr == pytest.approx(0.001882, abs=1e-6)
    assert critic.betas[1] == pytest.approx(0.9905, abs=1e-4)
    assert cfg.custom_hooks[1].type == 'EMAHook'
