"""DSC as a whole: losses, what is judged, steps."""

import pytest
import torch
from closeness import assert_near
from method_steps import changed_by_a_step, optimizers
from synthetic_batch import make_batch
from torch import nn

from mmposetransfer.models.methods import DSC

SIZE = 32
BOTH = ['generator', 'discriminator']


def build(**changes):
    torch.manual_seed(0)
    config = dict(
        generator=dict(
            type='DSCGenerator',
            base_channels=4,
            max_channels=16,
            num_levels=3,
            num_warp_levels=2,
            dropout=0,
        ),
        discriminator=dict(
            type='DSCDiscriminator', base_channels=4, num_conv=2
        ),
        loss_perceptual=dict(
            type='NearestNeighbourLoss',
            layer='relu1_1',
            window=3,
            pretrained='random',
            loss_weight=0.1,
        ),
    )
    return DSC(**{**config, **changes})


def inputs_of(model):
    return model.data_preprocessor(make_batch(size=SIZE))['inputs']


D_LOSSES = {'loss_d_real', 'loss_d_fake'}


@pytest.mark.parametrize(
    'learning, losses',
    [
        (['generator'], {'loss_perceptual'}),
        (['discriminator'], D_LOSSES),
        (BOTH, {'loss_perceptual', 'loss_gan'} | D_LOSSES),
    ],
)
def test_a_step_changes_just_what_learns(learning, losses):
    changed, log = changed_by_a_step(build(), make_batch(size=SIZE), learning)
    assert changed == set(learning) and set(log) == losses


@pytest.mark.parametrize(
    'changes',
    [
        dict(),
        dict(
            loss_perceptual=None,
            loss_l1=dict(type='L1Loss', loss_weight=10.0),
        ),
    ],
)
def test_a_batch_is_learnt(changes):
    """By the paper's loss and by that of its baseline."""
    model = build(discriminator=None, **changes)
    model.set_learning(['generator'])
    model.train()
    wrappers, batch = optimizers(model, 5e-3), make_batch(size=SIZE)
    flat = torch.full((3, SIZE, SIZE), 200, dtype=torch.uint8)
    batch['inputs']['tgt_img'] = [flat, flat]
    log = [sum(model.train_step(batch, wrappers).values()) for _ in range(20)]
    assert log[-1] < 0.5 * log[0]


class Looker(nn.Module):
    """A critic that keeps what it saw."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(()))

    def forward(self, x):
        self.seen = x.detach()
        return self.weight * x.mean((1, 2, 3))


def test_the_critic_sees_both_pictures_and_both_poses():
    model = build()
    model.discriminator = critic = Looker()
    model.set_learning(BOTH)
    inputs = inputs_of(model)
    img = torch.randn_like(inputs['tgt_img'], requires_grad=True)
    model.adversarial_losses(img, inputs)['loss_gan'].backward()
    assert critic.weight.grad is None and (img.grad != 0).all()
    for got, wanted in zip(
        critic.seen.split([3, 18, 3, 18], 1),
        (inputs['ref_img'], inputs['ref_pose'], img, inputs['tgt_pose']),
        strict=True,
    ):
        assert_near(got, wanted)


def test_a_border_moves_the_joints_along():
    """28 pixels on a canvas of 32: as if the border had been in the data."""
    model = build(
        discriminator=None,
        data_preprocessor=dict(
            type='PoseTransferDataPreprocessor', pad_size_divisor=8
        ),
    ).eval()
    batch = make_batch(size=28)
    padded = model.data_preprocessor(batch)['inputs']
    assert padded['canvas'].box == (2, 2, 28, 28)
    joints = torch.stack(batch['inputs']['ref_keypoints'])
    assert_near(padded['ref_keypoints'][..., :2], joints[..., :2] + 2)
    with torch.no_grad():
        assert model(padded).shape == (2, 3, 28, 28)


@pytest.mark.parametrize(
    'changes, message',
    [
        (dict(loss_gan=None), "needs a 'loss_gan'"),
        (dict(loss_perceptual=None), "'loss_perceptual' or a 'loss_l1'"),
    ],
)
def test_what_lacks_a_loss_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        build(**changes).set_learning(BOTH)
