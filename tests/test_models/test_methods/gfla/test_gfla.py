"""GFLA as a whole: sizes, stages, what is predicted."""

import pytest
import torch
from closeness import assert_near
from method_steps import changed_by_a_step, optimizers
from mmengine.config import Config
from synthetic_batch import make_batch

from mmposetransfer.apis import find_config
from mmposetransfer.models import flow_warp
from mmposetransfer.models.methods.gfla import (
    FlowGuide,
    GFLADiscriminator,
    GFLAFlowNet,
    GFLAGenerator,
)
from mmposetransfer.models.methods.gfla.flow_net import at_full_size
from mmposetransfer.registry import MODELS

SIZE = 32
UNET = dict(base_channels=4, max_channels=8, num_levels=3)
FLOW_LOSSES = {'loss_correctness', 'loss_regularization'}
JUDGING = {'loss_d_real', 'loss_d_fake'}
IMAGE_LOSSES = {'loss_l1', 'loss_perceptual', 'loss_style', 'loss_gan'}


def build(**changes):
    torch.manual_seed(0)
    layers = ('relu1_1', 'relu1_1')
    vgg = dict(pretrained='random')
    config = dict(
        type='GFLA',
        data_preprocessor=dict(
            type='PoseTransferDataPreprocessor',
            pose_encoder=dict(type='GaussianPoses', sigma=2),
        ),
        flow_net=dict(type='GFLAFlowNet', **UNET),
        generator=dict(type='GFLAGenerator', **UNET, hidden_channels=4),
        discriminator=dict(type='GFLADiscriminator', **UNET),
        loss_correctness=dict(
            type='SamplingCorrectnessLoss', layers=layers, **vgg
        ),
        loss_regularization=dict(type='AffineRegularizationLoss'),
        loss_perceptual=dict(
            type='PerceptualLoss', layer_weights=dict(relu1_1=1.0), **vgg
        ),
        loss_style=dict(type='StyleLoss', layers=layers[:1], **vgg),
        loss_gan=dict(type='GANLoss', gan_type='lsgan', loss_weight=2.0),
    )
    return MODELS.build({**config, **changes})


# -------------------------------------------------------------------- networks


def conv(a, b, size, bias=True):
    return a * b * size**2 + b * bias


def norm(channels):
    return 2 * channels


def down(a, b, first=False):
    before = 0 if first else norm(a)
    return before + conv(a, b, 4) + norm(b) + conv(b, b, 3)


def down_as_it_is(a, b):
    return conv(a, b, 4) + conv(b, b, 3)


def up(a, b):
    return norm(a) + conv(a, b, 3) + norm(b) + conv(b, b, 3) + conv(a, b, 3)


def count(network):
    return sum(p.numel() for p in network.parameters())


def test_parameters_of_the_flow_network_are_those_of_its_layers():
    encoder = down(39, 32, True) + down(32, 64) + down(64, 128)
    encoder += down(128, 256) + down(256, 256)
    decoder = up(256, 256) + up(256, 128) + up(128, 64)
    skips = conv(256, 256, 3) + conv(128, 128, 3) + conv(64, 64, 3)
    heads = conv(64, 3, 3) + conv(128, 3, 3)
    assert count(GFLAFlowNet()) == encoder + decoder + skips + heads


def test_parameters_of_the_generator_are_those_of_its_layers():
    of_pose = down(18, 64, True) + down(64, 128) + down(128, 256)
    of_reference = sum(
        down_as_it_is(a, b) for a, b in ((3, 64), (64, 128), (128, 256))
    )
    attention = conv(2 * 128, 128, 5) + conv(128, 25, 1)
    attention += conv(2 * 256, 128, 3) + conv(128, 9, 1)
    blocks = sum(2 * (norm(c) + conv(c, c, 3)) for c in (64, 128, 256))
    ups = up(256, 128) + up(128, 64) + up(64, 64)
    assert count(GFLAGenerator()) == (
        of_pose + of_reference + attention + blocks + ups + conv(64, 3, 3)
    )


def test_all_spectral_norms_of_the_critic_are_one():
    critic = GFLADiscriminator(**UNET)
    for _ in range(30):  # of power iteration
        critic(torch.randn(1, 3, 16, 16))
    weights = [
        m.weight for m in critic.modules() if isinstance(m, torch.nn.Conv2d)
    ]
    assert len(weights) == 3 * 3 + 1
    for weight in weights:
        largest = torch.linalg.matrix_norm(weight.flatten(1), 2)
        assert largest.item() == pytest.approx(1, abs=0.02)


