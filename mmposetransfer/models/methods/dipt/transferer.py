"""DIPT: dense intrinsic appearance flow for human pose transfer."""

from collections.abc import Iterable, Iterator, Sequence

from torch import Tensor, nn

from mmposetransfer.errors import UserValueError
from mmposetransfer.registry import MODELS
from mmposetransfer.utils.dist import unwrap_model

from ...canvas import picture_size
from ...flow_heads import FlowPrediction, FlowRegressor
from ...warping import warp_image
from ..base import Update, build_optional
from ..batch_statistics import use_batch_statistics
from ..gan import IMAGE, AdversarialTransferer

__all__ = ['DIPT']

_FLOW_LOSSES = dict(
    epe=dict(type='MultiScaleEPELoss'),
    visibility=dict(type='VisibilityLoss'),
    segmentation=dict(type='SegmentationSensitiveFlowLoss'),
)


@MODELS.register_module()
class DIPT(AdversarialTransferer):
    """The method of the CVPR 2019 paper, whole or in parts.

    From two poses the flow regressor predicts appearance flow and
    visibility; the generator makes an image from the reference's features,
    warped by that flow; pixel warping adds details copied from the
    reference. Components may be left out: without ``generator`` it is a flow
    regressor to be trained alone, without ``pixel_warping`` or
    ``flow_regressor`` it is one of the ablations.

    Args:
        flow_regressor (dict, optional): Config of :class:`FlowRegressor`, or
            of :class:`FittedFlow`, which learns nothing.
        generator (dict, optional): Config of the image generator.
        pixel_warping (dict, optional): Config of :class:`PixelWarping`.
        discriminator (dict, optional): Config of the discriminator, fed
            with cat[reference image, image, target pose].
        loss_epe, loss_visibility (dict): Losses of the flow regressor.
        loss_segmentation (dict, optional): Another one; None, as in the
            paper, does without.
        loss_l1, loss_perceptual, loss_gan (dict, optional): Losses of
            generator and pixel warping; None switches one off.
        batch_stats_components (Sequence[str]): Those whose BatchNorm
            normalises by the statistics of the batch at test time, too, as
            the paper's implementation does in all but the flow regressor. A
            picture then depends on those that it shares a batch with.
            Defaults to none: running statistics.
        data_preprocessor (dict, optional): See :class:`BaseTransferer`.

    Raises:
        ValueError: If a component lacks another one that it runs on, or a
            loss.
    """

    COMPONENTS = (
        'flow_regressor',
        'generator',
        'pixel_warping',
        'discriminator',
    )
    RUNS_ON = dict(  # noqa: RUF012
        generator=('flow_regressor',),
        pixel_warping=('flow_regressor', 'generator'),
    )
    TRAINING_ONLY = ('discriminator', 'loss_gan', 'loss_perceptual')
    JUDGES = dict(discriminator=('ref_img', IMAGE, 'tgt_pose'))  # noqa: RUF012

    def __init__(
        self,
        flow_regressor: dict | None = None,
        generator: dict | None = None,
        pixel_warping: dict | None = None,
        discriminator: dict | None = None,
        loss_epe: dict = _FLOW_LOSSES['epe'],  # noqa: B008
        loss_visibility: dict = _FLOW_LOSSES['visibility'],  # noqa: B008
        loss_segmentation: dict | None = _FLOW_LOSSES['segmentation'],  # noqa: B008
        loss_l1: dict | None = dict(type='L1Loss'),  # noqa: B006
        loss_perceptual: dict | None = None,
        loss_gan: dict | None = dict(type='GANLoss', loss_weight=0.01),  # noqa: B006
        batch_stats_components: Sequence[str] = (),
        data_preprocessor: dict | nn.Module | None = None,
    ):
        super().__init__(data_preprocessor)
        self.flow_regressor = build_optional(flow_regressor)
        self.generator = build_optional(generator)
        self.pixel_warping = build_optional(pixel_warping)
        self.discriminator = build_optional(discriminator)
        self.loss_epe = MODELS.build(loss_epe)
        self.loss_visibility = MODELS.build(loss_visibility)
        self.loss_segmentation = build_optional(loss_segmentation)
        self.loss_l1 = build_optional(loss_l1)
        # Without a generator it has no use, and it is large.
        self.loss_perceptual = build_optional(
            None if generator is None else loss_perceptual
        )
        self.loss_gan = build_optional(loss_gan)
        self.batch_stats_components = tuple(batch_stats_components)
        self._check_components()

    def _check_components(self):
        """Refuse components without what they run on."""
        if self.flow_regressor is None and self.generator is None:
            raise UserValueError(
                "DIPT needs a 'flow_regressor', a 'generator', or both."
            )
        if self.flow_regressor is None and (
            self.pixel_warping is not None
            or getattr(self.generator, 'num_warp_levels', 0)
        ):
            raise UserValueError(
                "Warping needs a 'flow_regressor'; without one set the "
                "generator's 'warping' and 'pixel_warping' to None."
            )
        if self.generator is None and (
            self.pixel_warping is not None or self.discriminator is not None
        ):
            raise UserValueError(
                "'pixel_warping' and 'discriminator' need a 'generator'."
            )
        self.check_judges()
        if getattr(self.discriminator, 'activation', None) is not None:
            raise UserValueError(
                "'loss_gan' wants logits: set the discriminator's "
                "'activation' to None."
            )
        unknown = sorted(
            set(self.batch_stats_components) - set(self.COMPONENTS)
        )
        if unknown:
            raise UserValueError(
                f"'batch_stats_components' must be out of "
                f'{self.COMPONENTS}, got {unknown}.'
            )

    def train(self, mode: bool = True) -> 'DIPT':
        """As :class:`BaseTransferer`, with ``batch_stats_components``.

        A frozen component makes the pictures that it makes at test time.
        """
        super().train(mode)
        for name in set(self.components) & set(self.batch_stats_components):
            use_batch_statistics(
                getattr(self, name), not (mode and name in self.learning)
            )
        return self

    def uses_running_stats(self, component: str) -> bool:
        """See :meth:`BaseTransferer.uses_running_stats`."""
        return (
            super().uses_running_stats(component)
            and component not in self.batch_stats_components
        )

    def looks_at(self, field: str) -> bool:
        """See :meth:`BaseTransferer.looks_at`."""
        regressor = unwrap_model(self.flow_regressor)
        return field in getattr(regressor, 'optional_inputs', ())

    def needs(self, field: str) -> bool:
        """See :meth:`BaseTransferer.needs`; flow leads between two poses."""
        return field != 'ref_keypoints' or self.flow_regressor is not None

    def set_learning(self, components: Iterable[str]) -> None:
        """See :meth:`BaseTransferer.set_learning`.

        Raises:
            ValueError: If generator and pixel warping are to learn at once:
                the paper trains them one after the other (Sec. 4.1), and
                their losses are the same; or if one of them is to learn
                without a loss that compares its pictures with the target.
        """
        if {'generator', 'pixel_warping'} <= set(components):
            raise UserValueError(
                "'generator' and 'pixel_warping' learn in stages of their "
                'own: list them in two stages.'
            )
        compared = self.loss_l1 is not None or self.loss_perceptual is not None
        if {'generator', 'pixel_warping'} & set(components) and not compared:
            raise UserValueError(
                "For its pictures to be learnt, DIPT needs a 'loss_l1' or a "
                "'loss_perceptual', got None for both."
            )
        super().set_learning(components)

    # ------------------------------------------------------------ prediction

    def predict_flow(self, inputs: dict[str, Tensor]) -> FlowPrediction | None:
        """Flow and visibility of the pairs, or None without a regressor."""
        if self.flow_regressor is None:
            return None
        regressor = unwrap_model(self.flow_regressor)
        asked = getattr(regressor, 'inputs', FlowRegressor.inputs)
        if 'size' in asked:
            inputs = dict(inputs, size=picture_size(inputs))
        more = getattr(regressor, 'optional_inputs', ())
        with self.grad_if_learning('flow_regressor'):
            return self.flow_regressor(
                *(inputs[name] for name in asked),
                **{name: inputs[name] for name in more if name in inputs},
            )

    def generate(
        self, inputs: dict[str, Tensor], prediction: FlowPrediction | None
    ) -> dict[str, Tensor]:
        """Generator, then pixel warping, guided by the predicted flow.

        Args:
            inputs (dict): ``ref_img`` and ``tgt_pose``.
            prediction (FlowPrediction, optional): Of :meth:`predict_flow`.

        Returns:
            dict[str, Tensor]: ``pred_img``, and with pixel warping
            ``generated_img``, ``weight_map`` and ``warped_img``.
        """
        ref_img = inputs['ref_img']
        flow, visibility = (
            (None, None)
            if prediction is None
            else (prediction.flow.detach(), prediction.visibility)
        )
        with self.grad_if_learning('generator'):
            img = self.generator(inputs['tgt_pose'], ref_img, flow, visibility)
        # Frozen pixel warping would cut the generator off its loss.
        training_generator = img.requires_grad and 'generator' in self.learning
        if (
            self.pixel_warping is None
            or training_generator
            or self.is_pending('pixel_warping')
        ):
            return dict(pred_img=img)
        with self.grad_if_learning('pixel_warping'):
            refined, weight, warped = self.pixel_warping(
                img, ref_img, flow, visibility
            )
        return dict(
            pred_img=refined,
            generated_img=img,
            weight_map=weight,
            warped_img=warped,
        )

    def transfer(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """See :meth:`BaseTransferer.transfer`."""
        prediction = self.predict_flow(inputs)
        results = {}
        if prediction is not None:
            results['pred_flow'] = prediction.flow
            results['pred_visibility'] = prediction.visibility
            if prediction.twin_flow is not None:
                results['pred_twin_flow'] = prediction.twin_flow
                results['pred_twin_visibility'] = prediction.twin_visibility
                results['pred_near_flow'] = prediction.near_flow
            results['warped_img'] = warp_image(
                inputs['ref_img'], prediction.flow, prediction.visibility
            )
        if self.generator is None or self.is_pending('generator'):
            return dict(results, pred_img=results['warped_img'])
        return {**results, **self.generate(inputs, prediction)}

    # -------------------------------------------------------------- training

    def updates(self, inputs: dict[str, Tensor]) -> Iterator[Update]:
        """Flow regressor, discriminator, then generator or pixel warping."""
        prediction = self.predict_flow(inputs)
        if 'flow_regressor' in self.learning:
            yield 'flow_regressor', self.flow_losses(prediction, inputs)
        if self.image_component is None:
            return
        results = self.generate(inputs, prediction)
        yield from self.discriminator_updates(results['pred_img'], inputs)
        yield self.image_component, self.image_losses(results, inputs)

    @property
    def image_component(self) -> str | None:
        """The component that learns from image losses, or None."""
        for name in ('generator', 'pixel_warping'):
            if name in self.learning:
                return name
        return None

    def flow_losses(
        self, prediction: FlowPrediction, inputs: dict[str, Tensor]
    ) -> dict[str, Tensor]:
        """Multi-scale EPE, cross entropy, segmentation-sensitive loss."""
        flow, visibility = inputs['flow'], inputs['visibility']
        scale = unwrap_model(self.flow_regressor).flow_scale
        losses = dict(
            loss_epe=self.loss_epe(
                prediction.pyramid, scale * flow, visibility
            ),
            loss_visibility=self.loss_visibility(
                prediction.logits, visibility
            ),
        )
        if self.loss_segmentation is not None:
            losses['loss_segmentation'] = self.loss_segmentation(
                prediction.full,
                flow,
                visibility,
                inputs['ref_parts'],
                inputs['tgt_parts'],
                scale,
            )
        return losses

    def image_losses(
        self, results: dict[str, Tensor], inputs: dict[str, Tensor]
    ) -> dict[str, Tensor]:
        """L1, perceptual and, once the discriminator learns, adversarial.

        Args:
            results (dict[str, Tensor]): Of :meth:`generate`.
            inputs (dict[str, Tensor]): Of the batch.
        """
        img, target = results['pred_img'], inputs['tgt_img']
        losses = {}
        if self.loss_l1 is not None:
            losses['loss_l1'] = self.loss_l1(img, target)
        if self.loss_perceptual is not None:
            losses['loss_perceptual'] = self.loss_perceptual(img, target)
        return losses | self.adversarial_losses(img, inputs)
