"""The diffusion method as a whole: what learns, what is made of noise."""

import copy

import pytest
import torch
from closeness import assert_near
from mmengine.config import Config
from mmengine.optim import OptimWrapper, OptimWrapperDict
from synthetic_batch import make_batch
from torch import nn

pytest.importorskip('diffusers', reason='needs mmposetransfer[diffusion]')

from mmposetransfer.apis import find_config, list_models  # noqa: E402
from mmposetransfer.models.methods import PoseDiffusion  # noqa: E402

SIZE = 16


def build(steps=3, prediction='v_prediction', **changes):
    torch.manual_seed(0)
    config = dict(
        data_preprocessor=dict(
            type='PoseTransferDataPreprocessor',
            pose_encoder=dict(type='GaussianPoses', sigma=2),
            pad_size_divisor=4,
        ),
        denoiser=dict(
            type='PoseDenoiser',
            base_channels=8,
            num_levels=2,
            num_blocks=1,
            attention_levels=(1,),
        ),
        process=dict(
            type='DiffusionProcess', num_steps=steps, prediction=prediction
        ),
    )
    model = PoseDiffusion(**{**config, **changes})
    for layer in model.denoiser.modules():  # what begins as zero
        if isinstance(layer, nn.Conv2d) and not layer.weight.any():
            nn.init.normal_(layer.weight, std=0.1)
    return model


def optimizers(model, lr=1e-3):
    denoiser = torch.optim.Adam(model.denoiser.parameters(), lr=lr)
    return OptimWrapperDict(denoiser=OptimWrapper(denoiser))


def inputs_of(model, count=2, size=SIZE):
    return model.data_preprocessor(make_batch(count, size))['inputs']


class Knowing(nn.Module):
    """A denoiser that knows the pictures, and so their noise."""

    def __init__(self, img, process):
        super().__init__()
        self.img, self.process = img, process
        self.asked = []

    def encode(self, ref_img, ref_pose):
        return ref_img.any().item()

    def denoise(self, noisy, timesteps, tgt_pose, sources):
        self.asked.append((tgt_pose.any().item(), sources))
        left = self.process.scheduler.alphas_cumprod[timesteps]
        left = left[:, None, None, None]
        return (noisy - left.sqrt() * self.img) / (1 - left).sqrt()

    def forward(self, noisy, timesteps, tgt_pose, ref_img, ref_pose):
        return self.denoise(noisy, timesteps, tgt_pose, None)


@pytest.mark.parametrize('kind', ['cumulative', 'disentangled'])
def test_who_knows_the_noise_has_no_loss_and_makes_the_target(kind):
    scale = dict(pose=1.5, ref=2.5)
    model = build(prediction='epsilon', guidance=kind, guidance_scale=scale)
    inputs = inputs_of(model)
    model.denoiser = Knowing(inputs['tgt_img'], model.process)
    model.set_learning(['denoiser'])
    assert model.loss(inputs)['loss_noise'].item() < 1e-6
    model.denoiser.asked.clear()
    got = model.transfer(inputs)['pred_img']
    torch.testing.assert_close(got, inputs['tgt_img'], atol=1e-3, rtol=0)
    # Each of three steps with and without pose and reference.
    assert model.denoiser.asked == 3 * list(model.terms)


def test_the_loss_of_zeros_is_that_of_the_noise():
    """E e^2 = 1, whatever picture and step."""
    model = build(prediction='epsilon')
    nn.init.zeros_(model.denoiser.out[-1].weight)
    nn.init.zeros_(model.denoiser.out[-1].bias)
    model.set_learning(['denoiser'])
    loss = model.loss(inputs_of(model, count=8))['loss_noise']
    assert loss.item() == pytest.approx(1, abs=0.08)  # four deviations


def test_a_step_changes_the_denoiser_alone():
    model = build()
    model.set_learning(['denoiser'])
    model.train()
    before = copy.deepcopy(model.state_dict())
    log = model.train_step(make_batch(size=SIZE), optimizers(model))
    changed = {
        key.split('.')[0]
        for key, value in model.state_dict().items()
        if not torch.equal(value, before[key])
    }
    assert changed == {'denoiser'} and set(log) == {'loss_noise'}


def test_it_learns_a_pair():
    """Trained on one pair, it makes a picture that is nearer to it."""
    model = build(
        steps=10,
        guidance_scale=dict(pose=1.0, ref=1.0),
        drop_both=0.0,
        drop_pose=0.0,
        drop_ref=0.0,
    )
    batch = make_batch(size=SIZE)
    flat = torch.full((3, SIZE, SIZE), 200, dtype=torch.uint8)
    batch['inputs']['tgt_img'] = [flat, flat]
    inputs = model.data_preprocessor(batch)['inputs']

    def error():
        img = model.eval().transfer(inputs)['pred_img']
        return (img - inputs['tgt_img']).abs().mean().item()

    before = error()
    model.set_learning(['denoiser'])
    model.train()
    wrappers = optimizers(model, lr=3e-3)
    for _ in range(60):
        model.train_step(batch, wrappers)
    assert error() < 0.6 * before


def test_the_same_seed_makes_the_same_picture_whatever_the_batch():
    model = build().eval()
    inputs = inputs_of(model, count=3)
    three = model.transfer(inputs)['pred_img']
    torch.rand(7)  # what else draws from torch's state is no matter
    assert_near(model.transfer(inputs)['pred_img'], three)
    for index in range(3):
        one = {key: value[index : index + 1] for key, value in inputs.items()}
        torch.testing.assert_close(
            model.transfer(one)['pred_img'][0], three[index], atol=1e-3, rtol=0
        )
    other = build(seed=1).eval()
    other.load_state_dict(model.state_dict())
    assert (other.transfer(inputs)['pred_img'] - three).abs().max() > 0.05


def test_padding_is_taken_off_again():
    model = build().eval()
    (sample, _) = model.test_step(make_batch(size=18))
    assert sample.pred_img.shape == (3, 18, 18)
    assert sample.pred_img.abs().max() <= 1


def test_pictures_under_autocast_are_near():
    model = build().eval()
    inputs = inputs_of(model)
    exact = model.transfer(inputs)['pred_img']
    with torch.autocast('cpu', torch.bfloat16):
        rough = model.transfer(inputs)['pred_img']
    assert rough.dtype == torch.float32
    assert (rough - exact).abs().mean() < 0.05


@pytest.mark.parametrize(
    'changes, message',
    [
        (dict(guidance_scale=dict(pose=2.0)), "weights of 'pose' and 'ref'"),
        (dict(guidance='both'), 'guidance must be one of'),
        (dict(drop_both=0.7, drop_pose=0.4), 'sum up to 1 at most'),
        (dict(drop_ref=-0.1), 'are probabilities'),
    ],
)
def test_what_cannot_be_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        build(**changes)


def test_learning_needs_a_loss():
    with pytest.raises(ValueError, match="needs a 'loss_noise'"):
        build(loss_noise=None).set_learning(['denoiser'])


@pytest.mark.parametrize('name', list_models('diffusion/*'))
def test_shipped_configs_average_the_weights(name):
    cfg = Config.fromfile(find_config(name))
    assert [hook.type for hook in cfg.custom_hooks] == [
        'StagedTrainingHook',
        'EMAHook',
    ]
