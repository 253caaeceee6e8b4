"""PG2 as a whole: stages, losses, what is judged, predictions."""

import pytest
import torch
from closeness import assert_near
from method_steps import changed_by_a_step, optimizers
from plain_critic import Brightness
from synthetic_batch import make_batch

from mmposetransfer.models.methods import PG2

SIZE = 32
STAGES = (['generator_coarse'], ['generator_refine', 'discriminator'])


def build(**changes):
    torch.manual_seed(0)
    config = dict(
        generator_coarse=dict(
            type='PG2CoarseGenerator',
            base_channels=4,
            num_levels=3,
            code_channels=8,
        ),
        generator_refine=dict(
            type='PG2RefineGenerator', base_channels=4, num_levels=2
        ),
        discriminator=dict(
            type='DCGANDiscriminator', base_channels=4, num_conv=2
        ),
    )
    return PG2(**{**config, **changes})


def inputs_of(model):
    return model.data_preprocessor(make_batch(size=SIZE))['inputs']


D_LOSSES = {'loss_d_real', 'loss_d_fake', 'loss_d_reference'}


@pytest.mark.parametrize(
    'learning, losses',
    [
        (['generator_coarse'], {'loss_coarse'}),
        (['generator_refine'], {'loss_refine'}),
        (STAGES[1], {'loss_refine', 'loss_gan'} | D_LOSSES),
        (['discriminator'], D_LOSSES),
        (
            ['generator_coarse', 'generator_refine'],
            {'loss_coarse', 'loss_refine'},
        ),
    ],
)
def test_a_step_changes_just_what_learns(learning, losses):
    changed, log = changed_by_a_step(build(), make_batch(size=SIZE), learning)
    assert changed == set(learning)
    assert set(log) == losses
    assert all(value.isfinite() for value in log.values())


@pytest.mark.parametrize(
    'learning, name', zip(STAGES, ('loss_coarse', 'loss_refine'), strict=True)
)
def test_each_stage_learns(learning, name):
    model = build()
    model.set_learning(learning)
    model.train()
    wrappers = optimizers(model, lr=5e-3)
    batch = make_batch(size=SIZE)
    # Of one colour: noise takes long to learn.
    flat = torch.full((3, SIZE, SIZE), 200, dtype=torch.uint8)
    batch['inputs']['tgt_img'] = [flat, flat]
    log = [model.train_step(batch, wrappers)[name] for _ in range(20)]
    assert log[-1] < 0.7 * log[0]


def test_the_refining_loss_stops_at_the_coarse_picture():
    model = build(discriminator=None)
    model.set_learning(['generator_coarse', 'generator_refine'])
    model.train()
    *_, (name, losses) = model.updates(inputs_of(model))
    assert name == 'generator_refine'
    sum(losses.values()).backward()
    assert all(p.grad is None for p in model.generator_coarse.parameters())
    assert all(p.grad is not None for p in model.generator_refine.parameters())


# ------------------------------------------------------------------- critic


def test_the_critic_takes_the_target_as_real_and_two_pictures_as_fake():
    model = build()
    model.discriminator = critic = Brightness()
    inputs = inputs_of(model)
    img = torch.randn_like(inputs['tgt_img'])
    got = model.discriminator_losses('discriminator', img, inputs)

    def loss(picture, sign):
        """-log sigmoid of the logits, or of their negatives."""
        logits = 4 * picture.double().mean((1, 2, 3))
        return (1 + (-sign * logits).exp()).log().mean().float()

    assert_near(
        {name: value.detach() for name, value in got.items()},
        dict(
            loss_d_real=0.5 * loss(inputs['tgt_img'], 1),
            loss_d_fake=0.25 * loss(img, -1),
            loss_d_reference=0.25 * loss(inputs['ref_img'], -1),
        ),
    )
    sum(got.values()).backward()
    assert critic.weight.grad.isfinite()


def test_the_adversarial_loss_is_of_the_result_and_not_of_the_critic():
    model = build()
    model.discriminator = critic = Brightness()
    model.set_learning(STAGES[1])
    model.train()
    inputs = inputs_of(model)
    img = torch.randn_like(inputs['tgt_img'], requires_grad=True)
    model.adversarial_losses(img, inputs)['loss_gan'].backward()
    assert critic.weight.grad is None and critic.weight.requires_grad
    # Brighter is what this critic takes for real.
    assert (img.grad < 0).all()


# ------------------------------------------------------------------- inputs


def test_poses_are_of_the_target_alone_and_from_minus_one_to_one():
    inputs = inputs_of(build())
    assert 'ref_pose' not in inputs
    assert set(inputs['tgt_pose'].unique().tolist()) == {-1, 1}
    assert set(inputs['tgt_mask'].unique().tolist()) <= {0, 1}
    assert inputs['tgt_mask'].shape == (2, 1, SIZE, SIZE)


def test_the_body_weighs_twice():
    model = build()
    model.set_learning(['generator_coarse'])
    inputs = inputs_of(model)
    with torch.no_grad():
        error = (model.generate(inputs) - inputs['tgt_img']).abs()
        got = model.loss(inputs)['loss_coarse']
    body = error * inputs['tgt_mask']
    assert_near(got, error.mean() + body.mean())
    model.set_learning(['generator_refine'])
    refined = model.refine(model.generate(inputs), inputs)
    error = (refined - inputs['tgt_img']).abs()
    got = model.loss(inputs)['loss_refine']
    assert_near(got, 50 * (error * (1 + inputs['tgt_mask'])).mean())


def test_without_a_mask_the_error_says_what_draws_it():
    plain = build(data_preprocessor=dict(type='PoseTransferDataPreprocessor'))
    plain.set_learning(['generator_coarse'])
    with pytest.raises(KeyError, match='LimbMask'):
        plain.loss(inputs_of(plain))
    assert plain(inputs_of(plain)).shape == (2, 3, SIZE, SIZE)


# -------------------------------------------------------------- predictions


def test_predicted_pictures_are_cut_to_their_range_and_those_learnt_are_not():
    model = build().eval()
    with torch.no_grad():
        model.generator_refine.decoder.head.bias += 3
        inputs = inputs_of(model)
        coarse = model.generate(inputs)
        refined = model.refine(coarse, inputs)
        results = model.transfer(inputs)
    assert refined.max() > 1
    assert_near(results['pred_img'], refined.clamp(-1, 1))
    assert_near(results['generated_img'], coarse.clamp(-1, 1))
    difference = model.generator_refine(coarse, inputs['ref_img'])
    assert_near(refined, coarse + difference)


def test_a_refining_generator_still_to_be_trained_is_not_used():
    model = build().eval()
    model.set_pending(['generator_refine', 'discriminator'])
    results = model.transfer(inputs_of(model))
    assert set(results) == {'pred_img'}
    coarse_alone = build(generator_refine=None, discriminator=None).eval()
    wanted = coarse_alone.transfer(inputs_of(coarse_alone))
    assert_near(results['pred_img'], wanted['pred_img'])


def test_stage_two_needs_a_trained_stage_one():
    assert build().needed_by(STAGES[1]) == {'generator_coarse'}


@pytest.mark.parametrize(
    'changes, message',
    [
        (dict(generator_refine=None), 'generator_refine'),
        (dict(loss_gan=None), 'loss_gan'),
    ],
)
def test_a_critic_without_what_it_needs_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        build(**changes)
