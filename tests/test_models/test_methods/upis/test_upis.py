"""UPIS as a whole: no loss sees the truth, and what it sees instead."""

import copy

import pytest
import torch
import torch.nn.functional as F
from closeness import assert_near
from method_steps import changed_by_a_step, optimizers
from mmengine.config import Config
from synthetic_batch import make_batch

from mmposetransfer.apis import find_config, list_models
from mmposetransfer.models.methods.upis import UPIS, UPISGenerator
from mmposetransfer.registry import MODELS

ALL = ['generator', 'discriminator', 'pose_detector']
PERSON = {'loss_content', 'loss_cycle', 'loss_style'}
JUDGING = {'loss_d_real', 'loss_d_fake', 'loss_gan'}


def build(**changes):
    torch.manual_seed(0)
    vgg = dict(pretrained='random')
    model = dict(
        type='UPIS',
        data_preprocessor=dict(
            type='PoseTransferDataPreprocessor',
            pose_encoder=dict(type='GaussianPoses', sigma=2),
        ),
        generator=dict(
            type='UPISGenerator', base_channels=4, max_channels=8, num_blocks=2
        ),
        discriminator=dict(
            type='PatchDiscriminator',
            in_channels=3,
            base_channels=4,
            num_conv=2,
        ),
        pose_detector=dict(
            type='ResidualUNet',
            in_channels=3,
            out_channels=18,
            base_channels=4,
            num_levels=2,
            num_blocks=1,
        ),
        loss_content=dict(
            type='PerceptualLoss', layer_weights=dict(relu1_1=1.0), **vgg
        ),
        loss_cycle=dict(type='L1Loss', loss_weight=2.0),
        loss_style=dict(
            type='PatchStyleLoss', layers=('relu1_1',), radius=3.0, **vgg
        ),
        loss_gan=dict(type='GANLoss', gan_type='lsgan', loss_weight=0.5),
    )
    return MODELS.build({**model, **changes})


def inputs_of(model):
    return model.data_preprocessor(make_batch())['inputs']


# ------------------------------------------------------------------- unpaired


def test_the_truth_reaches_no_loss():
    """Another truth, or none, and every loss stays; no gradient leads there.

    Neither does a step: weights after it are the same.
    """
    models, weights, losses = [build() for _ in range(3)], [], []
    for model, change in zip(
        models, ('as it is', 'other', 'none'), strict=True
    ):
        model.set_learning(ALL)
        model.train()
        data = make_batch()
        if change == 'other':
            data['inputs']['tgt_img'] = data['inputs']['ref_img'][::-1]
        elif change == 'none':
            del data['inputs']['tgt_img']
        inputs = model.data_preprocessor(copy.deepcopy(data))['inputs']
        if 'tgt_img' in inputs:
            inputs['tgt_img'].requires_grad_()
        found = model(inputs, mode='loss')
        sum(found.values()).backward()
        assert 'tgt_img' not in inputs or inputs['tgt_img'].grad is None
        losses.append(found)
        model.zero_grad()
        model.train_step(data, optimizers(model, lr=3e-3))
        weights.append(model.state_dict())
    assert set(losses[0]) == {'loss_detector', 'loss_pose', *PERSON, *JUDGING}
    for other in (1, 2):
        assert_near(losses[other], losses[0])
        assert_near(weights[other], weights[0])


@pytest.mark.parametrize('name', list_models('*upis*'))
def test_training_does_not_even_load_it(name):
    pipeline = Config.fromfile(find_config(name)).train_dataloader.dataset
    (packing,) = (
        step
        for step in pipeline['pipeline']
        if step['type'] == 'PackPoseTransferInputs'
    )
    assert set(packing['keys']) == {
        'ref_img',
        'ref_keypoints',
        'tgt_keypoints',
    }


# --------------------------------------------------------------------- losses


def test_losses_are_those_of_their_pictures():
    model = build()
    model.set_learning(['generator'])
    model.eval()
    inputs = inputs_of(model)
    losses = model(inputs, mode='loss')
    img = model.generator(inputs['ref_img'], inputs['tgt_pose'])
    back = model.generator(img, inputs['ref_pose'])
    error = (back - inputs['ref_img']).abs().mean()
    assert_near(losses['loss_cycle'], 2 * error)
    a, b = (model.loss_content.vgg(x) for x in (back, inputs['ref_img']))
    assert_near(losses['loss_content'], F.l1_loss(a['relu1_1'], b['relu1_1']))
    found, wanted = model.pose_detector(img), inputs['tgt_pose']
    error = (found - wanted).square().sum() / wanted.square().sum()
    assert_near(losses['loss_pose'], error)


