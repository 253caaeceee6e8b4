"""DPT: dense pose transfer."""

from collections.abc import Iterable, Iterator

import torch
from torch import Tensor, nn

from mmposetransfer.errors import UserValueError
from mmposetransfer.registry import MODELS

from ...canvas import Canvas, picture_size
from ...precision import at_least_float32
from ..base import Update, build_optional
from ..gan import IMAGE, AdversarialTransferer
from .atlas import pixels_to_texture, surface_maps, texture_to_pixels
from .surface_fitter import SurfaceFitter

__all__ = ['DPT']


@MODELS.register_module()
class DPT(AdversarialTransferer):
    """The method of Neverova et al. (ECCV 2018).

    The warping stream brings the reference's pixels into the atlas of its
    surface, completes the textures and draws them where the target's surface
    is. The predictive stream makes a picture of the reference and of both
    surfaces. A network blends the two: with a weight on the body, and what it
    changes of the mixture.

    Surfaces come with the data (``ref_iuv``, ``tgt_iuv``, of a detector or of
    the transform ``FitIUV``); where they do not, bodies are fitted to the
    poses, on the CPU, 40 ms a pair of 256x256 in batches of 8. Where
    ``ref_person`` is known, only its pixels count for the textures.

    Args:
        texture (dict): Config of :class:`TextureCompletion`.
        predictive (dict): Config of a network from the reference (3) and both
            surfaces (6) to a picture (3).
        blending (dict): Config of a network from both pictures (6), the body
            (1) and the target's surface (3) to a change (3) and a logit of
            the warping stream's weight (1).
        discriminator (dict, optional): Config of the discriminator, fed with
            cat[image, target surface], 6 channels.
        texture_size (int): Side of a part's texture, texels.
        distance, noise (float): Of the bodies that are fitted, see
            :class:`SurfaceFitter`.
        loss_texture (dict): Between the warping stream and the target, on
            the body.
        loss_l1, loss_perceptual, loss_style, loss_gan (dict, optional):
            Losses of the result, or of the predictive stream while the
            blending network is still to be trained; None switches one off.
        data_preprocessor (dict | nn.Module, optional): Pose maps are not
            used; the default draws none.

    Raises:
        ValueError: If a discriminator has no loss.
    """

    COMPONENTS = ('texture', 'predictive', 'blending', 'discriminator')
    RUNS_ON = dict(blending=('texture', 'predictive'))  # noqa: RUF012
    TRAINING_ONLY = (
        'discriminator',
        'loss_perceptual',
        'loss_style',
        'loss_gan',
    )
    JUDGES = dict(discriminator=(IMAGE, 'tgt_surface'))  # noqa: RUF012

    def __init__(
        self,
        texture: dict = dict(type='TextureCompletion'),  # noqa: B006
        predictive: dict = dict(  # noqa: B006
            type='ResidualUNet',
            in_channels=9,
            out_channels=3,
            num_levels=4,
            head_std=1e-3,
        ),
        blending: dict = dict(  # noqa: B006
            type='ResidualUNet',
            in_channels=10,
            out_channels=4,
            num_levels=2,
            head_std=1e-3,
        ),
        discriminator: dict | None = None,
        texture_size: int = 64,
        distance: float = 4.0,
        noise: float = 0.015,
        loss_texture: dict = dict(type='L1Loss'),  # noqa: B006
        loss_l1: dict | None = dict(type='L1Loss'),  # noqa: B006
        loss_perceptual: dict | None = None,
        loss_style: dict | None = None,
        loss_gan: dict | None = None,
        data_preprocessor: dict | nn.Module | None = None,
    ) -> None:
        super().__init__(
            data_preprocessor
            or dict(type='PoseTransferDataPreprocessor', sides=())
        )
        self.texture = MODELS.build(texture)
        self.predictive = MODELS.build(predictive)
        self.blending = MODELS.build(blending)
        self.discriminator = build_optional(discriminator)
        self.texture_size = texture_size
        self.surface = SurfaceFitter(distance, noise)
        self.loss_texture = MODELS.build(loss_texture)
        self.loss_l1 = build_optional(loss_l1)
        self.loss_perceptual = build_optional(loss_perceptual)
        self.loss_style = build_optional(loss_style)
        self.loss_gan = build_optional(loss_gan)
        self.check_judges()

    def set_learning(self, components: Iterable[str]) -> None:
        """See :meth:`BaseTransferer.set_learning`.

        Raises:
            ValueError: If the discriminator is to learn without the blending
                network.
        """
        components = frozenset(components)
        if 'discriminator' in components and 'blending' not in components:
            raise UserValueError(
                "The 'discriminator' learns beside the 'blending', whose "
                'pictures it judges: add it to the components of the stage.'
            )
        super().set_learning(components)

    def looks_at(self, field: str) -> bool:
        """See :meth:`BaseTransferer.looks_at`."""
        return field == 'ref_person'

    # -------------------------------------------------------------- surfaces

    def prepared(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """Inputs with the surfaces of both pictures.

        Args:
            inputs (dict[str, Tensor]): Of the preprocessor.

        Returns:
            dict[str, Tensor]: With ``ref_iuv``, ``tgt_iuv`` (N, 3, H, W)
            uint8 and ``ref_surface``, ``tgt_surface``, the same as float in
            [-1, 1].
        """
        inputs = dict(inputs)
        for side in ('ref', 'tgt'):
            if f'{side}_iuv' not in inputs:
                inputs[f'{side}_iuv'] = self._fitted(side, inputs)
            inputs[f'{side}_surface'] = surface_maps(inputs[f'{side}_iuv'])
        return inputs

    def _fitted(self, side, inputs):
        """Surface of bodies fitted to the poses of the pictures."""
        canvas = inputs.get('canvas') or Canvas.of(picture_size(inputs))
        joints, surface = f'{side}_keypoints', f'{side}_iuv'
        poses = canvas.restore({joints: inputs[joints]})[joints]
        iuv = self.surface(poses.detach().cpu().numpy(), canvas.pictures)
        iuv = torch.from_numpy(iuv).to(poses.device)
        return canvas.place({surface: iuv})[surface]

    # --------------------------------------------------------------- streams

    def warp(self, inputs: dict[str, Tensor]) -> Tensor:
        """The warping stream's picture, 0 off the body, (N, 3, H, W)."""
        colours, known = pixels_to_texture(
            inputs['ref_img'],
            inputs['ref_iuv'],
            self.texture_size,
            inputs.get('ref_person'),
        )
        with self.grad_if_learning('texture'):
            texture = self.texture(colours, known)
            return texture_to_pixels(texture, inputs['tgt_iuv'])

    def generate(self, inputs: dict[str, Tensor]) -> Tensor:
        """The predictive stream's picture, linear, (N, 3, H, W)."""
        names = ('ref_img', 'ref_surface', 'tgt_surface')
        with self.grad_if_learning('predictive'):
            return at_least_float32(
                self.predictive(torch.cat([inputs[n] for n in names], 1))
            )

    def blend(
        self, warped: Tensor, generated: Tensor, inputs: dict[str, Tensor]
    ) -> tuple[Tensor, Tensor]:
        """Fuse both streams.

        Returns:
            tuple[Tensor]: The picture, linear, (N, 3, H, W); the weight of
            the warping stream in [0, 1], 0 off the body, (N, 1, H, W).
        """
        body = _body(inputs)
        x = torch.cat([generated, warped, body, inputs['tgt_surface']], 1)
        with self.grad_if_learning('blending'):
            change, logit = at_least_float32(self.blending(x)).split([3, 1], 1)
            weight = body * logit.sigmoid()
            return torch.lerp(generated, warped, weight) + change, weight

    def transfer(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """See :meth:`BaseTransferer.transfer`; colours are cut to [-1, 1].

        Returns:
            dict[str, Tensor]: ``pred_img``; ``generated_img`` of the
            predictive stream, ``warped_img`` of the warping one, white off
            the body, and its weight, ``weight_map``.
        """
        inputs = self.prepared(inputs)
        warped, generated = self.warp(inputs), self.generate(inputs)
        predictions = dict(
            generated_img=generated.clamp(-1, 1),
            warped_img=warped + 1 - _body(inputs),
        )
        if self.is_pending('blending'):
            return dict(predictions, pred_img=predictions['generated_img'])
        img, weight = self.blend(warped, generated, inputs)
        return dict(predictions, pred_img=img.clamp(-1, 1), weight_map=weight)

    # -------------------------------------------------------------- training

    def updates(self, inputs: dict[str, Tensor]) -> Iterator[Update]:
        """The discriminator, then all that makes the picture in one step."""
        inputs = self.prepared(inputs)
        together = tuple(
            name
            for name in ('texture', 'predictive', 'blending')
            if name in self.learning
        )
        warped, img = self.warp(inputs), self.generate(inputs)
        losses = {}
        if 'texture' in self.learning:
            losses['loss_texture'] = self.loss_texture(
                warped, inputs['tgt_img'] * _body(inputs)
            )
        if 'blending' in self.learning:
            img, _ = self.blend(warped, img, inputs)
            yield from self.discriminator_updates(img, inputs)
        if self.learning & {'predictive', 'blending'}:
            losses |= self.image_losses(img, inputs)
        yield together, losses


def _body(inputs):
    """1 on the target's body, else 0, (N, 1, H, W)."""
    return (inputs['tgt_iuv'][:, :1] > 0).float()
