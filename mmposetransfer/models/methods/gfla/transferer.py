"""GFLA: deep image spatial transformation for person image generation."""

from collections.abc import Iterable, Iterator

from torch import Tensor, nn

from mmposetransfer.errors import UserValueError
from mmposetransfer.registry import MODELS

from ...warping import flow_warp
from ..base import Update, build_optional
from ..gan import IMAGE, AdversarialTransferer
from .flow_net import FlowGuide, at_full_size

__all__ = ['GFLA']


@MODELS.register_module()
class GFLA(AdversarialTransferer):
    """The method of Ren et al. (CVPR 2020): global flow, local attention.

    The flow network predicts from the reference and both poses where each
    place of the target is found, and a mask of what is to be taken from
    there, at two scales. The generator makes the picture of the target's
    pose and of the reference's features, which local attention samples
    around the flow. The flow network first learns alone, without true flow;
    then both learn in one joint step. No visibility is predicted.

    Args:
        flow_net (dict): Config of :class:`GFLAFlowNet`.
        generator (dict): Config of :class:`GFLAGenerator`, its
            ``warp_levels`` the flow network's ``flow_levels``.
        discriminator (dict, optional): Config of the discriminator, which
            sees the picture alone.
        loss_correctness, loss_regularization (dict, optional): Losses of the
            flow: ``(flows, ref_img, tgt_img)`` and ``(flows)`` to a scalar.
        loss_l1, loss_perceptual, loss_style, loss_gan (dict, optional):
            Losses of the picture; None switches one off. Content is compared
            by ``loss_perceptual``.
        data_preprocessor (dict, optional): See :class:`BaseTransferer`.

    Raises:
        ValueError: If the levels of the two networks differ, or a
            discriminator has no loss.
    """

    COMPONENTS = ('flow_net', 'generator', 'discriminator')
    RUNS_ON = dict(generator=('flow_net',))  # noqa: RUF012
    TRAINING_ONLY = (
        'discriminator',
        'loss_correctness',
        'loss_perceptual',
        'loss_style',
        'loss_gan',
    )
    JUDGES = dict(discriminator=(IMAGE,))  # noqa: RUF012

    def __init__(
        self,
        flow_net: dict = dict(type='GFLAFlowNet'),  # noqa: B006
        generator: dict = dict(type='GFLAGenerator'),  # noqa: B006
        discriminator: dict | None = None,
        loss_correctness: dict | None = None,
        loss_regularization: dict | None = None,
        loss_l1: dict | None = dict(type='L1Loss', loss_weight=5.0),  # noqa: B006
        loss_perceptual: dict | None = None,
        loss_style: dict | None = None,
        loss_gan: dict | None = None,
        data_preprocessor: dict | nn.Module | None = None,
    ) -> None:
        super().__init__(data_preprocessor)
        self.flow_net = MODELS.build(flow_net)
        self.generator = MODELS.build(generator)
        self.discriminator = build_optional(discriminator)
        self.loss_correctness = build_optional(loss_correctness)
        self.loss_regularization = build_optional(loss_regularization)
        self.loss_l1 = build_optional(loss_l1)
        self.loss_perceptual = build_optional(loss_perceptual)
        self.loss_style = build_optional(loss_style)
        self.loss_gan = build_optional(loss_gan)
        if self.flow_net.flow_levels != self.generator.warp_levels:
            raise UserValueError(
                "flow_net's flow_levels must be the generator's warp_levels, "
                f'{self.generator.warp_levels}, got '
                f'{self.flow_net.flow_levels}'
            )
        self.check_judges()

    def set_learning(self, components: Iterable[str]) -> None:
        """See :meth:`BaseTransferer.set_learning`.

        Raises:
            ValueError: If the discriminator is to learn without the
                generator, or the flow network without it and without a loss.
        """
        if 'generator' not in components:
            if 'discriminator' in components:
                raise UserValueError(
                    "The 'discriminator' learns beside the 'generator': add "
                    'it to the components of the stage.'
                )
            if 'flow_net' in components and self.loss_correctness is None:
                raise UserValueError(
                    "A 'flow_net' that learns without the 'generator' needs "
                    "a 'loss_correctness'."
                )
        super().set_learning(components)

    def copies_pixels(self) -> bool:
        """See :meth:`BaseTransferer.copies_pixels`; features are warped."""
        return self.is_pending('generator')

    # ------------------------------------------------------------ prediction

    def predict_flow(self, inputs: dict[str, Tensor]) -> FlowGuide:
        """Flows and masks of the pairs."""
        with self.grad_if_learning('flow_net'):
            return self.flow_net(
                inputs['ref_img'], inputs['ref_pose'], inputs['tgt_pose']
            )

    def generate(self, inputs: dict[str, Tensor], guide: FlowGuide) -> Tensor:
        """The picture, (N, 3, H, W), guided by flows and masks."""
        with self.grad_if_learning('generator'):
            return self.generator(
                inputs['tgt_pose'], inputs['ref_img'], guide.flows, guide.masks
            )

    def transfer(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """See :meth:`BaseTransferer.transfer`.

        Returns:
            dict[str, Tensor]: ``pred_img``; ``pred_flow`` in pixels and
            ``weight_map``, both of the finest level, at full size;
            ``warped_img``.
        """
        guide = self.predict_flow(inputs)
        ref_img = inputs['ref_img']
        flow, mask = at_full_size(guide, ref_img.shape[-2:])
        warped = flow_warp(ref_img, flow)
        img = (
            warped
            if self.is_pending('generator')
            else self.generate(inputs, guide)
        )
        return dict(
            pred_img=img, pred_flow=flow, weight_map=mask, warped_img=warped
        )

    # -------------------------------------------------------------- training

    def updates(self, inputs: dict[str, Tensor]) -> Iterator[Update]:
        """The flow network alone; or the critic, then both in one step."""
        guide = self.predict_flow(inputs)
        losses = {}
        if 'flow_net' in self.learning:
            losses = self.flow_losses(guide, inputs)
        if 'generator' not in self.learning:
            yield 'flow_net', losses
            return
        img = self.generate(inputs, guide)
        yield from self.discriminator_updates(img, inputs)
        together = tuple(
            name for name in ('flow_net', 'generator') if name in self.learning
        )
        yield together, losses | self.image_losses(img, inputs)

    def flow_losses(
        self, guide: FlowGuide, inputs: dict[str, Tensor]
    ) -> dict[str, Tensor]:
        """Sampling correctness and affine regularisation."""
        losses = {}
        if self.loss_correctness is not None:
            losses['loss_correctness'] = self.loss_correctness(
                guide.flows, inputs['ref_img'], inputs['tgt_img']
            )
        if self.loss_regularization is not None:
            losses['loss_regularization'] = self.loss_regularization(
                guide.flows
            )
        return losses
