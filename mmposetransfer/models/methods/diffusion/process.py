"""Noise and its removal, by the schedulers of diffusers."""

import inspect
from collections.abc import Callable
from types import ModuleType

import torch
from torch import Tensor, nn

from mmposetransfer.errors import UserImportError, UserValueError
from mmposetransfer.registry import MODELS
from mmposetransfer.utils.build_errors import did_you_mean

from ...precision import at_least_float32

__all__ = ['DiffusionProcess']

# Of those of diffusers, what goes by DDPM's chain of steps and noise.
SCHEDULERS = (
    'DDIMScheduler',
    'DDPMScheduler',
    'DPMSolverMultistepScheduler',
    'UniPCMultistepScheduler',
)
BETA_SCHEDULES = ('linear', 'scaled_linear', 'squaredcos_cap_v2')
PREDICTIONS = ('epsilon', 'sample', 'v_prediction')
SPACINGS = ('trailing', 'leading', 'linspace')


@MODELS.register_module()
class DiffusionProcess(nn.Module):
    """How pictures are made noisy, and how noise is taken off again.

    Step ``t`` of T makes of a picture x and noise e
    ``sqrt(a_t) x + sqrt(1 - a_t) e``, where a_t falls from nearly 1 to nearly
    0 (DDPM, eq. 4). Sampling goes back in ``num_steps`` steps, by default
    those of DDIM without noise of their own.

    Args:
        scheduler (str): A scheduler of diffusers: ``DDIMScheduler``,
            ``DDPMScheduler``, which adds noise in its steps, or the solvers
            ``DPMSolverMultistepScheduler`` and ``UniPCMultistepScheduler``.
        num_train_steps (int): T.
        beta_schedule (str): How the noise of a step grows: ``linear``,
            ``scaled_linear`` or ``squaredcos_cap_v2`` (cosine).
        beta_range (tuple[float, float]): From, to; the cosine's are fixed.
        prediction (str): What the network predicts: ``epsilon``, the noise;
            ``sample``, the picture; ``v_prediction``, sqrt(a) e -
            sqrt(1 - a) x.
        num_steps (int): Steps of sampling.
        spacing (str): Which of the T steps these are: ``trailing`` (the last
            one and every T / num_steps-th before), ``leading`` or
            ``linspace``.

    Raises:
        ImportError: If diffusers is not installed.
        ValueError: For a name or a number of steps that cannot be.
    """

    def __init__(
        self,
        scheduler: str = 'DDIMScheduler',
        num_train_steps: int = 1000,
        beta_schedule: str = 'linear',
        beta_range: tuple[float, float] = (1e-4, 0.02),
        prediction: str = 'epsilon',
        num_steps: int = 50,
        spacing: str = 'trailing',
    ) -> None:
        super().__init__()
        if not 1 <= num_steps <= num_train_steps:
            raise UserValueError(
                f'num_steps must be from 1 to {num_train_steps=}, got '
                f'{num_steps}'
            )
        for name, value, known in (
            ('scheduler', scheduler, SCHEDULERS),
            ('beta_schedule', beta_schedule, BETA_SCHEDULES),
            ('prediction', prediction, PREDICTIONS),
            ('spacing', spacing, SPACINGS),
        ):
            if value not in known:
                raise UserValueError(
                    f'{name} must be one of {known}, got {value!r}.'
                    f'{did_you_mean(value, known)}'
                )
        self.num_steps = num_steps
        self.num_train_steps = num_train_steps
        self.prediction = prediction
        self.scheduler = getattr(_diffusers(), scheduler)(
            num_train_timesteps=num_train_steps,
            beta_schedule=beta_schedule,
            beta_start=beta_range[0],
            beta_end=beta_range[1],
            prediction_type=prediction,
            timestep_spacing=spacing,
        )

    def noised(self, img: Tensor, noise: Tensor, timesteps: Tensor) -> Tensor:
        """Pictures at their steps.

        Args:
            img (Tensor): In [-1, 1], (N, 3, H, W).
            noise (Tensor): Of the same shape.
            timesteps (Tensor): Whole numbers from 0 to T - 1, (N,).

        Returns:
            Tensor: Of the same shape.
        """
        signal, spread = self._shares(timesteps, img)
        return signal * img + spread * noise

    def target(self, img: Tensor, noise: Tensor, timesteps: Tensor) -> Tensor:
        """What the network is to predict, of the arguments of `noised`."""
        if self.prediction == 'epsilon':
            return noise
        if self.prediction == 'sample':
            return img
        signal, spread = self._shares(timesteps, img)
        return signal * noise - spread * img

    def _shares(self, timesteps, img):
        """Of picture and noise at their steps, (N, 1, 1, 1) each."""
        left = self.scheduler.alphas_cumprod.to(img.device)[timesteps]
        left = left.to(img.dtype)[:, None, None, None]
        return left.sqrt(), (1 - left).sqrt()

    @torch.no_grad()
    def sample(
        self,
        predict: Callable[[Tensor, Tensor], Tensor],
        size: tuple[int, int, int],
        count: int,
        seed: int,
        device: torch.device | str = 'cpu',
    ) -> Tensor:
        """Make pictures of noise.

        All begin with the same noise, and a scheduler that adds noise in its
        steps draws the same for each: a picture depends on the seed and on
        what it is made of, not on the others of its batch, and its noise not
        on the device.

        Args:
            predict (Callable): Of the noisy pictures (N, 3, H, W) and the
                step, (N,), to the network's prediction.
            size (tuple[int, int, int]): Channels, height and width.
            count (int): Of the pictures.
            seed (int): Of the noise.
            device (torch.device | str): Where to make them.

        Returns:
            Tensor: (count, C, H, W) of that size.
        """
        generators = [
            torch.Generator().manual_seed(seed) for _ in range(count)
        ]
        x = torch.stack([torch.randn(size, generator=g) for g in generators])
        self.scheduler.set_timesteps(self.num_steps, device=device)
        x = x.to(device)
        step = self.scheduler.step
        known = inspect.signature(step).parameters
        # The second: where a picture is cut at [-1, 1], its noise follows.
        more = dict(generator=generators, use_clipped_model_output=True)
        more = {key: value for key, value in more.items() if key in known}
        for t in self.scheduler.timesteps:
            predicted = at_least_float32(predict(x, t.expand(count)))
            x = step(predicted, t, x, **more).prev_sample
        return x


def _diffusers() -> ModuleType:
    try:
        from diffusers import schedulers
    except ImportError as error:
        raise UserImportError(
            'the steps of diffusion are those of diffusers, which cannot be '
            f'imported ({error}): pip install "mmposetransfer[diffusion]"'
        ) from error
    return schedulers
