"""PATN as a whole: losses, steps, what the discriminators see."""

import pytest
import torch
import torch.nn.functional as F
from closeness import assert_near
from method_steps import changed_by_a_step, optimizers
from synthetic_batch import make_batch

from mmposetransfer.models.methods import PATN
from mmposetransfer.registry import MODELS

APPEARANCE, SHAPE = 'discriminator_appearance', 'discriminator_shape'
ALL = ['generator', APPEARANCE, SHAPE]


def judge(in_channels, **changes):
    return dict(
        type='ResidualDiscriminator',
        in_channels=in_channels,
        base_channels=2,
        num_blocks=1,
        dropout=0,
        **changes,
    )


def build(norm='instance', **changes):
    torch.manual_seed(0)
    model = dict(
        type='PATN',
        data_preprocessor=dict(
            type='PoseTransferDataPreprocessor',
            pose_encoder=dict(type='GaussianPoses', sigma=2),
        ),
        generator=dict(
            type='PATNGenerator',
            base_channels=4,
            num_blocks=2,
            norm=norm,
            dropout=0,
        ),
        discriminator_appearance=judge(6, norm=norm),
        discriminator_shape=judge(21, norm=norm),
    )
    return MODELS.build({**model, **changes})


def inputs_of(model):
    return model.data_preprocessor(make_batch(), training=True)['inputs']


# ---------------------------------------------------------------------- steps


@pytest.mark.parametrize('norm', ['instance', 'batch'])
@pytest.mark.parametrize(
    'learning, losses',
    [
        (['generator'], {'l1'}),
        ([SHAPE], {'d_shape_real', 'd_shape_fake'}),
        (
            ['generator', APPEARANCE],
            {'l1', 'gan_appearance', 'd_appearance_real', 'd_appearance_fake'},
        ),
    ],
)
def test_a_step_changes_just_what_learns(learning, losses, norm):
    changed, log = changed_by_a_step(build(norm), make_batch(), learning)
    assert changed == set(learning)
    assert set(log) == {f'loss_{name}' for name in losses}
    assert all(value.isfinite() for value in log.values())


def test_steps_with_all_that_learns_bring_the_target_nearer():
    model = build(loss_gan=dict(type='GANLoss', loss_weight=0.1))
    model.set_learning(ALL)
    model.train()
    wrappers = optimizers(model, lr=5e-3)
    data = make_batch()
    logs = [model.train_step(data, wrappers) for _ in range(30)]
    assert logs[-1]['loss_l1'] < 0.95 * logs[0]['loss_l1']
    for name in ('appearance', 'shape'):
        first, last = (
            log[f'loss_d_{name}_real'] + log[f'loss_d_{name}_fake']
            for log in (logs[0], logs[-1])
        )
        assert last < first


# --------------------------------------------------------------------- losses


def test_adversarial_losses_sum_up_to_five_times_their_mean():
    model = build()
    inputs = inputs_of(model)
    img = torch.rand(2, 3, 32, 32) * 2 - 1
    model.set_learning(ALL)
    losses = model.adversarial_losses(img, inputs)
    verdicts = [
        model.discriminator_appearance(torch.cat([inputs['ref_img'], img], 1)),
        model.discriminator_shape(torch.cat([img, inputs['tgt_pose']], 1)),
    ]
    wanted = 5 * sum(F.softplus(-logits).mean() for logits in verdicts) / 2
    assert_near(sum(losses.values()), wanted)
    model.set_learning(['generator', SHAPE])
    (alone,) = model.adversarial_losses(img, inputs).values()
    assert_near(alone, 5 * F.softplus(-verdicts[1]).mean())


def test_pictures_are_compared_as_the_weights_say():
    model = build(loss_l1=dict(type='L1Loss', loss_weight=10.0))
    inputs = inputs_of(model)
    model.set_learning(['generator'])
    losses = model(inputs, mode='loss')
    img = model(inputs)
    wanted = 10 * (img - inputs['tgt_img']).abs().mean()
    assert_near(losses, dict(loss_l1=wanted))


@pytest.mark.parametrize(
    'name, sees',
    [
        (APPEARANCE, {'ref_img', 'tgt_img'}),
        (SHAPE, {'tgt_img', 'tgt_pose'}),
    ],
)
def test_each_discriminator_judges_what_it_should(name, sees):
    model = build()
    inputs = inputs_of(model)
    img = torch.rand(2, 3, 32, 32) * 2 - 1

    def judged(changed):
        changed = {key: inputs[key].flip(-1) for key in changed}
        losses = model.discriminator_losses(name, img, {**inputs, **changed})
        return torch.stack(list(losses.values()))

    for key in ('ref_img', 'ref_pose', 'tgt_img', 'tgt_pose'):
        unmoved = torch.equal(judged([key]), judged([]))
        assert unmoved == (key not in sees), key


def test_discriminators_push_the_picture_and_stay_as_they_are():
    model = build()
    model.set_learning(ALL)
    img = (torch.rand(2, 3, 32, 32) * 2 - 1).requires_grad_()
    sum(model.adversarial_losses(img, inputs_of(model)).values()).backward()
    assert img.grad.any()
    for name in (APPEARANCE, SHAPE):
        parameters = list(getattr(model, name).parameters())
        assert all(p.grad is None and p.requires_grad for p in parameters)


# ----------------------------------------------------------- building and use


def test_pictures_need_no_discriminators():
    without = dict.fromkeys(PATN.TRAINING_ONLY)
    model, trained = build(**without), build()
    weights = {
        key: value
        for key, value in trained.state_dict().items()
        if not key.startswith('discriminator')
    }
    weights['pending_components'] = model.pending_components
    model.load_state_dict(weights)
    (got, _), (wanted, _) = (
        one.eval().test_step(make_batch()) for one in (model, trained)
    )
    assert_near(got.pred_img, wanted.pred_img)
    assert got.pred_img.abs().max() <= 1


def test_losses_that_are_missing_are_named():
    model = build(loss_l1=None)
    model.set_learning([SHAPE])
    with pytest.raises(ValueError, match="'loss_l1' or a 'loss_perceptual'"):
        model.set_learning(['generator'])
    with pytest.raises(ValueError, match="discriminator_shape'.*'loss_gan'"):
        build(loss_gan=None)
