"""Noise and its removal, against closed forms and plain loops."""

import math
import sys

import pytest
import torch
from closeness import assert_near

diffusers = pytest.importorskip(
    'diffusers', reason='needs mmposetransfer[diffusion]'
)

from mmposetransfer.models.methods.diffusion import (  # noqa: E402
    DiffusionProcess,
)
from mmposetransfer.models.methods.diffusion.process import (  # noqa: E402
    PREDICTIONS,
    SCHEDULERS,
    SPACINGS,
)

SIZE = (3, 4, 5)


def linear(low=1e-4, high=0.02, steps=1000):
    """Shares of the picture of DDPM's linear schedule, by a plain loop."""
    left, shares = 1.0, []
    for step in range(steps):
        left *= 1 - (low + (high - low) * step / (steps - 1))
        shares.append(left)
    return shares


def cosine(steps=1000):
    """Those of the cosine schedule (Nichol and Dhariwal 2021, eq. 17)."""

    def f(t):
        return math.cos((t / steps + 0.008) / 1.008 * math.pi / 2) ** 2

    left, shares = 1.0, []
    for step in range(steps):
        left *= 1 - min(1 - f(step + 1) / f(step), 0.999)
        shares.append(left)
    return shares


def picture(seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(2, *SIZE, generator=generator) * 2 - 1


@pytest.mark.parametrize(
    'schedule, shares',
    [('linear', linear()), ('squaredcos_cap_v2', cosine())],
)
def test_noise_is_mixed_in_as_the_schedule_says(schedule, shares):
    process = DiffusionProcess(beta_schedule=schedule)
    img, noise = picture(), torch.randn(2, *SIZE)
    for pair in ((0, 999), (10, 500)):
        got = process.noised(img, noise, torch.tensor(pair))
        for index, t in enumerate(pair):
            wanted = math.sqrt(shares[t]) * img[index]
            wanted += math.sqrt(1 - shares[t]) * noise[index]
            torch.testing.assert_close(got[index], wanted, atol=2e-4, rtol=0)


def test_noise_and_velocity_are_those_of_diffusers():
    img, noise = picture(), torch.randn(2, *SIZE)
    steps = torch.tensor([3, 700])
    theirs = diffusers.DDPMScheduler()
    process = DiffusionProcess(prediction='v_prediction')
    assert_near(
        process.noised(img, noise, steps), theirs.add_noise(img, noise, steps)
    )
    assert_near(
        process.target(img, noise, steps),
        theirs.get_velocity(img, noise, steps),
    )


@pytest.mark.parametrize('prediction', PREDICTIONS)
def test_the_target_leads_back_to_picture_and_noise(prediction):
    """Noisy picture and prediction are two equations of x and e."""
    process = DiffusionProcess(prediction=prediction)
    img, noise = picture().double(), torch.randn(2, *SIZE).double()
    steps = torch.tensor([50, 600])
    noisy = process.noised(img, noise, steps)
    target = process.target(img, noise, steps)
    for index, t in enumerate(steps):
        left = process.scheduler.alphas_cumprod[t].double()
        a, s = left.sqrt(), (1 - left).sqrt()
        x = dict(
            epsilon=(noisy[index] - s * target[index]) / a,
            sample=target[index],
            v_prediction=a * noisy[index] - s * target[index],
        )[prediction]
        torch.testing.assert_close(x, img[index])


class Knowing:
    """Predicts the noise, or what is asked for, of a picture that it knows."""

    def __init__(self, process, img):
        self.process, self.img, self.steps = process, img, []

    def __call__(self, noisy, timesteps):
        self.steps.append(int(timesteps[0]))
        left = self.process.scheduler.alphas_cumprod[timesteps]
        a, s = (x.sqrt()[:, None, None, None] for x in (left, 1 - left))
        noise = (noisy - a * self.img) / s
        return self.process.target(self.img, noise, timesteps)


@pytest.mark.parametrize('scheduler', SCHEDULERS)
@pytest.mark.parametrize('prediction', PREDICTIONS)
def test_who_knows_the_noise_makes_the_picture(scheduler, prediction):
    process = DiffusionProcess(scheduler, prediction=prediction, num_steps=10)
    img = picture() * 0.9
    got = process.sample(Knowing(process, img), SIZE, 2, seed=1)
    torch.testing.assert_close(got, img, atol=2e-3, rtol=0)


@pytest.mark.parametrize('spacing', SPACINGS)
@pytest.mark.parametrize('num_steps', [1, 4, 50])
def test_steps_are_those_of_the_spacing(spacing, num_steps):
    process = DiffusionProcess(spacing=spacing, num_steps=num_steps)
    knowing = Knowing(process, picture())
    process.sample(knowing, SIZE, 2, seed=0)
    stride = 1000 // num_steps
    wanted = dict(
        trailing=[1000 - 1 - stride * k for k in range(num_steps)],
        leading=[stride * k for k in range(num_steps)][::-1],
        linspace=[round(999 * k / max(num_steps - 1, 1)) for k in range(50)],
    )[spacing]
    if spacing == 'linspace':
        wanted = wanted[:num_steps][::-1]
    assert knowing.steps == wanted


def test_sampling_is_ddim_by_a_plain_loop():
    """DDIM, eq. 12 without noise of its own, of any network."""
    process = DiffusionProcess(num_steps=5)

    def network(noisy, timesteps):
        return 0.5 * noisy + noisy.roll(1, -1) * 0.1 + timesteps[0] / 2000

    got = process.sample(network, SIZE, 1, seed=3)
    x = torch.randn(SIZE, generator=torch.Generator().manual_seed(3))[None]
    shares = linear()
    for t in (999, 799, 599, 399, 199):
        here, there = shares[t], shares[t - 200] if t > 200 else 1.0
        noise = network(x, torch.tensor([t]))
        clean = (x - math.sqrt(1 - here) * noise) / math.sqrt(here)
        clean = clean.clamp(-1, 1)
        noise = (x - math.sqrt(here) * clean) / math.sqrt(1 - here)
        x = math.sqrt(there) * clean + math.sqrt(1 - there) * noise
    torch.testing.assert_close(got, x, atol=1e-3, rtol=0)


@pytest.mark.parametrize('scheduler', SCHEDULERS)
def test_noise_becomes_a_gaussian_by_the_best_predictor(scheduler):
    """Of pictures that are N(m, s), the best prediction is known.

    Without noise in its steps sampling solves an equation that takes noise z
    to m + s z; with it, only mean and deviation are those.
    """
    mean, std = 0.2, 0.15
    process = DiffusionProcess(scheduler, num_steps=200)

    def best(noisy, timesteps):
        left = process.scheduler.alphas_cumprod[timesteps[0]]
        spread = left * std**2 + 1 - left
        return (1 - left).sqrt() * (noisy - left.sqrt() * mean) / spread

    size = (3, 32, 32)
    got = process.sample(best, size, 1, seed=0)[0]
    z = torch.randn(size, generator=torch.Generator().manual_seed(0))
    if scheduler == 'DDPMScheduler':
        assert got.mean().item() == pytest.approx(mean, abs=0.02)
        assert got.std().item() == pytest.approx(std, rel=0.1)
    else:
        torch.testing.assert_close(got, mean + std * z, atol=0.03, rtol=0)


@pytest.mark.parametrize('scheduler', ['DDIMScheduler', 'DDPMScheduler'])
def test_a_seed_is_a_picture_whatever_the_batch(scheduler):
    process = DiffusionProcess(scheduler, num_steps=4)

    def network(noisy, timesteps):
        return noisy / 2

    def made(count, seed):
        return process.sample(network, SIZE, count, seed)

    three = made(3, seed=5)
    assert_near(made(3, seed=5), three)
    assert_near(made(1, seed=5), three[2:])
    assert (made(1, seed=6) - three[:1]).abs().max() > 0.1


@pytest.mark.parametrize(
    'changes, message',
    [
        (dict(num_steps=0), 'num_steps must be from 1 to num_train_steps=10'),
        (dict(num_steps=2000), 'got 2000'),
        (dict(scheduler='DDIMSheduler'), "Did you mean 'DDIMScheduler'"),
        (dict(beta_schedule='line'), 'beta_schedule must be one of'),
        (dict(prediction='noise'), 'prediction must be one of'),
        (dict(spacing='even'), 'spacing must be one of'),
    ],
)
def test_what_cannot_be_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        DiffusionProcess(**changes)


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, 'diffusers', None)
    with pytest.raises(ImportError, match=r'mmposetransfer\[diffusion\]'):
        DiffusionProcess()