def test_pictures_and_masks_keep_to_their_ranges():
    model = build().eval()
    data = model.data_preprocessor(make_batch())
    found = model.transfer(data['inputs'])
    assert found['pred_img'].shape == (2, 3, SIZE, SIZE)
    assert found['pred_img'].abs().max() < 1
    assert found['weight_map'].min() > 0 and found['weight_map'].max() < 1


def test_a_mask_of_zeros_hides_the_reference():
    generator = build().generator.eval()
    pose, img = torch.randn(1, 18, 32, 32), torch.rand(2, 1, 3, 32, 32)
    flows = [torch.randn(1, 2, size, size) for size in (8, 4)]
    for fill, same in ((0.0, True), (1.0, False)):
        masks = [torch.full((1, 1, s, s), fill) for s in (8, 4)]
        one, other = (generator(pose, x, flows, masks) for x in img)
        assert torch.allclose(one, other) == same


def test_how_bright_the_reference_is_is_not_lost():
    """Plain references of two greys give pictures that differ inside, too."""
    generator = build().generator.eval()
    pose = torch.zeros(1, 18, 32, 32)
    guides = [
        [torch.full((1, c, s, s), v) for s in (8, 4)]
        for c, v in ((2, 0.0), (1, 1.0))
    ]
    dark, bright = (
        generator(pose, torch.full((1, 3, 32, 32), grey), *guides)
        for grey in (-0.8, 0.8)
    )
    assert (dark - bright)[..., 12:20, 12:20].abs().min() > 1e-3


@pytest.mark.parametrize(
    'changes, message',
    [
        (
            dict(flow_net=dict(type='GFLAFlowNet', flow_levels=(2,))),
            r"generator's warp_levels, \(2, 3\), got \(2,\)",
        ),
        (dict(loss_gan=None), "'discriminator' needs a 'loss_gan'"),
        (
            dict(generator=dict(type='GFLAGenerator', kernel_sizes=(5,))),
            r'as many kernel_sizes, got \(5,\)',
        ),
        (
            dict(flow_net=dict(type='GFLAFlowNet', flow_levels=(2, 6))),
            'flow_levels must be out of 1 to num_levels=5',
        ),
    ],
)
def test_what_does_not_fit_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        build(**changes)


def test_sizes_that_do_not_divide_are_named():
    model = build()
    with pytest.raises(ValueError, match='multiples of 8, got 36x36'):
        model(**model.data_preprocessor(make_batch(size=36)))


# ------------------------------------------------------------------ prediction


def test_flow_at_full_size_is_in_its_pixels():
    """A flow of 1.5 pixels at a quarter of the size is one of 6."""
    flow = torch.full((1, 2, 4, 6), 1.5)
    guide = FlowGuide([flow, flow[..., ::2, ::2]], [flow[:, :1] / 3] * 2)
    full, mask = at_full_size(guide, (16, 24))
    assert_near(full, torch.full((1, 2, 16, 24), 6.0))
    assert_near(mask, torch.full((1, 1, 16, 24), 0.5))


def test_the_predicted_flow_warps_the_reference():
    model = build().eval()
    torch.nn.init.zeros_(model.flow_net.heads['2'].weight)
    with torch.no_grad():  # dx = 1, dy = -2 at a quarter of the size
        model.flow_net.heads['2'].bias.copy_(torch.tensor([1.0, -2, 0]))
    inputs = model.data_preprocessor(make_batch())['inputs']
    (sample, _) = model(inputs, mode='predict')
    wanted = torch.zeros_like(sample.ref_img)
    wanted[:, 8:, :-4] = sample.ref_img[:, :-8, 4:]
    torch.testing.assert_close(sample.warped_img, wanted, rtol=0, atol=1e-4)
    assert_near(sample.weight_map, torch.full((1, SIZE, SIZE), 0.5))


def test_before_its_stage_the_generator_is_not_used():
    model = build().eval()
    inputs = model.data_preprocessor(make_batch())['inputs']
    model.set_pending(['generator', 'discriminator'])
    found = model.transfer(inputs)
    assert_near(
        found['pred_img'], flow_warp(inputs['ref_img'], found['pred_flow'])
    )


def test_padding_is_taken_off_again():
    model = build(
        data_preprocessor=dict(
            type='PoseTransferDataPreprocessor', pad_size_divisor=8
        )
    ).eval()
    (sample, _) = model.test_step(make_batch(size=36))
    for name in ('pred_img', 'pred_flow', 'weight_map', 'warped_img'):
        assert sample.get(name).shape[-2:] == (36, 36), name


