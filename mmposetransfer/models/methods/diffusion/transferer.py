"""Diffusion led by pose and reference, in the line of PIDM and CFLD."""

from collections.abc import Iterable, Iterator

import torch
from torch import Tensor, nn

from mmposetransfer.errors import UserValueError
from mmposetransfer.registry import MODELS
from mmposetransfer.utils.dist import unwrap_model

from ..base import BaseTransferer, Update, build_optional
from .guidance import guidance_terms, guided

__all__ = ['PoseDiffusion', 'draw_conditions']


def draw_conditions(
    count: int,
    drop_pose: float,
    drop_ref: float,
    drop_both: float,
    device: torch.device | str = 'cpu',
) -> tuple[Tensor, Tensor]:
    """Draw which pairs of a batch learn without a condition.

    Args:
        count (int): Pairs.
        drop_pose (float): Probability that the pose alone is not seen.
        drop_ref (float): That the reference alone is not seen.
        drop_both (float): That neither is.
        device (torch.device | str): Where to draw.

    Returns:
        tuple[Tensor, Tensor]: Whether the pose and whether the reference is
        seen, float 0 or 1, (count, 1, 1, 1) each.
    """
    at = torch.rand(count, 1, 1, 1, device=device)
    neither = at < drop_both
    no_pose = (at >= drop_both) & (at < drop_both + drop_pose)
    no_ref = at >= 1 - drop_ref
    return (~(neither | no_pose)).float(), (~(neither | no_ref)).float()


@MODELS.register_module()
class PoseDiffusion(BaseTransferer):
    """A picture is made of noise, step by step, seeing pose and reference.

    The denoiser learns to tell the noise of pictures of the target, given
    the target's pose and the reference; in some pairs it learns without one
    or both of them, which are zeros then. A picture is made by the steps of
    ``process``, in which predictions with and without the conditions are
    put together (classifier-free guidance).

    The same seed gives the same picture, whatever else is in the batch.

    Args:
        denoiser (dict): Config of :class:`PoseDenoiser`.
        process (dict): Config of :class:`DiffusionProcess`.
        guidance (str): See :func:`guidance_terms`.
        guidance_scale (dict[str, float]): Weights of ``pose`` and of ``ref``;
            with ``cumulative`` guidance, weights of 1 make one prediction a
            step instead of three.
        drop_pose, drop_ref, drop_both (float): Probabilities of learning
            without; see :func:`draw_conditions`.
        seed (int): Of the noise that pictures are made of.
        loss_noise (dict, optional): Loss of the prediction.
        data_preprocessor (dict, optional): See :class:`BaseTransferer`.

    Raises:
        ValueError: If probabilities or weights cannot be.
    """

    COMPONENTS = ('denoiser',)
    TRAINING_ONLY = ('loss_noise',)

    def __init__(
        self,
        denoiser: dict = dict(type='PoseDenoiser'),  # noqa: B006
        process: dict = dict(type='DiffusionProcess'),  # noqa: B006
        guidance: str = 'cumulative',
        guidance_scale: dict[str, float] = dict(pose=2.0, ref=2.0),  # noqa: B006
        drop_pose: float = 0.05,
        drop_ref: float = 0.05,
        drop_both: float = 0.1,
        seed: int = 0,
        loss_noise: dict | None = dict(type='DenoisingLoss'),  # noqa: B006
        data_preprocessor: dict | nn.Module | None = None,
    ) -> None:
        super().__init__(data_preprocessor)
        self.denoiser = MODELS.build(denoiser)
        self.process = MODELS.build(process)
        if set(guidance_scale) != {'pose', 'ref'}:
            raise UserValueError(
                "guidance_scale must have weights of 'pose' and 'ref', got "
                f'{dict(guidance_scale)}'
            )
        self.terms = guidance_terms(guidance, **guidance_scale)
        self.drops = (drop_pose, drop_ref, drop_both)
        if min(self.drops) < 0 or sum(self.drops) > 1:
            raise UserValueError(
                'drop_pose, drop_ref and drop_both are probabilities that sum '
                f'up to 1 at most, got {self.drops}'
            )
        self.seed = seed
        self.loss_noise = build_optional(loss_noise)

    def set_learning(self, components: Iterable[str]) -> None:
        """See :meth:`BaseTransferer.set_learning`.

        Raises:
            ValueError: If the denoiser is to learn without a loss.
        """
        components = frozenset(components)
        if 'denoiser' in components and self.loss_noise is None:
            raise UserValueError(
                "For its 'denoiser' to learn, PoseDiffusion needs a "
                "'loss_noise', got None."
            )
        super().set_learning(components)

    # ------------------------------------------------------------ prediction

    @torch.no_grad()
    def transfer(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """See :meth:`BaseTransferer.transfer`. No gradient goes through it.

        Returns:
            dict[str, Tensor]: ``pred_img``.
        """
        denoiser = unwrap_model(self.denoiser)
        given = [inputs['ref_img'], inputs['ref_pose']]
        # Of the reference, or of zeros in its place; each only if needed.
        sources = {
            seen: denoiser.encode(*(x * float(seen) for x in given))
            for seen in {ref for _, ref in self.terms}
        }

        def predict(noisy: Tensor, timesteps: Tensor) -> Tensor:
            return guided(
                lambda pose, ref: denoiser.denoise(
                    noisy,
                    timesteps,
                    inputs['tgt_pose'] * float(pose),
                    sources[ref],
                ),
                self.terms,
            )

        ref_img = inputs['ref_img']
        img = self.process.sample(
            predict,
            tuple(ref_img.shape[1:]),
            len(ref_img),
            self.seed,
            ref_img.device,
        )
        return dict(pred_img=img.clamp(-1, 1))

    # -------------------------------------------------------------- training

    def updates(self, inputs: dict[str, Tensor]) -> Iterator[Update]:
        """The denoiser's step."""
        if 'denoiser' in self.learning:
            yield 'denoiser', self.denoising_losses(inputs)

    def denoising_losses(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """At a step drawn for each pair, with noise and conditions drawn."""
        img = inputs['tgt_img']
        count = len(img)
        timesteps = torch.randint(
            self.process.num_train_steps, (count,), device=img.device
        )
        noise = torch.randn_like(img)
        pose, ref = draw_conditions(count, *self.drops, device=img.device)
        pred = self.denoiser(
            self.process.noised(img, noise, timesteps),
            timesteps,
            inputs['tgt_pose'] * pose,
            inputs['ref_img'] * ref,
            inputs['ref_pose'] * ref,
        )
        target = self.process.target(img, noise, timesteps)
        return dict(loss_noise=self.loss_noise(pred, target))
