"""What the base classes of methods promise, on the smallest of methods."""

import pytest
import torch
from closeness import assert_near
from mmengine.optim import AmpOptimWrapper, OptimWrapper, OptimWrapperDict
from synthetic_batch import make_batch
from torch import nn

from mmposetransfer.models import AdversarialTransferer, BaseTransferer
from mmposetransfer.models.methods.gan import IMAGE
from mmposetransfer.models.methods.joint_step import step_jointly


def conv(channels):
    return nn.Sequential(
        nn.Conv2d(channels, 4, 1), nn.BatchNorm2d(4), nn.Conv2d(4, 3, 1)
    )


class TwoAtOnce(BaseTransferer):
    """Two components that one loss trains, and a network that never learns."""

    COMPONENTS = ('first', 'second')
    RUNS_ON = dict(second=('first',))

    def __init__(self):
        super().__init__()
        self.first, self.second = conv(21), conv(3)
        self.helper = nn.Dropout(0.5)

    def transfer(self, inputs):
        x = torch.cat([inputs['ref_img'], inputs['tgt_pose']], 1)
        with self.grad_if_learning('first'):
            x = self.first(x)
        with self.grad_if_learning('second'):
            return dict(pred_img=self.second(x))

    def updates(self, inputs):
        img = self.helper(self.transfer(inputs)['pred_img'])
        loss = (img - inputs['tgt_img']).abs().mean()
        yield tuple(sorted(self.learning)), dict(loss_l1=loss)


def make(**kwargs):
    torch.manual_seed(0)
    model = TwoAtOnce()
    model.set_learning(['first', 'second'])
    optimizers = OptimWrapperDict(
        **{
            name: OptimWrapper(
                torch.optim.SGD(getattr(model, name).parameters(), lr=lr),
                **kwargs,
            )
            for name, lr in (('first', 0.1), ('second', 0.2))
        }
    )
    return model.train(), optimizers


def test_a_joint_step_is_one_step_of_each():
    model, optimizers = make()
    by_hand, _ = make()
    inputs = by_hand.data_preprocessor(make_batch())['inputs']
    losses = by_hand(inputs, mode='loss')
    sum(losses.values()).backward()
    log = model.train_step(make_batch(), optimizers)
    assert_near(log['loss_l1'], losses['loss_l1'].detach())
    for name, lr in (('first', 0.1), ('second', 0.2)):
        for got, old in zip(
            getattr(model, name).parameters(),
            getattr(by_hand, name).parameters(),
            strict=True,
        ):
            assert_near(got.detach(), (old - lr * old.grad).detach())
            assert got.grad is None or not got.grad.any()


def test_joint_steps_accumulate():
    model, optimizers = make(accumulative_counts=2)
    for wrapper in optimizers.values():
        wrapper.initialize_count_status(model, 0, 4)
    start = {k: v.clone() for k, v in model.named_parameters()}
    model.train_step(make_batch(seed=1), optimizers)
    assert_near(dict(model.named_parameters()), start)
    gradients = {k: v.grad.clone() for k, v in model.named_parameters()}
    model.train_step(make_batch(seed=1), optimizers)
    for key, value in model.named_parameters():
        lr = 0.1 if key.startswith('first') else 0.2
        # The second batch is the first, but for BatchNorm's rounding.
        torch.testing.assert_close(
            value, start[key] - 2 * lr * gradients[key], rtol=1e-4, atol=1e-6
        )


def test_one_scaler_scales_a_joint_step(monkeypatch):
    """Of float16: gradients are unscaled by what they were scaled by."""
    # MMEngine wants a GPU for it, torch's scaler does not.
    monkeypatch.setattr(
        'mmengine.optim.optimizer.amp_optimizer_wrapper.is_cuda_available',
        lambda: True,
    )
    weights = [nn.Parameter(torch.ones(2)) for _ in range(2)]
    wrappers = []
    for weight, scale in zip(weights, (1024.0, 8.0), strict=True):
        wrapper = AmpOptimWrapper(
            optimizer=torch.optim.SGD([weight], lr=1.0), loss_scale=scale
        )
        wrapper.loss_scaler = torch.amp.GradScaler('cpu', init_scale=scale)
        wrappers.append(wrapper)
    step_jointly(wrappers, (weights[0] * weights[1] * 0.25).sum())
    for weight in weights:
        assert_near(weight.detach(), torch.full((2,), 0.75))
        assert weight.grad is None or not weight.grad.any()


