"""DPT as a whole: streams, stages, what is fitted and what is brought."""

import numpy as np
import pytest
import torch
from closeness import (
    assert_near,
    assert_same_classes,
    assert_same_picture,
)
from known_fits import known_fits
from method_steps import changed_by_a_step, optimizers
from mmengine.config import Config
from synthetic_batch import make_batch

from mmposetransfer.apis import PoseTransferInferencer
from mmposetransfer.geometry import FlowSynthesizer
from mmposetransfer.models.methods.dpt import (
    DPT,
    SurfaceCharts,
    TextureCompletion,
    pixels_to_texture,
    texture_to_pixels,
)
from mmposetransfer.registry import MODELS

STREAMS = ['texture', 'predictive']
ALL = [*STREAMS, 'blending', 'discriminator']
IMAGE_LOSSES = {'loss_l1', 'loss_perceptual', 'loss_style'}
JUDGING = {'loss_d_real', 'loss_d_fake', 'loss_gan'}
UNET = dict(type='ResidualUNet', base_channels=4, max_channels=8, num_blocks=1)


def config(**changes):
    vgg = dict(pretrained='random')
    model = dict(
        type='DPT',
        texture=dict(type='TextureCompletion', base_channels=2, num_levels=2),
        predictive=dict(UNET, in_channels=9, out_channels=3, num_levels=3),
        blending=dict(UNET, in_channels=10, out_channels=4, num_levels=1),
        discriminator=dict(
            type='PatchDiscriminator',
            in_channels=6,
            base_channels=4,
            num_conv=2,
        ),
        texture_size=16,
        loss_perceptual=dict(
            type='PerceptualLoss', layer_weights=dict(relu1_1=1.0), **vgg
        ),
        loss_style=dict(type='StyleLoss', layers=('relu1_1',), **vgg),
        loss_gan=dict(type='GANLoss', loss_weight=0.1),
    )
    return {**model, **changes}


def build(**changes):
    torch.manual_seed(0)
    return MODELS.build(config(**changes))


def inputs_of(model, **batch):
    return model.data_preprocessor(make_batch(**batch))['inputs']


# -------------------------------------------------------------------- streams


def test_what_is_known_of_a_texture_is_kept():
    network = TextureCompletion(base_channels=2, num_levels=2)
    colours = torch.rand(1, 24, 3, 8, 8) * 2 - 1
    known = torch.zeros(1, 24, 1, 8, 8)
    known[..., :4, :] = 1
    got = network(colours, known)
    assert_near(got[..., :4, :], colours[..., :4, :])
    assert not torch.isclose(got, colours)[..., 4:, :].any()
    assert got.abs().max() <= 1


@pytest.mark.parametrize('exchange', [False, True])
def test_parts_know_of_each_other_by_the_exchange_alone(exchange):
    network = TextureCompletion(2, num_levels=1, exchange=exchange)
    colours = torch.rand(1, 24, 3, 8, 8, requires_grad=True)
    network(colours, torch.zeros(1, 24, 1, 8, 8))[:, 5].sum().backward()
    reached = colours.grad.flatten(2).any(2)[0]
    assert reached.sum() == (24 if exchange else 1) and reached[5]


def test_a_part_is_what_its_own_network_makes_of_it():
    """Groups of one convolution against a network for one part."""
    torch.manual_seed(0)
    network = TextureCompletion(2, num_levels=1, exchange=False)
    colours, known = torch.rand(1, 24, 3, 8, 8), torch.zeros(1, 24, 1, 8, 8)
    part = 7

    def conv(layer, x):
        rows = layer.out_channels // 24
        own = slice(part * rows, (part + 1) * rows)
        return torch.conv2d(
            x, layer.weight[own], layer.bias[own], layer.stride, layer.padding
        )

    def relu(x):
        return torch.where(x > 0, x, 0.2 * x)

    x = torch.cat([colours[:, part], known[:, part]], 1)
    skip = relu(conv(network.stem, x))
    x = relu(conv(network.downs[0], skip))
    x = x.repeat_interleave(2, 2).repeat_interleave(2, 3)
    x = relu(conv(network.ups[0], x) + skip)
    assert_near(network(colours, known)[:, part], conv(network.head, x).tanh())


def test_a_size_that_cannot_be_halved_is_refused():
    with pytest.raises(
        ValueError, match="multiple of 4, got 6.*'texture_size'"
    ):
        TextureCompletion(num_levels=2)(
            torch.zeros(1, 24, 3, 6, 6), torch.zeros(1, 24, 1, 6, 6)
        )


