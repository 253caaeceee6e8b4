"""VUnet: a variational U-Net for conditional appearance and shape."""

from collections.abc import Iterator, Sequence

from mmengine.optim import OptimWrapperDict
from torch import Tensor, nn

from mmposetransfer.errors import UserValueError
from mmposetransfer.registry import MODELS

from ..base import BaseTransferer, Update, build_optional
from ..single_images import of_side, single_images
from ..update_count import UpdateCount
from .part_crops import PAPER_PARTS, body_part_crops

__all__ = ['VUNet']

_PREPROCESSOR = dict(
    type='PoseTransferDataPreprocessor', pose_encoder=dict(type='StickPoses')
)


@MODELS.register_module()
class VUNet(BaseTransferer):
    """The method of Esser et al., CVPR 2018.

    It learns from single pictures: each is to be made again of its own pose
    and of its own body parts, which are cut out of their places. What they
    have to say must pass latents whose divergence from what the pose
    predicts is held small, so that they carry the appearance and leave the
    shape to the pose. To transfer, the pose is another one.

    Args:
        generator (dict): Config of :class:`VUNetGenerator`, its
            ``crop_channels`` three for each part.
        parts (Sequence[str]): The body parts that it sees, names out of
            ``mmposetransfer.models.methods.vunet.PARTS``.
        loss_l1, loss_perceptual (dict, optional): Losses between a picture
            and what is made of it.
        loss_kl (dict, optional): Of the latents: ``(posteriors, priors,
            updates so far)`` to a scalar.
        data_preprocessor (dict | nn.Module, optional): One that draws
            ``ref_pose`` and ``tgt_pose``. Defaults to sticks in colours.

    Raises:
        ValueError: If the generator sees another number of parts.
    """

    COMPONENTS = ('generator',)
    TRAINING_ONLY = ('loss_l1', 'loss_perceptual', 'loss_kl')

    def __init__(
        self,
        generator: dict = dict(type='VUNetGenerator'),  # noqa: B006
        parts: Sequence[str] = PAPER_PARTS,
        loss_l1: dict | None = dict(type='L1Loss', loss_weight=5.0),  # noqa: B006
        loss_perceptual: dict | None = None,
        loss_kl: dict | None = dict(type='LatentDivergence'),  # noqa: B006
        data_preprocessor: dict | nn.Module | None = None,
    ) -> None:
        super().__init__(data_preprocessor or _PREPROCESSOR)
        self.generator = MODELS.build(generator)
        self.parts = tuple(parts)
        self.crop_factor = self.generator.crop_factor
        seen = self.generator.crop_channels
        if seen != 3 * len(self.parts):
            raise UserValueError(
                f'{len(self.parts)} parts have {3 * len(self.parts)} channels:'
                f" let that be the generator's crop_channels, got {seen}"
            )
        self.loss_l1 = build_optional(loss_l1)
        self.loss_perceptual = build_optional(loss_perceptual)
        self.loss_kl = build_optional(loss_kl)
        self.update_count = UpdateCount()

    # ------------------------------------------------------------ prediction

    def crops(self, picture: dict[str, Tensor]) -> Tensor:
        """Body parts of pictures, (N, 3 * parts, h, w).

        Args:
            picture (dict[str, Tensor]): ``img`` and ``keypoints``.
        """
        height, width = picture['img'].shape[-2:]
        size = (height // self.crop_factor, width // self.crop_factor)
        return body_part_crops(
            picture['img'], picture['keypoints'], size, self.parts
        )

    def transfer(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """See :meth:`BaseTransferer.transfer`; colours are cut to [-1, 1]."""
        with self.grad_if_learning('generator'):
            made = self.generator(
                inputs['tgt_pose'], self.crops(of_side(inputs, 'ref'))
            )
        return dict(pred_img=made.img.clamp(-1, 1))

    def sample(self, tgt_pose: Tensor) -> Tensor:
        """Make pictures of people that nobody has seen.

        Args:
            tgt_pose (Tensor): Pictures of the poses, as the preprocessor
                draws them, (N, 3, H, W).

        Returns:
            Tensor: RGB in [-1, 1], (N, 3, H, W), others at every call.
        """
        with self.grad_if_learning('generator'):
            return self.generator.sample(tgt_pose).clamp(-1, 1)

    # -------------------------------------------------------------- training

    def updates(self, inputs: dict[str, Tensor]) -> Iterator[Update]:
        """Both pictures of the pairs, each made again."""
        picture = single_images(inputs)
        made = self.generator(picture['pose'], self.crops(picture))
        losses = self.losses_between(
            made.img, picture['img'], ('loss_l1', 'loss_perceptual')
        )
        if self.loss_kl is not None:
            losses['loss_kl'] = self.loss_kl(
                made.posteriors, made.priors, self.update_count.done
            )
        yield 'generator', losses

    def step(
        self,
        components: str | tuple[str, ...],
        losses: dict[str, Tensor],
        optim_wrapper: OptimWrapperDict,
    ) -> dict[str, Tensor]:
        """See :meth:`BaseTransferer.step`; the update is counted."""
        log = super().step(components, losses, optim_wrapper)
        self.update_count.follow(optim_wrapper[components])
        return log