def test_what_never_learns_is_never_in_training_mode():
    model, _ = make()
    assert model.first.training and not model.helper.training
    model.set_learning(['second'])
    assert not model.first.training and model.second.training
    assert not model.train().helper.training


def test_nothing_learns_without_a_stage():
    model, optimizers = make()
    model.set_learning([])
    with pytest.raises(RuntimeError, match='StagedTrainingHook'):
        model.train_step(make_batch(), optimizers)
    with pytest.raises(ValueError, match=r"no component \['third'\]"):
        model.set_learning(['third'])


class TwoJudges(AdversarialTransferer):
    """A generator and two discriminators."""

    COMPONENTS = ('generator', 'discriminator', 'discriminator_shape')
    TRAINING_ONLY = ('discriminator', 'discriminator_shape')
    JUDGES = dict(  # noqa: RUF012
        discriminator=('ref_img', IMAGE),
        discriminator_shape=(IMAGE, 'tgt_pose'),
    )

    def __init__(self):
        super().__init__()
        self.generator = conv(18)
        self.discriminator = conv(6)
        self.discriminator_shape = conv(21)

    @staticmethod
    def loss_gan(logits, real):
        return (logits - float(real)).square().mean()

    def transfer(self, inputs):
        with self.grad_if_learning('generator'):
            return dict(pred_img=self.generator(inputs['tgt_pose']))

    def updates(self, inputs):
        img = self.transfer(inputs)['pred_img']
        yield from self.discriminator_updates(img, inputs)
        yield 'generator', self.adversarial_losses(img, inputs)


def test_each_judge_takes_a_step_and_the_generator_learns_from_all():
    torch.manual_seed(0)
    model = TwoJudges()
    model.set_learning(model.components)
    optimizers = OptimWrapperDict(
        **{
            name: OptimWrapper(
                torch.optim.SGD(getattr(model, name).parameters(), lr=0.1)
            )
            for name in model.components
        }
    )
    before = {k: v.clone() for k, v in model.named_parameters()}
    log = model.train().train_step(make_batch(), optimizers)
    assert sorted(log) == [
        'loss_d_fake',
        'loss_d_real',
        'loss_d_shape_fake',
        'loss_d_shape_real',
        'loss_gan',
        'loss_gan_shape',
    ]
    for key, value in model.named_parameters():
        if key.endswith('weight'):  # BatchNorm takes off most biases
            assert not torch.equal(value, before[key]), key


def test_a_judge_sees_what_it_is_told_and_is_not_changed_by_it():
    model = TwoJudges()
    inputs = model.data_preprocessor(make_batch())['inputs']
    img = torch.rand_like(inputs['ref_img']).requires_grad_()
    seen = model.seen_by('discriminator_shape', img, inputs)
    assert_near(seen[:, :3].detach(), img.detach())
    assert_near(seen[:, 3:].detach(), inputs['tgt_pose'])
    model.judge_frozen('discriminator_shape', img, inputs).sum().backward()
    assert img.grad.any()
    assert all(p.grad is None for p in model.discriminator_shape.parameters())
    assert all(p.requires_grad for p in model.discriminator_shape.parameters())


def test_a_judge_that_does_not_learn_yet_says_nothing():
    model = TwoJudges()
    model.set_learning(['generator', 'discriminator_shape'])
    inputs = model.data_preprocessor(make_batch())['inputs']
    assert sorted(model(inputs, mode='loss')) == [
        'loss_d_shape_fake',
        'loss_d_shape_real',
        'loss_gan_shape',
    ]
