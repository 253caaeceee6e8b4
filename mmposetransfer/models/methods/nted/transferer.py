"""NTED: neural texture extraction and distribution."""

from collections.abc import Iterable, Iterator

from torch import Tensor, nn

from mmposetransfer.errors import UserValueError
from mmposetransfer.registry import MODELS

from ...precision import without_autocast
from ..base import Update, build_optional
from ..gan import IMAGE, AdversarialTransferer
from .generator import TextureAttention

__all__ = ['NTED']


@MODELS.register_module()
class NTED(AdversarialTransferer):
    """The method of Ren et al. (CVPR 2022).

    The generator takes textures from the reference and gives them to the
    target's pose by attention that is trained to carry colours, too; no flow
    is predicted, and the reference's pose is not looked at.

    Args:
        generator (dict): Config of :class:`NTEDGenerator`.
        discriminator (dict, optional): Config of the discriminator, which
            sees the picture alone.
        loss_perceptual, loss_style (dict, optional): Losses of the picture.
        loss_attention (dict, optional): Of the attention:
            ``(attentions, ref_img, tgt_img)`` to a scalar.
        loss_face (dict, optional): Of the faces, such as :class:`FaceLoss`:
            ``(pred, target, keypoints)`` to a scalar.
        loss_gan (dict, optional): Adversarial loss on logits, ``vanilla``,
            which does not saturate.
        loss_r1 (dict, optional): Config of :class:`R1Penalty`, of the
            discriminator.
        data_preprocessor (dict, optional): See :class:`BaseTransferer`.

    Raises:
        ValueError: If a discriminator has no loss.
    """

    COMPONENTS = ('generator', 'discriminator')
    TRAINING_ONLY = (
        'discriminator',
        'loss_perceptual',
        'loss_style',
        'loss_attention',
        'loss_face',
        'loss_gan',
        'loss_r1',
    )
    DOES_WITHOUT = ('ref_keypoints',)
    JUDGES = dict(discriminator=(IMAGE,))  # noqa: RUF012

    def __init__(
        self,
        generator: dict = dict(type='NTEDGenerator'),  # noqa: B006
        discriminator: dict | None = None,
        loss_perceptual: dict | None = None,
        loss_style: dict | None = None,
        loss_attention: dict | None = None,
        loss_face: dict | None = None,
        loss_gan: dict | None = None,
        loss_r1: dict | None = None,
        data_preprocessor: dict | nn.Module | None = None,
    ) -> None:
        super().__init__(data_preprocessor)
        self.generator = MODELS.build(generator)
        self.discriminator = build_optional(discriminator)
        self.loss_perceptual = build_optional(loss_perceptual)
        self.loss_style = build_optional(loss_style)
        self.loss_attention = build_optional(loss_attention)
        self.loss_face = build_optional(loss_face)
        self.loss_gan = build_optional(loss_gan)
        self.loss_r1 = build_optional(loss_r1)
        self.check_judges()

    def set_learning(self, components: Iterable[str]) -> None:
        """See :meth:`BaseTransferer.set_learning`.

        Raises:
            ValueError: If the generator is to learn without a loss that
                compares its pictures with the target.
        """
        components = frozenset(components)
        if 'generator' in components and self.loss_perceptual is None:
            raise UserValueError(
                "For its 'generator' to learn, NTED needs a "
                "'loss_perceptual', got None."
            )
        super().set_learning(components)

    # ------------------------------------------------------------ prediction

    def generate(
        self, inputs: dict[str, Tensor]
    ) -> tuple[Tensor, list[TextureAttention]]:
        """The picture, not cut at [-1, 1], and its attention."""
        with self.grad_if_learning('generator'):
            return self.generator(inputs['ref_img'], inputs['tgt_pose'])

    def transfer(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """See :meth:`BaseTransferer.transfer`.

        Returns:
            dict[str, Tensor]: ``pred_img``.
        """
        return dict(pred_img=self.generate(inputs)[0].clamp(-1, 1))

    # -------------------------------------------------------------- training

    def updates(self, inputs: dict[str, Tensor]) -> Iterator[Update]:
        """The discriminator, then the generator."""
        img, attentions = self.generate(inputs)
        yield from self.discriminator_updates(img, inputs)
        if 'generator' in self.learning:
            losses = self.image_losses(img, inputs)
            if self.loss_attention is not None:
                losses['loss_attention'] = self.loss_attention(
                    attentions, inputs['ref_img'], inputs['tgt_img']
                )
            yield 'generator', losses

    def discriminator_losses(
        self, name: str, img: Tensor, inputs: dict[str, Tensor]
    ) -> dict[str, Tensor]:
        """As :class:`AdversarialTransferer`'s; with R1 where it is due."""
        losses = super().discriminator_losses(name, img, inputs)
        if self.loss_r1 is not None and self.loss_r1.is_due():
            real = inputs['tgt_img'].detach().requires_grad_()
            # Gradients of gradients want more than half precision.
            with without_autocast(real):
                logits = self.discriminator(real)
                losses['loss_d_r1'] = self.loss_r1(logits, real)
        return losses

    def image_losses(
        self, img: Tensor, inputs: dict[str, Tensor]
    ) -> dict[str, Tensor]:
        """Perceptual, style, faces and, once it learns, the critic's."""
        losses = super().image_losses(img, inputs)
        if self.loss_face is not None:
            losses['loss_face'] = self.loss_face(
                img, inputs['tgt_img'], inputs['tgt_keypoints']
            )
        return losses
