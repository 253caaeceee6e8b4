"""PATN: progressive pose attention transfer for person images."""

from collections.abc import Iterable, Iterator

from torch import Tensor, nn

from mmposetransfer.errors import UserValueError
from mmposetransfer.registry import MODELS

from ..base import Update, build_optional
from ..gan import IMAGE, AdversarialTransferer

__all__ = ['PATN']


@MODELS.register_module()
class PATN(AdversarialTransferer):
    """The method of Zhu et al. (CVPR 2019).

    A generator, and two discriminators: that of appearance sees whether an
    image shows the reference's person, that of shape whether it shows the
    target pose. All learn at once.

    Args:
        generator (dict): Config of :class:`PATNGenerator`.
        discriminator_appearance (dict, optional): Config of a discriminator,
            fed with cat[reference image, image].
        discriminator_shape (dict, optional): The same, fed with cat[image,
            target pose].
        loss_l1 (dict, optional): Loss on pixels.
        loss_perceptual (dict, optional): Loss on features of VGG19.
        loss_gan (dict, optional): Adversarial loss on logits. The generator
            gets the mean over the discriminators.
        data_preprocessor (dict, optional): See :class:`BaseTransferer`.

    Raises:
        ValueError: If a discriminator has no ``loss_gan``.
    """

    COMPONENTS = (
        'generator',
        'discriminator_appearance',
        'discriminator_shape',
    )
    TRAINING_ONLY = (
        'discriminator_appearance',
        'discriminator_shape',
        'loss_gan',
        'loss_perceptual',
    )
    JUDGES = dict(  # noqa: RUF012
        discriminator_appearance=('ref_img', IMAGE),
        discriminator_shape=(IMAGE, 'tgt_pose'),
    )

    def __init__(
        self,
        generator: dict,
        discriminator_appearance: dict | None = None,
        discriminator_shape: dict | None = None,
        loss_l1: dict | None = dict(type='L1Loss'),  # noqa: B006
        loss_perceptual: dict | None = None,
        loss_gan: dict | None = dict(type='GANLoss', loss_weight=5.0),  # noqa: B006
        data_preprocessor: dict | nn.Module | None = None,
    ) -> None:
        super().__init__(data_preprocessor)
        self.generator = MODELS.build(generator)
        self.discriminator_appearance = build_optional(
            discriminator_appearance
        )
        self.discriminator_shape = build_optional(discriminator_shape)
        self.loss_l1 = build_optional(loss_l1)
        self.loss_perceptual = build_optional(loss_perceptual)
        self.loss_gan = build_optional(loss_gan)
        judges = sorted(set(self.JUDGES) & set(self.components))
        if judges and self.loss_gan is None:
            raise UserValueError(f"{judges} need a 'loss_gan'.")

    def set_learning(self, components: Iterable[str]) -> None:
        """See :meth:`BaseTransferer.set_learning`.

        Raises:
            ValueError: If the generator is to learn without a loss that
                compares its images with the target.
        """
        components = frozenset(components)
        compared = self.loss_l1 is not None or self.loss_perceptual is not None
        if 'generator' in components and not compared:
            raise UserValueError(
                "For its 'generator' to learn, PATN needs a 'loss_l1' or a "
                "'loss_perceptual', got None for both."
            )
        super().set_learning(components)

    # ------------------------------------------------------------ prediction

    def transfer(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """See :meth:`BaseTransferer.transfer`."""
        with self.grad_if_learning('generator'):
            img = self.generator(
                inputs['ref_img'], inputs['ref_pose'], inputs['tgt_pose']
            )
        return dict(pred_img=img)

    # -------------------------------------------------------------- training

    def updates(self, inputs: dict[str, Tensor]) -> Iterator[Update]:
        """Both discriminators, then the generator."""
        img = self.transfer(inputs)['pred_img']
        yield from self.discriminator_updates(img, inputs)
        if 'generator' in self.learning:
            yield 'generator', self.image_losses(img, inputs)

    def adversarial_losses(
        self, img: Tensor, inputs: dict[str, Tensor]
    ) -> dict[str, Tensor]:
        """The discriminators' verdicts, which sum up to their mean."""
        losses = super().adversarial_losses(img, inputs)
        return {name: loss / len(losses) for name, loss in losses.items()}
