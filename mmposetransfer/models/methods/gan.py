"""What adversarial methods share: discriminators and their step."""

import torch
from torch import Tensor, nn

from mmposetransfer.errors import UserValueError
from mmposetransfer.utils.dist import unwrap_model

from .base import BaseTransferer

__all__ = ['IMAGE', 'AdversarialTransferer', 'call_frozen']

#: The place of the image that is judged among a discriminator's inputs.
IMAGE = ''


class AdversarialTransferer(BaseTransferer):
    """Base class of methods with one or several discriminators.

    A subclass says in ``JUDGES`` what each discriminator sees, has them
    as components of these names, and a ``loss_gan``: ``(logits,
    target_is_real)`` to a scalar. In ``updates`` it yields
    :meth:`discriminator_updates`, then adds :meth:`adversarial_losses` to the
    losses of what makes the image. Discriminators that do not learn yet judge
    nothing.
    """

    # Name of a discriminator -> inputs that it sees, concatenated, with IMAGE
    # in the place of the image: dict(discriminator=('ref_img', IMAGE)).
    JUDGES: dict[str, tuple[str, ...]] = {}  # noqa: RUF012

    def discriminator_updates(
        self, img: Tensor, inputs: dict[str, Tensor]
    ) -> list[tuple[str, dict[str, Tensor]]]:
        """A step of every discriminator that learns.

        Args:
            img (Tensor): Generated, (N, 3, H, W).
            inputs (dict[str, Tensor]): Of the batch.

        Returns:
            list[tuple]: For ``updates`` to yield, one by one.
        """
        return [
            (name, self.discriminator_losses(name, img.detach(), inputs))
            for name in self.JUDGES
            if name in self.learning
        ]

    def discriminator_losses(
        self, name: str, img: Tensor, inputs: dict[str, Tensor]
    ) -> dict[str, Tensor]:
        """Half of the losses on real and on generated images."""
        judge = getattr(self, name)
        real = judge(self.seen_by(name, inputs['tgt_img'], inputs))
        fake = judge(self.seen_by(name, img, inputs))
        tag = _tag(name)
        return {
            f'loss_d{tag}_real': 0.5 * self.loss_gan(real, True),
            f'loss_d{tag}_fake': 0.5 * self.loss_gan(fake, False),
        }

    def check_judges(self) -> None:
        """Refuse a discriminator whose verdict nothing weighs.

        Raises:
            ValueError: If there is one, and no ``loss_gan``.
        """
        for name in self.JUDGES:
            if getattr(self, name) is not None and self.loss_gan is None:
                raise UserValueError(f"A '{name}' needs a 'loss_gan'.")

    def image_losses(
        self, img: Tensor, inputs: dict[str, Tensor]
    ) -> dict[str, Tensor]:
        """L1, perceptual and style, where there are such, and adversarial.

        Args:
            img (Tensor): Generated, (N, 3, H, W).
            inputs (dict[str, Tensor]): Of the batch.

        Returns:
            dict[str, Tensor]: By the names of the losses.
        """
        losses = self.losses_between(
            img,
            inputs['tgt_img'],
            ('loss_l1', 'loss_perceptual', 'loss_style'),
        )
        return losses | self.adversarial_losses(img, inputs)

    def adversarial_losses(
        self, img: Tensor, inputs: dict[str, Tensor]
    ) -> dict[str, Tensor]:
        """What the image is to change in the eyes of who learns to judge."""
        return {
            f'loss_gan{_tag(name)}': self.loss_gan(
                self.judge_frozen(name, img, inputs), True
            )
            for name in self.JUDGES
            if name in self.learning
        }

    def seen_by(
        self, name: str, img: Tensor, inputs: dict[str, Tensor]
    ) -> Tensor:
        """What a discriminator gets to see of an image, (N, C, H, W)."""
        seen = self.JUDGES[name]
        return torch.cat([inputs[key] if key else img for key in seen], 1)

    def judge_frozen(
        self, name: str, img: Tensor, inputs: dict[str, Tensor]
    ) -> Tensor:
        """Logits whose gradient goes to the image, not the discriminator."""
        seen = self.seen_by(name, img, inputs)
        return call_frozen(getattr(self, name), seen)


def call_frozen(component: nn.Module, x: Tensor) -> Tensor:
    """Outputs whose gradient goes to the inputs, not to the component.

    The plain module is called, not its distributed wrapper, which would wait
    for gradients that never come.

    Args:
        component (nn.Module): All parameters of it learn.
        x (Tensor): Its input.

    Returns:
        Tensor: Its output.
    """
    component = unwrap_model(component)
    component.requires_grad_(False)
    y = component(x)
    component.requires_grad_(True)
    return y


def _tag(name):
    """'discriminator' -> '', 'discriminator_shape' -> '_shape'."""
    return name.removeprefix('discriminator')
