"""UPIS: unsupervised person image synthesis in arbitrary poses."""

from collections.abc import Iterable, Iterator

from torch import Tensor, nn

from mmposetransfer.errors import UserValueError
from mmposetransfer.registry import MODELS

from ..base import Update, build_optional
from ..gan import IMAGE, AdversarialTransferer, call_frozen

__all__ = ['UPIS']


@MODELS.register_module()
class UPIS(AdversarialTransferer):
    """The method of Pumarola et al. (CVPR 2018), which needs no pairs.

    The generator puts the reference's person into another pose, and back into
    its own one. A discriminator tells whether the new picture looks real; a
    detector, which learns on real pictures and their poses, whether it shows
    the pose; and the person is held by two losses: the picture that came back
    has the content of the reference, and around each joint the new one has
    its style. What the person really looks like in the other pose,
    ``tgt_img``, is never looked at.

    Args:
        generator (dict): Config of :class:`UPISGenerator`.
        discriminator (dict, optional): Config of the discriminator, which
            sees the picture alone; reference pictures are real to it.
        pose_detector (dict, optional): Config of a network from a picture
            (3) to pose maps (18), of the picture's size.
        loss_pose (dict, optional): Between detected pose maps and those of
            the pose, ``(found, wanted)`` to a scalar.
        loss_detector (dict, optional): The same, of what the detector learns
            from.
        loss_content (dict, optional): Between the picture that came back and
            the reference, on features.
        loss_cycle (dict, optional): The same, on pixels.
        loss_style (dict, optional): Config of :class:`PatchStyleLoss`.
        loss_gan (dict, optional): On the discriminator's logits.
        data_preprocessor (dict | nn.Module, optional): See
            :class:`BaseTransferer`.

    Raises:
        ValueError: If the discriminator or the detector has no loss.
    """

    COMPONENTS = ('generator', 'discriminator', 'pose_detector')
    RUNS_ON = dict(generator=('pose_detector',))  # noqa: RUF012
    TRAINING_ONLY = (
        'discriminator',
        'pose_detector',
        'loss_content',
        'loss_style',
        'loss_gan',
    )
    DOES_WITHOUT = ('ref_keypoints',)
    JUDGES = dict(discriminator=(IMAGE,))  # noqa: RUF012

    def __init__(
        self,
        generator: dict = dict(type='UPISGenerator'),  # noqa: B006
        discriminator: dict | None = None,
        pose_detector: dict | None = None,
        loss_pose: dict | None = dict(type='HeatmapLoss'),  # noqa: B006
        loss_detector: dict | None = dict(type='HeatmapLoss'),  # noqa: B006
        loss_content: dict | None = None,
        loss_cycle: dict | None = None,
        loss_style: dict | None = None,
        loss_gan: dict | None = None,
        data_preprocessor: dict | nn.Module | None = None,
    ) -> None:
        super().__init__(data_preprocessor)
        self.generator = MODELS.build(generator)
        self.discriminator = build_optional(discriminator)
        self.pose_detector = build_optional(pose_detector)
        self.loss_pose = build_optional(loss_pose)
        self.loss_detector = build_optional(loss_detector)
        self.loss_content = build_optional(loss_content)
        self.loss_cycle = build_optional(loss_cycle)
        self.loss_style = build_optional(loss_style)
        self.loss_gan = build_optional(loss_gan)
        for name, loss in (
            ('discriminator', 'loss_gan'),
            ('pose_detector', 'loss_detector'),
        ):
            if name in self.components and getattr(self, loss) is None:
                raise UserValueError(f"A '{name}' needs a '{loss}'.")

    def set_learning(self, components: Iterable[str]) -> None:
        """See :meth:`BaseTransferer.set_learning`.

        Raises:
            ValueError: If the generator is to learn without what tells the
                pose or the person.
        """
        components = frozenset(components)
        if 'generator' in components:
            if self.pose_detector is None or self.loss_pose is None:
                raise UserValueError(
                    "For its 'generator' to learn, UPIS needs a "
                    "'pose_detector' and a 'loss_pose', which alone tell it "
                    'the pose.'
                )
            person = (self.loss_content, self.loss_cycle, self.loss_style)
            if all(loss is None for loss in person):
                raise UserValueError(
                    "For its 'generator' to learn, UPIS needs a "
                    "'loss_content', 'loss_cycle' or 'loss_style', which "
                    'alone tell it the person.'
                )
        super().set_learning(components)

    # ------------------------------------------------------------ prediction

    def generate(self, img: Tensor, pose: Tensor) -> Tensor:
        """The picture's person in a pose, (N, 3, H, W)."""
        with self.grad_if_learning('generator'):
            return self.generator(img, pose)

    def transfer(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """See :meth:`BaseTransferer.transfer`."""
        return dict(
            pred_img=self.generate(inputs['ref_img'], inputs['tgt_pose'])
        )

    # -------------------------------------------------------------- training

    def updates(self, inputs: dict[str, Tensor]) -> Iterator[Update]:
        """Pose detector, discriminator, generator."""
        # The truth is not even at hand.
        inputs = {k: v for k, v in inputs.items() if k != 'tgt_img'}
        if 'pose_detector' in self.learning:
            found = self.pose_detector(inputs['ref_img'])
            loss = self.loss_detector(found, inputs['ref_pose'])
            yield 'pose_detector', dict(loss_detector=loss)
        if not self.learning & {'generator', 'discriminator'}:
            return
        img = self.transfer(inputs)['pred_img']
        yield from self.discriminator_updates(img, inputs)
        if 'generator' in self.learning:
            losses = self.pose_losses(img, inputs)
            losses |= self.identity_losses(img, inputs)
            yield 'generator', losses | self.adversarial_losses(img, inputs)

    def discriminator_losses(
        self, name: str, img: Tensor, inputs: dict[str, Tensor]
    ) -> dict[str, Tensor]:
        """See :class:`AdversarialTransferer`; references are what is real."""
        real = dict(inputs, tgt_img=inputs['ref_img'])
        return super().discriminator_losses(name, img, real)

    def pose_losses(
        self, img: Tensor, inputs: dict[str, Tensor]
    ) -> dict[str, Tensor]:
        """Whether the detector finds the wanted pose in the picture."""
        found = call_frozen(self.pose_detector, img)
        return dict(loss_pose=self.loss_pose(found, inputs['tgt_pose']))

    def identity_losses(
        self, img: Tensor, inputs: dict[str, Tensor]
    ) -> dict[str, Tensor]:
        """Whether it is the person of the reference."""
        reference, losses = inputs['ref_img'], {}
        if self.loss_content is not None or self.loss_cycle is not None:
            back = self.generate(img, inputs['ref_pose'])
            losses = {
                name: loss(back, reference)
                for name in ('loss_content', 'loss_cycle')
                if (loss := getattr(self, name)) is not None
            }
        if self.loss_style is not None:
            losses['loss_style'] = self.loss_style(
                img,
                reference,
                inputs['tgt_keypoints'],
                inputs['ref_keypoints'],
            )
        return losses
