"""DIPT: dense intrinsic appearance flow for human pose transfer."""

import torch

from mmposetransfer.registry import MODELS
from mmposetransfer.utils.dist import unwrap_model

from ..warping.pixel_warping import warp_image
from .base import BaseTransferer
from .batch_statistics import use_batch_statistics

__all__ = ['DIPT']

_FLOW_LOSSES = dict(
    epe=dict(type='MultiScaleEPELoss'),
    visibility=dict(type='VisibilityLoss'),
    segmentation=dict(type='SegmentationSensitiveFlowLoss'),
)


def _build_optional(config):
    return None if config is None else MODELS.build(config)


@MODELS.register_module()
class DIPT(BaseTransferer):
    """The method of the CVPR 2019 paper, whole or in parts.

    From two poses the flow regressor predicts appearance flow and
    visibility; the generator makes an image from the reference's features,
    warped by that flow; pixel warping adds details copied from the
    reference. Parts may be left out: without ``generator`` it is a flow
    regressor to be trained alone, without ``pixel_warping`` or
    ``flow_regressor`` it is one of the ablations.

    Args:
        flow_regressor (dict, optional): Config of :class:`FlowRegressor`.
        generator (dict, optional): Config of the image generator.
        pixel_warping (dict, optional): Config of :class:`PixelWarping`.
        discriminator (dict, optional): Config of the discriminator, fed
            with cat[reference image, image, target pose].
        loss_epe, loss_visibility (dict): Losses of the flow regressor.
        loss_segmentation (dict, optional): Another one; None, as in the
            paper, does without.
        loss_l1, loss_perceptual, loss_gan (dict, optional): Losses of
            generator and pixel warping; None switches one off.
        batch_stats_parts (Sequence[str]): Parts whose BatchNorm normalises
            by the statistics of the batch at test time, too, as the paper's
            implementation does in all but the flow regressor. A picture then
            depends on those that it shares a batch with. Defaults to none:
            running statistics.
        data_preprocessor (dict, optional): See :class:`BaseTransferer`.

    Raises:
        ValueError: If a part lacks another one that it runs on, or a loss.
    """

    PARTS = ('flow_regressor', 'generator', 'pixel_warping', 'discriminator')
    NEEDS = dict(
        generator=('flow_regressor',),
        pixel_warping=('flow_regressor', 'generator'),
    )
    TRAINING_ONLY = ('discriminator',)

    def __init__(
        self,
        flow_regressor=None,
        generator=None,
        pixel_warping=None,
        discriminator=None,
        loss_epe=_FLOW_LOSSES['epe'],  # noqa: B008
        loss_visibility=_FLOW_LOSSES['visibility'],  # noqa: B008
        loss_segmentation=_FLOW_LOSSES['segmentation'],  # noqa: B008
        loss_l1=dict(type='L1Loss'),  # noqa: B006
        loss_perceptual=None,
        loss_gan=dict(type='GANLoss', loss_weight=0.01),  # noqa: B006
        batch_stats_parts=(),
        data_preprocessor=None,
    ):
        super().__init__(data_preprocessor)
        self.flow_regressor = _build_optional(flow_regressor)
        self.generator = _build_optional(generator)
        self.pixel_warping = _build_optional(pixel_warping)
        self.discriminator = _build_optional(discriminator)
        self.loss_epe = MODELS.build(loss_epe)
        self.loss_visibility = MODELS.build(loss_visibility)
        self.loss_segmentation = _build_optional(loss_segmentation)
        self.loss_l1 = _build_optional(loss_l1)
        # Without a generator it has no use, and it is large.
        self.loss_perceptual = _build_optional(
            None if generator is None else loss_perceptual
        )
        self.loss_gan = _build_optional(loss_gan)
        self.batch_stats_parts = tuple(batch_stats_parts)
        self._check_parts()

    def _check_parts(self):
        """Refuse parts without what they run on."""
        if self.flow_regressor is None and self.generator is None:
            raise ValueError(
                "DIPT needs a 'flow_regressor', a 'generator', or both."
            )
        if self.flow_regressor is None and (
            self.pixel_warping is not None
            or getattr(self.generator, 'num_warp_levels', 0)
        ):
            raise ValueError(
                "Warping needs a 'flow_regressor'; without one set the "
                "generator's 'warping' and 'pixel_warping' to None."
            )
        if self.generator is None and (
            self.pixel_warping is not None or self.discriminator is not None
        ):
            raise ValueError(
                "'pixel_warping' and 'discriminator' need a 'generator'."
            )
        if (
            self.generator is not None
            and self.loss_l1 is None
            and self.loss_perceptual is None
        ):
            raise ValueError(
                "A 'generator' needs a 'loss_l1' or a 'loss_perceptual'."
            )
        if self.discriminator is not None and self.loss_gan is None:
            raise ValueError("A 'discriminator' needs a 'loss_gan'.")
        if getattr(self.discriminator, 'activation', None) is not None:
            raise ValueError(
                "'loss_gan' wants logits: set the discriminator's "
                "'activation' to None."
            )
        unknown = sorted(set(self.batch_stats_parts) - set(self.PARTS))
        if unknown:
            raise ValueError(
                f"'batch_stats_parts' must be out of "
                f'{self.PARTS}, got {unknown}.'
            )

    def train(self, mode=True):
        """As :class:`BaseTransferer`, with ``batch_stats_parts``.

        A frozen part makes the pictures that it makes at test time.
        """
        super().train(mode)
        for name in set(self.parts) & set(self.batch_stats_parts):
            use_batch_statistics(
                getattr(self, name), not (mode and name in self.learning)
            )
        return self

    def uses_running_stats(self, part):
        """See :meth:`BaseTransferer.uses_running_stats`."""
        return (
            super().uses_running_stats(part)
            and part not in self.batch_stats_parts
        )

    def set_learning(self, parts):
        """See :meth:`BaseTransferer.set_learning`.

        Raises:
            ValueError: If generator and pixel warping are to learn at once:
                the paper trains them one after the other (Sec. 4.1), and
                each optimizer step is of one part.
        """
        if 'generator' in parts and 'pixel_warping' in parts:
            raise ValueError(
                "'generator' and 'pixel_warping' learn in stages of their "
                'own: list them in two stages.'
            )
        super().set_learning(parts)

    # ------------------------------------------------------------ prediction

    def predict_flow(self, inputs):
        """Flow and visibility of the pairs, or None without a regressor."""
        if self.flow_regressor is None:
            return None
        with self.grad_if_learning('flow_regressor'):
            return self.flow_regressor(inputs['ref_pose'], inputs['tgt_pose'])

    def generate(self, inputs, prediction):
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

    def transfer(self, inputs):
        """See :meth:`BaseTransferer.transfer`."""
        prediction = self.predict_flow(inputs)
        results = {}
        if prediction is not None:
            results['pred_flow'] = prediction.flow
            results['pred_visibility'] = prediction.visibility
            results['warped_img'] = warp_image(
                inputs['ref_img'], prediction.flow, prediction.visibility
            )
        if self.generator is None or self.is_pending('generator'):
            return dict(results, pred_img=results['warped_img'])
        return {**results, **self.generate(inputs, prediction)}

    # -------------------------------------------------------------- training

    def train_step(self, data, optim_wrapper):
        """Flow regressor, discriminator, then generator or pixel warping.

        Only parts that learn take a step; see :meth:`set_learning`.

        Args:
            data (dict): A batch of the loader.
            optim_wrapper (OptimWrapperDict): Optimizers by part.

        Returns:
            dict[str, Tensor]: Losses for the log.

        Raises:
            RuntimeError: If no part learns.
        """
        self._require_learning()
        inputs = self.data_preprocessor(data, training=True)['inputs']
        log, prediction, part = {}, None, self.image_part

        if 'flow_regressor' in self.learning:
            with optim_wrapper['flow_regressor'].optim_context(
                self.flow_regressor
            ):
                prediction = self.predict_flow(inputs)
                losses = self.flow_losses(prediction, inputs)
            log |= self.update('flow_regressor', losses, optim_wrapper)
        if part is None:
            return log

        with optim_wrapper[part].optim_context(getattr(self, part)):
            prediction = prediction or self.predict_flow(inputs)
            img = self.generate(inputs, prediction)['pred_img']

        if 'discriminator' in self.learning:
            with optim_wrapper['discriminator'].optim_context(
                self.discriminator
            ):
                losses = self.discriminator_losses(img.detach(), inputs)
            log |= self.update('discriminator', losses, optim_wrapper)

        with optim_wrapper[part].optim_context(getattr(self, part)):
            losses = self.image_losses(img, inputs)
        return log | self.update(part, losses, optim_wrapper)

    def _require_learning(self):
        if not self.learning:
            raise RuntimeError(
                f'No part of {self.parts} learns: add a StagedTrainingHook '
                "to the config's custom_hooks, or call set_learning()."
            )

    @property
    def image_part(self):
        """The part that learns from image losses, or None."""
        for part in ('generator', 'pixel_warping'):
            if part in self.learning:
                return part
        return None

    def loss(self, inputs):
        """See :meth:`BaseTransferer.loss`."""
        self._require_learning()
        prediction = self.predict_flow(inputs)
        losses = {}
        if 'flow_regressor' in self.learning:
            losses |= self.flow_losses(prediction, inputs)
        if self.image_part is not None:
            img = self.generate(inputs, prediction)['pred_img']
            losses |= self.image_losses(img, inputs)
            if 'discriminator' in self.learning:
                losses |= self.discriminator_losses(img.detach(), inputs)
        return losses

    def flow_losses(self, prediction, inputs):
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

    def image_losses(self, img, inputs):
        """L1, perceptual and, once the discriminator learns, adversarial."""
        target = inputs['tgt_img']
        losses = {}
        if self.loss_l1 is not None:
            losses['loss_l1'] = self.loss_l1(img, target)
        if self.loss_perceptual is not None:
            losses['loss_perceptual'] = self.loss_perceptual(img, target)
        if 'discriminator' in self.learning:
            losses['loss_gan'] = self.loss_gan(
                self._judge_frozen(img, inputs), True
            )
        return losses

    def discriminator_losses(self, img, inputs):
        """Half of the losses on real and on generated images."""
        real = self.discriminator(self._condition(inputs['tgt_img'], inputs))
        fake = self.discriminator(self._condition(img, inputs))
        return dict(
            loss_d_real=0.5 * self.loss_gan(real, True),
            loss_d_fake=0.5 * self.loss_gan(fake, False),
        )

    @staticmethod
    def _condition(img, inputs):
        return torch.cat([inputs['ref_img'], img, inputs['tgt_pose']], 1)

    def _judge_frozen(self, img, inputs):
        """Logits whose gradient goes to the image, not the discriminator.

        The plain module is called, not its distributed wrapper, which would
        wait for gradients that never come.
        """
        discriminator = unwrap_model(self.discriminator)
        discriminator.requires_grad_(False)
        logits = discriminator(self._condition(img, inputs))
        discriminator.requires_grad_(True)
        return logits