def test_the_detector_learns_from_real_pictures_and_their_poses():
    model = build()
    model.set_learning(['pose_detector'])
    inputs = inputs_of(model)
    loss = model(inputs, mode='loss')
    found = model.pose_detector(inputs['ref_img'])
    wanted = inputs['ref_pose']
    error = (found - wanted).square().sum() / wanted.square().sum()
    assert_near(loss, dict(loss_detector=error))


def test_the_pose_moves_the_picture_and_not_the_detector():
    model = build()
    inputs = inputs_of(model)
    img = (torch.rand(2, 3, 32, 32) * 2 - 1).requires_grad_()
    model.pose_losses(img, inputs)['loss_pose'].backward()
    assert img.grad.any()
    parameters = list(model.pose_detector.parameters())
    assert all(p.grad is None and p.requires_grad for p in parameters)


def test_reference_pictures_are_real_to_the_critic():
    model = build()
    model.set_learning(ALL)
    model.discriminator.eval()
    inputs, img = inputs_of(model), torch.rand(2, 3, 32, 32)
    losses = model.discriminator_losses('discriminator', img, inputs)
    real, fake = (model.discriminator(x) for x in (inputs['ref_img'], img))
    # 0.5 * 1/2 * (D - 1)^2 and D^2.
    assert_near(losses['loss_d_real'], 0.25 * (real - 1).square().mean())
    assert_near(losses['loss_d_fake'], 0.25 * fake.square().mean())


# ---------------------------------------------------------------------- steps


@pytest.mark.parametrize(
    'learning, losses',
    [
        (['pose_detector'], {'loss_detector'}),
        (['generator'], {'loss_pose', *PERSON}),
        (
            ['generator', 'discriminator'],
            {'loss_pose', *PERSON, *JUDGING},
        ),
        (ALL, {'loss_detector', 'loss_pose', *PERSON, *JUDGING}),
    ],
)
def test_a_step_changes_just_what_learns(learning, losses):
    changed, log = changed_by_a_step(build(), make_batch(), learning)
    assert changed == set(learning)
    assert set(log) == losses


@pytest.mark.parametrize('learning', ['pose_detector', 'generator'])
def test_each_learns_a_batch(learning):
    model = build()
    model.set_learning([learning])
    model.train()
    wrappers, batch = optimizers(model, lr=3e-3), make_batch()
    for img in batch['inputs']['ref_img']:
        img[:] = img[:, :1, :1]  # noise cannot be learnt, a colour can
    log = [sum(model.train_step(batch, wrappers).values()) for _ in range(30)]
    assert log[-1] < 0.9 * log[0]


def test_what_is_missing_is_named():
    with pytest.raises(ValueError, match="'discriminator' needs a 'loss_gan'"):
        build(loss_gan=None)
    with pytest.raises(ValueError, match="needs a 'loss_detector'"):
        build(loss_detector=None)
    with pytest.raises(ValueError, match="'pose_detector' and a 'loss_pose'"):
        build(loss_pose=None).set_learning(['generator'])
    with pytest.raises(ValueError, match='alone tell it the person'):
        build(**dict.fromkeys(PERSON)).set_learning(['generator'])


# ------------------------------------------------------------- generator, use


def test_picture_and_pose_matter():
    generator = UPISGenerator(base_channels=4, max_channels=8, num_blocks=1)
    img = torch.rand(1, 3, 16, 12, requires_grad=True)
    pose = torch.rand(1, 18, 16, 12, requires_grad=True)
    made = generator(img, pose)
    assert made.shape == img.shape and made.abs().max() < 1
    made.square().sum().backward()
    assert img.grad.any() and pose.grad.any()


def test_a_size_that_cannot_be_halved_is_refused():
    with pytest.raises(ValueError, match='multiples of 4, got 16x14'):
        UPISGenerator(base_channels=4)(
            torch.zeros(1, 3, 16, 14), torch.zeros(1, 18, 16, 14)
        )


def test_pictures_need_the_generator_alone():
    trained = build()
    model = build(**dict.fromkeys(UPIS.TRAINING_ONLY))
    weights = trained.state_dict()
    wanted = model.state_dict().keys()
    model.load_state_dict({key: weights[key] for key in wanted})
    (got, _), (sample, _) = (
        one.eval().test_step(make_batch()) for one in (model, trained)
    )
    assert_near(got.pred_img, sample.pred_img)
    assert 'pose_detector' not in model.components
