"""PG2: pose guided person image generation."""

from collections.abc import Iterator

from torch import Tensor, nn

from mmposetransfer.errors import UserKeyError, UserValueError
from mmposetransfer.registry import MODELS

from ..base import Update, build_optional
from ..gan import IMAGE, AdversarialTransferer

__all__ = ['PG2']

_PREPROCESSOR = dict(
    type='PoseTransferDataPreprocessor',
    pose_encoder=dict(type='DiscPoses', radius=4, low=-1),
    sides=('tgt',),
    derived=dict(tgt_mask=dict(type='LimbMask', radius=4, closing=5)),
)


@MODELS.register_module()
class PG2(AdversarialTransferer):
    """The method of Ma et al., NIPS 2017.

    The coarse generator makes a blurred picture of the target pose; the
    refining generator, trained after it and with a critic, adds what is
    missing. The critic knows target pictures as real; the result and the
    reference picture are fake to it, so that a mere copy of the reference
    does not pass.

    Args:
        generator_coarse (dict): Config of :class:`PG2CoarseGenerator`.
        generator_refine (dict, optional): Config of
            :class:`PG2RefineGenerator`; None stops at the coarse picture.
        discriminator (dict, optional): Config of
            :class:`DCGANDiscriminator`.
        loss_coarse, loss_refine (dict): Losses between the pictures of each
            generator and the target, given the mask of the body.
        loss_gan (dict, optional): On the critic's logits.
        data_preprocessor (dict | nn.Module, optional): One that draws
            ``tgt_pose`` and ``tgt_mask``. Defaults to discs of 4 pixels in
            {-1, 1}, and a mask of limbs of 4 pixels.

    Raises:
        ValueError: If a discriminator has nobody to judge, or no loss.
    """

    COMPONENTS = ('generator_coarse', 'generator_refine', 'discriminator')
    RUNS_ON = dict(generator_refine=('generator_coarse',))  # noqa: RUF012
    TRAINING_ONLY = ('discriminator', 'loss_gan')
    DOES_WITHOUT = ('ref_keypoints',)
    JUDGES = dict(discriminator=(IMAGE,))  # noqa: RUF012

    def __init__(
        self,
        generator_coarse: dict = dict(type='PG2CoarseGenerator'),  # noqa: B006
        generator_refine: dict | None = None,
        discriminator: dict | None = None,
        loss_coarse: dict = dict(type='PoseMaskLoss'),  # noqa: B006
        loss_refine: dict = dict(type='PoseMaskLoss', loss_weight=50),  # noqa: B006
        loss_gan: dict | None = dict(type='GANLoss'),  # noqa: B006
        data_preprocessor: dict | nn.Module | None = None,
    ) -> None:
        super().__init__(data_preprocessor or _PREPROCESSOR)
        if discriminator is not None and generator_refine is None:
            raise UserValueError(
                "a 'discriminator' judges what 'generator_refine' makes: give "
                'the config of both, or of neither'
            )
        if discriminator is not None and loss_gan is None:
            raise UserValueError(
                "a 'discriminator' needs a 'loss_gan', got None"
            )
        self.generator_coarse = MODELS.build(generator_coarse)
        self.generator_refine = build_optional(generator_refine)
        self.discriminator = build_optional(discriminator)
        self.loss_coarse = MODELS.build(loss_coarse)
        self.loss_refine = MODELS.build(loss_refine)
        self.loss_gan = build_optional(loss_gan)

    # ------------------------------------------------------------ prediction

    def generate(self, inputs: dict[str, Tensor]) -> Tensor:
        """The coarse picture, linear, (N, 3, H, W)."""
        with self.grad_if_learning('generator_coarse'):
            return self.generator_coarse(inputs['ref_img'], inputs['tgt_pose'])

    def refine(self, coarse: Tensor, inputs: dict[str, Tensor]) -> Tensor:
        """The coarse picture and what it lacks, linear, (N, 3, H, W).

        Only the refining generator learns by it.
        """
        coarse = coarse.detach()
        with self.grad_if_learning('generator_refine'):
            return coarse + self.generator_refine(coarse, inputs['ref_img'])

    def transfer(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """See :meth:`BaseTransferer.transfer`; colours are cut to [-1, 1]."""
        coarse = self.generate(inputs)
        if self.generator_refine is None or self.is_pending(
            'generator_refine'
        ):
            return dict(pred_img=coarse.clamp(-1, 1))
        return dict(
            pred_img=self.refine(coarse, inputs).clamp(-1, 1),
            generated_img=coarse.clamp(-1, 1),
        )

    # -------------------------------------------------------------- training

    def updates(self, inputs: dict[str, Tensor]) -> Iterator[Update]:
        """Coarse generator, critic, refining generator."""
        target, mask = inputs['tgt_img'], self.body_mask(inputs)
        coarse = self.generate(inputs)
        if 'generator_coarse' in self.learning:
            loss = self.loss_coarse(coarse, target, mask)
            yield 'generator_coarse', dict(loss_coarse=loss)
        if not self.learning & {'generator_refine', 'discriminator'}:
            return
        img = self.refine(coarse, inputs)
        yield from self.discriminator_updates(img, inputs)
        if 'generator_refine' in self.learning:
            losses = dict(loss_refine=self.loss_refine(img, target, mask))
            yield (
                'generator_refine',
                losses | self.adversarial_losses(img, inputs),
            )

    @staticmethod
    def body_mask(inputs: dict[str, Tensor]) -> Tensor:
        """Where the target's body is, (N, 1, H, W).

        Raises:
            KeyError: If the preprocessor does not draw it.
        """
        if 'tgt_mask' not in inputs:
            raise UserKeyError(
                "the losses weigh by 'tgt_mask', which is not among the "
                f'inputs {sorted(inputs)}: give the data_preprocessor '
                "derived=dict(tgt_mask=dict(type='LimbMask'))"
            )
        return inputs['tgt_mask']

    def discriminator_losses(
        self, name: str, img: Tensor, inputs: dict[str, Tensor]
    ) -> dict[str, Tensor]:
        """Half of the weight on what is real, a quarter on each fake."""
        judge = getattr(self, name)
        real = judge(inputs['tgt_img'])
        fake, reference = judge(img), judge(inputs['ref_img'])
        return dict(
            loss_d_real=0.5 * self.loss_gan(real, True),
            loss_d_fake=0.25 * self.loss_gan(fake, False),
            loss_d_reference=0.25 * self.loss_gan(reference, False),
        )