def test_the_warping_stream_brings_what_the_reference_shows():
    """Where the target's surface is known, without what networks make."""
    model = build(texture_size=32)
    inputs = model.prepared(inputs_of(model))
    inputs['ref_iuv'] = inputs['tgt_iuv']  # nobody moves
    colours, known = pixels_to_texture(
        inputs['ref_img'], inputs['ref_iuv'], 32
    )
    body = inputs['tgt_iuv'][:, :1] > 0
    sure = body & (texture_to_pixels(known, inputs['tgt_iuv']) > 0.999)
    got = model.warp(inputs)
    wanted = texture_to_pixels(colours, inputs['tgt_iuv'])
    sure = sure.expand_as(got)
    assert_near(got[sure], wanted[sure], steps=1e5)
    assert (got * ~body == 0).all()


def test_pixels_that_are_not_the_persons_bring_nothing():
    model = build()
    inputs = model.prepared(inputs_of(model))
    person = torch.zeros(2, 1, 32, 32)
    inputs['ref_person'] = person
    one = model.warp(inputs)
    other = model.warp(dict(inputs, ref_img=-inputs['ref_img']))
    assert_near(one, other)
    assert model.looks_at('ref_person')


@pytest.mark.parametrize('logit, stream', [(-200.0, 0), (200.0, 1)])
def test_the_weight_chooses_between_the_streams(logit, stream):
    model = build().eval()
    head = model.blending.head[-1]
    torch.nn.init.zeros_(head.weight)
    with torch.no_grad():
        head.bias.copy_(torch.tensor([0, 0, 0, logit]))
    found = model.transfer(inputs_of(model))
    body = inputs_of(model)['tgt_iuv'][:, :1] > 0
    chosen = found['warped_img'] if stream else found['generated_img']
    wanted = torch.where(body, chosen, found['generated_img'])
    assert_near(found['pred_img'], wanted.clamp(-1, 1))
    assert_near(found['weight_map'], body.float() * stream)


def test_it_begins_with_the_mean_of_both_streams():
    model = build(
        blending=dict(
            UNET, in_channels=10, out_channels=4, num_levels=1, head_std=1e-6
        )
    ).eval()
    inputs = model.prepared(inputs_of(model))
    warped, generated = model.warp(inputs), model.generate(inputs)
    img, _ = model.blend(warped, generated, inputs)
    body = inputs['tgt_iuv'][:, :1] > 0
    mean = torch.where(body, (warped + generated) / 2, generated)
    torch.testing.assert_close(img, mean, rtol=0, atol=1e-2)


def test_before_its_stage_the_blending_is_not_used():
    model = build().eval()
    model.set_pending(['blending', 'discriminator'])
    found = model.transfer(inputs_of(model))
    assert_near(found['pred_img'], found['generated_img'])
    assert 'weight_map' not in found


# ------------------------------------------------------------------- surfaces


@pytest.fixture(scope='module')
def poses():
    people = FlowSynthesizer(known_fits(2))
    return [torch.from_numpy(people.keypoints(row)) for row in range(2)]


def posed_batch(poses, size=64):
    """Two pictures without surfaces; the second one's target is nobody."""
    ref, tgt = poses
    inputs = make_batch(2, size)['inputs']
    for side in ('ref', 'tgt'):
        inputs.pop(f'{side}_iuv')
    inputs['ref_keypoints'] = [ref, ref]
    inputs['tgt_keypoints'] = [tgt, torch.zeros_like(tgt)]
    return dict(inputs=inputs, data_samples=None)


def test_without_surfaces_bodies_are_fitted(poses):
    model = build().eval()
    inputs = model.data_preprocessor(posed_batch(poses))['inputs']
    prepared = model.prepared(inputs)
    assert prepared['tgt_iuv'].shape == (2, 3, 64, 64)
    body = (prepared['tgt_iuv'][:, 0] > 0).flatten(1).float().mean(1)
    assert 0.05 < body[0] < 0.6 and body[1] == 0
    truth = FlowSynthesizer(known_fits(2)).raster(0).face >= 0
    found = prepared['ref_iuv'][0, 0].numpy() > 0
    assert (found & truth).sum() > 0.75 * (found | truth).sum()
    brought = {k: prepared[k] for k in ('ref_iuv', 'tgt_iuv')}
    assert_near(model.transfer({**inputs, **brought}), model.transfer(inputs))