# -------------------------------------------------------------------- training


@pytest.mark.parametrize(
    'learning, losses',
    [
        ({'flow_net'}, FLOW_LOSSES),
        ({'flow_net', 'generator'}, FLOW_LOSSES | IMAGE_LOSSES - {'loss_gan'}),
        (
            {'flow_net', 'generator', 'discriminator'},
            FLOW_LOSSES | IMAGE_LOSSES | JUDGING,
        ),
        ({'generator'}, IMAGE_LOSSES - {'loss_gan'}),
    ],
)
def test_a_step_changes_just_what_learns(learning, losses):
    changed, log = changed_by_a_step(build(), make_batch(), learning)
    assert changed == learning
    assert set(log) == losses


def test_the_joint_step_is_one_of_both_components():
    model = build()
    model.set_learning(['flow_net', 'generator', 'discriminator'])
    model.train()
    inputs = model.data_preprocessor(make_batch())['inputs']
    made_by = [components for components, _ in model.updates(inputs)]
    assert made_by == ['discriminator', ('flow_net', 'generator')]


def test_the_picture_teaches_the_flow():
    """Without losses of its own the flow network learns in the joint step."""
    model = build(loss_correctness=None, loss_regularization=None)
    model.set_learning(['flow_net', 'generator'])
    model.train()
    losses = model(**model.data_preprocessor(make_batch()), mode='loss')
    losses['loss_l1'].backward()
    heads = model.flow_net.heads
    for level in ('2', '3'):  # dx, dy and the mask
        assert (heads[level].weight.grad.flatten(1).abs().amax(1) > 0).all()


def test_senseless_stages_are_refused():
    model = build(loss_correctness=None)
    with pytest.raises(ValueError, match="needs a 'loss_correctness'"):
        model.set_learning(['flow_net'])
    with pytest.raises(ValueError, match="beside the 'generator'"):
        model.set_learning(['flow_net', 'discriminator'])


@pytest.mark.parametrize(
    'learning, which',
    [
        (['flow_net'], 'loss_correctness'),
        (['flow_net', 'generator'], 'loss_l1'),
    ],
)
def test_each_stage_learns_a_batch(learning, which):
    model = build()
    model.set_learning(learning)
    model.train()
    wrappers, batch = optimizers(model, lr=3e-3), make_batch()
    log = [model.train_step(batch, wrappers)[which] for _ in range(30)]
    least = 2 * 5 * torch.exp(torch.tensor(-1.0))  # of the correctness
    floor = least if which == 'loss_correctness' else 0
    assert log[-1] - floor < 0.9 * (log[0] - floor)


def test_the_critic_sees_the_picture_alone():
    model = build()
    inputs = model.data_preprocessor(make_batch())['inputs']
    seen = model.seen_by('discriminator', inputs['tgt_img'], inputs)
    assert torch.equal(seen, inputs['tgt_img'])
    model.set_learning(['discriminator', 'generator'])
    model.discriminator.eval()
    losses = model.discriminator_losses('discriminator', seen, inputs)
    logits = model.discriminator(seen)
    # 2 * 1/2 * (D - 1)^2 and D^2.
    assert_near(losses['loss_d_real'], (logits - 1).square().mean())
    assert_near(losses['loss_d_fake'], logits.square().mean())


@pytest.mark.parametrize('learning', [['flow_net'], ['flow_net', 'generator']])
def test_losses_under_autocast_are_finite_and_near(learning):
    model = build()
    model.set_learning(learning)
    data = model.data_preprocessor(make_batch())
    exact = model(**data, mode='loss')
    with torch.autocast('cpu', torch.bfloat16):
        rough = model(**data, mode='loss')
    sum(rough.values()).backward()
    for name, value in exact.items():
        assert rough[name].item() == pytest.approx(
            value.item(), rel=0.1, abs=1e-3
        )
    for name in learning:
        grads = [p.grad for p in getattr(model, name).parameters()]
        assert all(grad.isfinite().all() for grad in grads)


def test_shipped_weights_of_losses_are_the_published_ones():
    model = Config.fromfile(find_config('gfla_deepfashion_patn_256x256')).model
    weights = {
        name: model[f'loss_{name}'].loss_weight
        for name in ('l1', 'perceptual', 'style', 'gan', 'correctness')
    }
    assert weights == dict(
        l1=5.0, perceptual=0.5, style=500.0, gan=2.0, correctness=5.0
    )
