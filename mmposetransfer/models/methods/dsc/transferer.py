"""DSC: deformable GANs for pose-based human image generation."""

from collections.abc import Iterable, Iterator

from torch import Tensor, nn

from mmposetransfer.errors import UserValueError
from mmposetransfer.registry import MODELS

from ..base import Update, build_optional
from ..gan import IMAGE, AdversarialTransferer

__all__ = ['DSC']

_INPUTS = (
    'ref_img',
    'ref_pose',
    'tgt_pose',
    'ref_keypoints',
    'tgt_keypoints',
)


@MODELS.register_module()
class DSC(AdversarialTransferer):
    """The method of Siarohin et al. (CVPR 2018).

    A generator that moves the reference's features limb by limb to where the
    target pose has them, and a discriminator that sees both pictures and
    both poses. Both learn at once. No flow and no visibility is predicted.

    Args:
        generator (dict): Config of :class:`DSCGenerator`.
        discriminator (dict, optional): Config of :class:`DSCDiscriminator`.
        loss_perceptual (dict, optional): Loss on features, such as
            :class:`NearestNeighbourLoss`.
        loss_l1 (dict, optional): Loss on pixels, that of the paper's
            baseline.
        loss_gan (dict, optional): Adversarial loss on logits.
        data_preprocessor (dict, optional): See :class:`BaseTransferer`.

    Raises:
        ValueError: If a discriminator has no ``loss_gan``.
    """

    COMPONENTS = ('generator', 'discriminator')
    TRAINING_ONLY = ('discriminator', 'loss_gan', 'loss_perceptual')
    JUDGES = dict(  # noqa: RUF012
        discriminator=('ref_img', 'ref_pose', IMAGE, 'tgt_pose')
    )

    def __init__(
        self,
        generator: dict = dict(type='DSCGenerator'),  # noqa: B006
        discriminator: dict | None = None,
        loss_perceptual: dict | None = None,
        loss_l1: dict | None = None,
        loss_gan: dict | None = dict(type='GANLoss'),  # noqa: B006
        data_preprocessor: dict | nn.Module | None = None,
    ) -> None:
        super().__init__(data_preprocessor)
        self.generator = MODELS.build(generator)
        self.discriminator = build_optional(discriminator)
        self.loss_perceptual = build_optional(loss_perceptual)
        self.loss_l1 = build_optional(loss_l1)
        self.loss_gan = build_optional(loss_gan)
        self.check_judges()

    def set_learning(self, components: Iterable[str]) -> None:
        """See :meth:`BaseTransferer.set_learning`.

        Raises:
            ValueError: If the generator is to learn without a loss that
                compares its images with the target.
        """
        components = frozenset(components)
        compared = self.loss_perceptual is not None or self.loss_l1 is not None
        if 'generator' in components and not compared:
            raise UserValueError(
                "For its 'generator' to learn, DSC needs a 'loss_perceptual' "
                "or a 'loss_l1', got None for both."
            )
        super().set_learning(components)

    # ------------------------------------------------------------ prediction

    def transfer(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """See :meth:`BaseTransferer.transfer`."""
        with self.grad_if_learning('generator'):
            img = self.generator(*(inputs[name] for name in _INPUTS))
        return dict(pred_img=img)

    # -------------------------------------------------------------- training

    def updates(self, inputs: dict[str, Tensor]) -> Iterator[Update]:
        """The discriminator, then the generator."""
        img = self.transfer(inputs)['pred_img']
        yield from self.discriminator_updates(img, inputs)
        if 'generator' in self.learning:
            yield 'generator', self.image_losses(img, inputs)