def test_fitted_surfaces_lie_in_the_box_of_the_pictures(poses):
    """A border around the pictures moves them, and changes nothing else."""
    plain = build().eval()
    inputs = plain.data_preprocessor(posed_batch(poses))['inputs']
    padded = build(
        data_preprocessor=dict(
            type='PoseTransferDataPreprocessor', sides=(), pad_size_divisor=96
        )
    ).eval()
    canvas = padded.data_preprocessor(posed_batch(poses))['inputs']
    assert canvas['canvas'].box == (16, 16, 64, 64)
    got = padded.prepared(canvas)['ref_iuv']
    wanted = plain.prepared(inputs)['ref_iuv']
    inside = got[..., 16:80, 16:80]
    assert_same_classes(inside[:, 0], wanted[:, 0])
    assert wanted[:, 0].any() and got.sum() == inside.sum()
    same = (inside[:, :1] == wanted[:, :1]).expand_as(wanted)
    # Bodies fitted at two places differ by rounding.
    assert_same_picture(inside[same].numpy(), wanted[same].numpy(), levels=2)
    (sample, _) = padded.test_step(posed_batch(poses))
    assert sample.pred_img.shape == (3, 64, 64)


def test_the_inferencer_needs_poses_alone(poses):
    model = {k: v for k, v in config().items() if k != 'discriminator'}
    cfg = Config(dict(model=model, image_size=(64, 64)))
    inferencer = PoseTransferInferencer(cfg, device='cpu', pose_estimator=None)
    img = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    ref, tgt = (pose.numpy() for pose in poses)
    result = inferencer(img, ref, tgt, crop='none', return_datasamples=True)
    (sample,) = result['predictions']
    assert sample.pred_img.shape == (3, 64, 64)
    body = sample.weight_map[0] > 0
    fitted = SurfaceCharts().iuv(FlowSynthesizer(known_fits(2)).raster(1))
    truth = torch.from_numpy(fitted[0] > 0)
    assert (body & truth).sum() > 0.75 * (body | truth).sum()


# ------------------------------------------------------------------- training


@pytest.mark.parametrize(
    'learning, losses',
    [
        (['texture'], {'loss_texture'}),
        (STREAMS, {'loss_texture', *IMAGE_LOSSES}),
        (ALL, {'loss_texture', *IMAGE_LOSSES, *JUDGING}),
        (['blending'], IMAGE_LOSSES),
    ],
)
def test_a_step_changes_just_what_learns(learning, losses):
    changed, log = changed_by_a_step(build(), make_batch(), learning)
    assert changed == set(learning)
    assert set(log) == losses


@pytest.mark.parametrize(
    'learning, which, share',
    # Of textures the most is known, and stays.
    [(STREAMS, 'loss_texture', 0.95), (ALL, 'loss_l1', 0.9)],
)
def test_each_stage_learns_a_batch(learning, which, share):
    model = build()
    model.set_learning(learning)
    model.train()
    wrappers, batch = optimizers(model, lr=3e-3), make_batch()
    log = [model.train_step(batch, wrappers)[which] for _ in range(30)]
    assert log[-1] < share * log[0]


def test_the_streams_learn_by_the_blended_picture():
    model = build()
    model.set_learning(['predictive', 'texture', 'blending'])
    model.train()
    model(inputs_of(model), mode='loss')['loss_l1'].backward()
    for name in (*STREAMS, 'blending'):
        grads = [p.grad for p in getattr(model, name).parameters()]
        assert any(grad.any() for grad in grads), name


def test_the_texture_is_held_to_the_target_on_the_body():
    model = build()
    model.set_learning(['texture'])
    inputs = inputs_of(model)
    loss = model(inputs, mode='loss')['loss_texture']
    body = (inputs['tgt_iuv'][:, :1] > 0).float()
    error = (model.warp(model.prepared(inputs)) - inputs['tgt_img']) * body
    assert_near(loss, error.abs().mean())


def test_the_critic_sees_the_picture_and_the_targets_surface():
    model = build()
    inputs = model.prepared(inputs_of(model))
    seen = model.seen_by('discriminator', inputs['tgt_img'], inputs)
    wanted = torch.cat([inputs['tgt_img'], inputs['tgt_surface']], 1)
    assert torch.equal(seen, wanted)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="needs a 'loss_gan'"):
        build(loss_gan=None)
    with pytest.raises(ValueError, match="beside the 'blending'"):
        build().set_learning(['discriminator', 'texture'])


def test_pictures_need_nothing_that_only_training_does():
    trained = build()
    model = build(**dict.fromkeys(DPT.TRAINING_ONLY))
    weights = trained.state_dict()
    wanted = model.state_dict().keys()
    model.load_state_dict({key: weights[key] for key in wanted})
    (got, _), (sample, _) = (
        one.eval().test_step(make_batch()) for one in (model, trained)
    )
    assert_near(got.pred_img, sample.pred_img)


def test_losses_under_autocast_are_finite_and_near():
    model = build()
    model.set_learning(ALL)
    inputs = inputs_of(model)
    exact = model(inputs, mode='loss')
    with torch.autocast('cpu', torch.bfloat16):
        rough = model(inputs, mode='loss')
    for name, value in exact.items():
        assert rough[name].item() == pytest.approx(
            value.item(), rel=0.1, abs=2e-2
        )
