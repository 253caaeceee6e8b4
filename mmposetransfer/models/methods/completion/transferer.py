"""DIPT with flow from fitted bodies, completed by a light generator."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmposetransfer.errors import UserKeyError
from mmposetransfer.geometry.flow_limits import extend_flow
from mmposetransfer.registry import MODELS
from mmposetransfer.structures.visibility import BACKGROUND, VISIBLE

from ...flow_heads import FlowPrediction
from ...precision import at_least_float32
from ...warping.flow_warp import flow_warp
from ...warping.hole_filling import fill_holes
from ..base import build_optional
from ..dipt import DIPT
from ..gan import IMAGE

__all__ = ['CompletionDIPT', 'extended_flow']

# Odds of copying before the network's word: of what is copied from nowhere,
# and beside the body.
_HARDLY, _PERHAPS = 1e-3, 0.1
# The network's word multiplies them by e to the power of this at the most.
_BOUND = 4.0
# What only losses ask for.
_TEACHING = ('person_logits', 'prior_img', 'body')


@MODELS.register_module()
class CompletionDIPT(DIPT):
    """Copy what both pictures show, make the rest, keep the background.

    The flow regressor says where the reference shows each point of the
    target's body, its mirror twin, or what is nearest to it; that is warped.
    Hair, skirts and sleeves beside the body move with the surface they hang
    on. The generator sees the warped picture, and the reference's background,
    filled in where the person stood. The network decides where the person
    is, in front of the background, and how much of each pixel of the person
    is copied; it makes the rest.

    Args:
        flow_regressor (dict): Config of :class:`FittedFlow`, or of another
            regressor that knows a body: one with ``near_flow``.
        generator (dict): Config of :class:`CompletionGenerator`.
        discriminator (dict, optional): Config of the discriminator, fed with
            cat[image, target pose].
        margin (float): How far beside the body something may be copied, as a
            share of the picture's height.
        outline (dict): Config of the pose encoder that draws the reference's
            person where no ``ref_person`` is given.
        loss_l1, loss_perceptual, loss_gan (dict, optional): Losses of the
            generator; None switches one off.
        loss_face (dict, optional): Config of a :class:`FaceLoss`.
        made_weight (float): Weight of ``loss_l1`` of what the network makes,
            before the copies are mixed in.
        prior_weight (float): Likewise of what the surface usually looks like,
            on the body.
        person_weight (float): Weight of the cross entropy of the result's
            person mask.
        decision (float): Factor of the person's logits where person and
            background are put together: how sharp the outline is. Outside of
            training also of those of copying.
        preference (float): Of copies outside of training, added to their
            logits: a sharp error is better than a blurred one.
        data_preprocessor (dict, optional): See :class:`BaseTransferer`.
    """

    COMPONENTS = ('flow_regressor', 'generator', 'discriminator')
    RUNS_ON = dict(generator=('flow_regressor',))  # noqa: RUF012
    TRAINING_ONLY = (*DIPT.TRAINING_ONLY, 'loss_face')
    JUDGES = dict(discriminator=(IMAGE, 'tgt_pose'))  # noqa: RUF012

    def __init__(
        self,
        flow_regressor: dict,
        generator: dict,
        discriminator: dict | None = None,
        margin: float = 0.08,
        outline: dict = dict(type='LimbMask', radius=12),  # noqa: B006
        loss_l1: dict | None = dict(type='L1Loss'),  # noqa: B006
        loss_perceptual: dict | None = None,
        loss_gan: dict | None = dict(type='GANLoss', loss_weight=0.01),  # noqa: B006
        loss_face: dict | None = None,
        made_weight: float = 0.5,
        prior_weight: float = 0.5,
        person_weight: float = 1.0,
        decision: float = 4.0,
        preference: float = 1.0,
        data_preprocessor: dict | nn.Module | None = None,
    ) -> None:
        super().__init__(
            flow_regressor,
            generator,
            discriminator=discriminator,
            loss_l1=loss_l1,
            loss_perceptual=loss_perceptual,
            loss_gan=loss_gan,
            data_preprocessor=data_preprocessor,
        )
        self.loss_face = build_optional(loss_face)
        self.margin = margin
        self.outline = MODELS.build(outline)
        self.made_weight, self.prior_weight = made_weight, prior_weight
        self.person_weight = person_weight
        self.decision, self.preference = decision, preference

    def generate(
        self, inputs: dict[str, Tensor], prediction: FlowPrediction
    ) -> dict[str, Tensor]:
        """Warp, complete, mix.

        Args:
            inputs (dict): ``ref_img``, ``ref_person``, ``ref_pose`` and
                ``tgt_pose``.
            prediction (FlowPrediction): Of :meth:`DIPT.predict_flow`.

        Returns:
            dict[str, Tensor]: ``pred_img``; ``generated_img``, ``warped_img``
            and ``background_img``, which it is mixed of, ``weight_map`` and
            ``background_weight``, the weights of the latter two;
            ``pred_flow``, which leads to what is copied; ``pred_person``.

        Raises:
            KeyError: If pairs bring some of a fit along, but not the surface.
        """
        if prediction.surface is None:
            raise UserKeyError(
                "CompletionDIPT needs 'tgt_surface' where pairs bring the "
                'flow of their fits along: make it with FitFlow('
                "surface=True), and list it in PackPoseTransferInputs' keys"
            )
        ref_img, ref_person = inputs['ref_img'], self._person(inputs)
        body = (prediction.visibility != BACKGROUND).float()
        flow = extended_flow(
            prediction.near_flow, body, self.margin * ref_img.shape[-2]
        )
        reached = (flow != 0).any(1, keepdim=True) * (1 - body)
        beside = reached * (flow_warp(ref_person, flow) > 0.5)
        trust = prediction.near_trust + _PERHAPS * beside
        known = torch.maximum(body, (beside > 0).float())
        copied = fill_holes(flow_warp(ref_img, flow), known)
        background = fill_holes(ref_img, (ref_person < 0.02).float())
        with self.grad_if_learning('generator'):
            made, logits, person, prior = self.generator(
                copied=copied,
                trust=trust,
                known=known,
                body=body,
                background=background,
                tgt_pose=inputs['tgt_pose'],
                ref_img=ref_img,
                ref_person=ref_person,
                ref_pose=inputs['ref_pose'],
                flow=flow,
                surface=prediction.surface,
            )
            # Bounded: who once has all of the weight would keep it.
            logits = _BOUND * (logits / _BOUND).tanh()
            share = self._choice(logits + trust.clamp(_HARDLY).log())
            # How likely the person is at a pixel makes a fog where the
            # outline is not sure; a picture has an outline.
            on_person = (self.decision * person).sigmoid()
            clothed = torch.lerp(made, copied, share)
            mixed = torch.lerp(background, clothed, on_person)
        return dict(
            pred_img=mixed,
            generated_img=made,
            warped_img=copied,
            background_img=background,
            weight_map=on_person * share,
            background_weight=1 - on_person,
            pred_flow=flow,
            pred_person=on_person,
            person_logits=person,
            prior_img=prior,
            body=body,
        )

    def _choice(self, copying: Tensor) -> Tensor:
        """How much of each pixel is copied, of logits.

        Training learns which of both errs less; a picture shows one or the
        other, for half of both is a blur.
        """
        if not self.training:
            copying = self.decision * (copying + self.preference)
        return copying.sigmoid()

    def _person(self, inputs: dict[str, Tensor]) -> Tensor:
        """Share of the reference's person, given or drawn, (N, 1, H, W)."""
        if 'ref_person' in inputs:
            return inputs['ref_person']
        size = tuple(inputs['ref_img'].shape[-2:])
        return self.outline(inputs['ref_keypoints'], size)

    def transfer(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """See :meth:`BaseTransferer.transfer`."""
        predictions = super().transfer(inputs)
        for name in _TEACHING:
            predictions.pop(name, None)
        return predictions

    def image_losses(
        self, results: dict[str, Tensor], inputs: dict[str, Tensor]
    ) -> dict[str, Tensor]:
        """As :meth:`DIPT.image_losses`, with that of the person."""
        losses = super().image_losses(results, inputs)
        if self.loss_l1 is not None:
            # Mixed with copies that are better at first, what the network
            # makes would be left out before it has learnt.
            person = inputs.get('tgt_person', 1)
            for name, weight, img, share in (
                ('made', self.made_weight, 'generated_img', person),
                (
                    'prior',
                    self.prior_weight,
                    'prior_img',
                    person * results['body'],
                ),
            ):
                losses[f'loss_l1_{name}'] = weight * self.loss_l1(
                    results[img] * share, inputs['tgt_img'] * share
                )
        if self.loss_face is not None:
            losses['loss_face'] = self.loss_face(
                results['pred_img'],
                inputs['tgt_img'],
                inputs['tgt_keypoints'],
            )
        if 'tgt_person' in inputs:
            losses['loss_person'] = (
                self.person_weight
                * F.binary_cross_entropy_with_logits(
                    at_least_float32(results['person_logits']),
                    inputs['tgt_person'],
                )
            )
        return losses


def extended_flow(flow: Tensor, body: Tensor, margin: float) -> Tensor:
    """Flow that goes on beside the body, as that of the nearest pixel of it.

    Args:
        flow (Tensor): (N, 2, H, W) in pixels.
        body (Tensor): 1 on the body, else 0, (N, 1, H, W).
        margin (float): How far, in pixels.

    Returns:
        Tensor: (N, 2, H, W), 0 beyond the margin.
    """
    outside = np.where(body.cpu().numpy() > 0, VISIBLE, BACKGROUND)
    pairs = zip((flow * body).cpu().numpy(), outside, strict=True)
    extended = np.stack([extend_flow(*pair, margin) for pair in pairs])
    return torch.from_numpy(extended).to(flow.device)
