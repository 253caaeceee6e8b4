"""HAT: human appearance transfer by bodies fitted to both pictures."""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor, nn

from mmposetransfer.errors import UserKeyError
from mmposetransfer.registry import MODELS
from mmposetransfer.structures.visibility import BACKGROUND, VISIBLE

from ...flow_heads import FlowPrediction
from ...warping import fill_holes, flow_warp
from ..base import Update
from ..dipt import DIPT

__all__ = ['HAT', 'CopiedSurface']

_PREPROCESSOR = dict(
    type='PoseTransferDataPreprocessor',
    derived=dict(ref_mask=dict(type='LimbMask', radius=14, closing=41)),
)
# Share of the person up to which a pixel belongs to the background.
_HARDLY = 0.02


class CopiedSurface(NamedTuple):
    """The target's body as far as the reference shows it.

    Attributes:
        colours (Tensor): RGB in [-1, 1], 0 where nothing is copied,
            (N, 3, H, W).
        shared (Tensor): 1 where both pictures show the surface, else 0,
            (N, 1, H, W).
        body (Tensor): 1 on the target's body, else 0, (N, 1, H, W).
    """

    colours: Tensor
    shared: Tensor
    body: Tensor


@MODELS.register_module()
class HAT(DIPT):
    """The method of Zanfir et al. (CVPR 2018), as far as it is known.

    Bodies are fitted to both poses, when the model is trained and when it is
    used. The colours of the surface that both pictures show are copied to
    the target's body; a first network synthesises those of the surface that
    the reference hides; a second one makes the person's picture of the
    rendered body and puts it in front of the reference's background.

    Args:
        flow_regressor (dict): Config of :class:`FittedFlow`, whose flow and
            visibility say which places of the surface both pictures show,
            and where.
        surface_net (dict): Config of :class:`HATSurfaceNet`.
        generator (dict, optional): Config of :class:`HATGenerator`; None
            stops at the rendered body in front of the background.
        discriminator (dict, optional): Config of the discriminator, fed
            with cat[reference image, image, target pose].
        loss_surface (dict): Loss of the surface's colours, given those and
            the target, both on the body alone.
        loss_l1, loss_perceptual, loss_gan (dict, optional): Losses of the
            generator; None switches one off.
        data_preprocessor (dict | nn.Module, optional): One that draws
            ``ref_mask``, in whose place ``ref_person`` is used where the
            data have it. Defaults to limbs of 14 pixels.

    Raises:
        ValueError: If a discriminator has nobody to judge, or no loss.
    """

    COMPONENTS = (
        'flow_regressor',
        'surface_net',
        'generator',
        'discriminator',
    )
    RUNS_ON = dict(  # noqa: RUF012
        surface_net=('flow_regressor',),
        generator=('flow_regressor', 'surface_net'),
    )

    def __init__(
        self,
        flow_regressor: dict = dict(type='FittedFlow', margin=0),  # noqa: B006
        surface_net: dict = dict(type='HATSurfaceNet'),  # noqa: B006
        generator: dict | None = None,
        discriminator: dict | None = None,
        loss_surface: dict = dict(type='L1Loss'),  # noqa: B006
        loss_l1: dict | None = dict(type='L1Loss'),  # noqa: B006
        loss_perceptual: dict | None = None,
        loss_gan: dict | None = dict(type='GANLoss', loss_weight=0.01),  # noqa: B006
        data_preprocessor: dict | nn.Module | None = None,
    ) -> None:
        super().__init__(
            flow_regressor,
            generator,
            discriminator=discriminator,
            loss_l1=loss_l1,
            loss_perceptual=loss_perceptual,
            loss_gan=loss_gan,
            data_preprocessor=data_preprocessor or _PREPROCESSOR,
        )
        self.surface_net = MODELS.build(surface_net)
        self.loss_surface = MODELS.build(loss_surface)

    def copies_pixels(self) -> bool:
        """See :meth:`BaseTransferer.copies_pixels`; the rendered body does."""
        return self.generator is None or self.is_pending('generator')

    # ------------------------------------------------------------ prediction

    @staticmethod
    def copy_surface(
        inputs: dict[str, Tensor], prediction: FlowPrediction
    ) -> CopiedSurface:
        """Bring the colours that both pictures show to the target's body."""
        shared = (prediction.visibility == VISIBLE).float()
        body = (prediction.visibility != BACKGROUND).float()
        warped = flow_warp(inputs['ref_img'], prediction.flow)
        return CopiedSurface(warped * shared, shared, body)

    def synthesise_surface(
        self, copied: CopiedSurface, inputs: dict[str, Tensor]
    ) -> Tensor:
        """Colours of the whole surface by the network, (N, 3, H, W)."""
        with self.grad_if_learning('surface_net'):
            return self.surface_net(
                *copied,
                *(inputs[n] for n in ('tgt_pose', 'ref_img', 'ref_pose')),
            )

    @staticmethod
    def background(inputs: dict[str, Tensor]) -> Tensor:
        """The reference without its person, (N, 3, H, W).

        Raises:
            KeyError: If nothing says where the person is.
        """
        person = inputs.get('ref_person', inputs.get('ref_mask'))
        if person is None:
            raise UserKeyError(
                "HAT takes the person out by 'ref_person' or 'ref_mask', "
                f'neither of which is among the inputs {sorted(inputs)}: '
                'give the data_preprocessor derived=dict(ref_mask=dict('
                "type='LimbMask', radius=14, closing=41))"
            )
        return fill_holes(inputs['ref_img'], (person <= _HARDLY).float())

    def generate(
        self, inputs: dict[str, Tensor], prediction: FlowPrediction
    ) -> dict[str, Tensor]:
        """Copy, complete the surface, dress it.

        Args:
            inputs (dict): ``ref_img``, ``ref_pose``, ``tgt_pose``, and
                ``ref_person`` or ``ref_mask``.
            prediction (FlowPrediction): Of :meth:`DIPT.predict_flow`.

        Returns:
            dict[str, Tensor]: ``pred_img``; ``warped_img``, the copied
            colours, and ``weight_map``, where they are; ``generated_img``,
            the rendered body in front of ``background_img``; with a
            generator ``pred_person`` and ``background_weight``.
        """
        copied = self.copy_surface(inputs, prediction)
        surface = copied.colours
        if not self.is_pending('surface_net'):
            with torch.no_grad():  # it learns from the surface alone
                made = self.synthesise_surface(copied, inputs)
            surface = torch.lerp(made, surface, copied.shared) * copied.body
        background = self.background(inputs)
        rendered = torch.where(copied.body > 0, surface, background)
        results = dict(
            pred_img=rendered,
            generated_img=rendered,
            warped_img=copied.colours,
            weight_map=copied.shared,
            background_img=background,
        )
        if self.generator is None or self.is_pending('generator'):
            return results
        with self.grad_if_learning('generator'):
            img, person = self.generator(
                surface,
                copied.shared,
                copied.body,
                background,
                inputs['tgt_pose'],
            )
        return dict(
            results,
            pred_img=img,
            pred_person=person,
            background_weight=1 - person,
        )

    def transfer(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """See :meth:`BaseTransferer.transfer`."""
        prediction = self.predict_flow(inputs)
        return dict(
            self.generate(inputs, prediction),
            pred_flow=prediction.flow,
            pred_visibility=prediction.visibility,
        )

    # -------------------------------------------------------------- training

    def updates(self, inputs: dict[str, Tensor]) -> Iterator[Update]:
        """Surface network, discriminator, generator."""
        prediction = self.predict_flow(inputs)
        if 'surface_net' in self.learning:
            copied = self.copy_surface(inputs, prediction)
            made = self.synthesise_surface(copied, inputs)
            yield 'surface_net', self.surface_losses(made, copied, inputs)
        if 'generator' not in self.learning:
            return
        results = self.generate(inputs, prediction)
        yield from self.discriminator_updates(results['pred_img'], inputs)
        yield 'generator', self.image_losses(results, inputs)

    def surface_losses(
        self, made: Tensor, copied: CopiedSurface, inputs: dict[str, Tensor]
    ) -> dict[str, Tensor]:
        """Of all colours on the body, also of those that will be copied.

        Args:
            made (Tensor): Of :meth:`synthesise_surface`.
            copied (CopiedSurface): What it was made of.
            inputs (dict[str, Tensor]): Of the batch.
        """
        seen = inputs['tgt_img'] * copied.body
        return dict(loss_surface=self.loss_surface(made * copied.body, seen))
