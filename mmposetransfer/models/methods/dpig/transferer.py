"""DPIG: disentangled person image generation."""

from collections.abc import Iterable, Iterator

import torch
import torch.nn.functional as F
from mmengine.optim import OptimWrapperDict
from torch import Tensor, nn

from mmposetransfer.errors import UserValueError
from mmposetransfer.registry import MODELS
from mmposetransfer.utils.dist import unwrap_model

from ..base import Update, build_optional
from ..gan import IMAGE, AdversarialTransferer, call_frozen
from ..single_images import of_side, single_images
from ..update_count import UpdateCount
from .pose_autoencoder import pose_vectors, vector_keypoints

__all__ = ['DPIG']

_PREPROCESSOR = dict(
    type='PoseTransferDataPreprocessor',
    pose_encoder=dict(type='DiscPoses', radius=4, low=-1),
)
#: What is sampled -> the component that knows its codes.
CODES = dict(
    appearance='generator', background='generator', pose='pose_autoencoder'
)


@MODELS.register_module()
class DPIG(AdversarialTransferer):
    """The method of Ma et al., CVPR 2018.

    Stage one learns from single pictures: the generator makes a picture again
    from codes of its regions and from its pose, with a discriminator; an
    autoencoder makes codes of poses. Stage two learns to map noise to these
    codes, each with a critic. To transfer, the pose is another one; mapped
    noise makes people and poses that nobody has seen, see :meth:`sample`.

    Args:
        generator (dict): Config of :class:`DPIGGenerator`.
        discriminator (dict, optional): Config of a discriminator of pictures.
        pose_autoencoder (dict, optional): Config of
            :class:`PoseAutoencoder`.
        appearance_mapper, background_mapper, pose_mapper (dict, optional):
            Configs of :class:`CodeMapper`, of the codes' lengths.
        appearance_critic, background_critic, pose_critic (dict, optional):
            Configs of :class:`CodeCritic`.
        critic_steps (int): A mapper learns with every so many-th update of
            its critic.
        pose_weight (float): Of the squared error of pose vectors.
        loss_l1, loss_perceptual (dict, optional): Losses between a picture
            and what is made of it.
        loss_gan (dict, optional): On the discriminator's logits.
        data_preprocessor (dict | nn.Module, optional): One that draws
            ``ref_pose`` and ``tgt_pose`` and, where the background is encoded,
            ``ref_mask`` and ``tgt_mask``. Defaults to discs of 4 pixels in
            {-1, 1}.

    Raises:
        ValueError: If a discriminator has no loss, a critic nobody to judge,
            or a mapper or critic another length than its code.
    """

    COMPONENTS = (
        'generator',
        'discriminator',
        'pose_autoencoder',
        'appearance_mapper',
        'background_mapper',
        'pose_mapper',
        'appearance_critic',
        'background_critic',
        'pose_critic',
    )
    RUNS_ON = {  # noqa: RUF012
        f'{code}_{role}': (source,)
        for code, source in CODES.items()
        for role in ('mapper', 'critic')
    }
    TRAINING_ONLY = (
        'discriminator',
        'appearance_critic',
        'background_critic',
        'pose_critic',
        'loss_perceptual',
        'loss_gan',
    )
    JUDGES = dict(discriminator=(IMAGE,))  # noqa: RUF012

    def __init__(
        self,
        generator: dict = dict(type='DPIGGenerator'),  # noqa: B006
        discriminator: dict | None = None,
        pose_autoencoder: dict | None = None,
        appearance_mapper: dict | None = None,
        background_mapper: dict | None = None,
        pose_mapper: dict | None = None,
        appearance_critic: dict | None = None,
        background_critic: dict | None = None,
        pose_critic: dict | None = None,
        critic_steps: int = 5,
        pose_weight: float = 20.0,
        loss_l1: dict | None = dict(type='L1Loss', loss_weight=20.0),  # noqa: B006
        loss_perceptual: dict | None = None,
        loss_gan: dict | None = dict(type='GANLoss'),  # noqa: B006
        data_preprocessor: dict | nn.Module | None = None,
    ) -> None:
        super().__init__(data_preprocessor or _PREPROCESSOR)
        self.generator = MODELS.build(generator)
        self.discriminator = build_optional(discriminator)
        self.pose_autoencoder = build_optional(pose_autoencoder)
        self.appearance_mapper = build_optional(appearance_mapper)
        self.background_mapper = build_optional(background_mapper)
        self.pose_mapper = build_optional(pose_mapper)
        self.appearance_critic = build_optional(appearance_critic)
        self.background_critic = build_optional(background_critic)
        self.pose_critic = build_optional(pose_critic)
        self.loss_l1 = build_optional(loss_l1)
        self.loss_perceptual = build_optional(loss_perceptual)
        self.loss_gan = build_optional(loss_gan)
        self.critic_steps, self.pose_weight = critic_steps, pose_weight
        self.critic_updates = nn.ModuleDict(
            {code: UpdateCount() for code in CODES}
        )
        self._check()

    def _check(self):
        if self.discriminator is not None and self.loss_gan is None:
            raise UserValueError("a 'discriminator' needs a 'loss_gan'")
        lengths = dict(self.generator.codes)
        if self.pose_autoencoder is not None:
            lengths['pose'] = self.pose_autoencoder.code_channels
        for code in CODES:
            for name in (f'{code}_mapper', f'{code}_critic'):
                got = getattr(getattr(self, name), 'channels', None)
                if name in self.components and got != lengths.get(code):
                    raise UserValueError(
                        f"the channels of '{name}' must be the length of the "
                        f'code of the {code}, {lengths.get(code)}, got {got}'
                    )
            if getattr(self, f'{code}_critic') and not getattr(
                self, f'{code}_mapper'
            ):
                raise UserValueError(
                    f"a '{code}_critic' needs a '{code}_mapper' to judge"
                )

    def set_learning(self, components: Iterable[str]) -> None:
        """See :meth:`BaseTransferer.set_learning`.

        Raises:
            ValueError: If one of a pair that learns from each other is to
                learn without the other.
        """
        pairs = [('generator', 'discriminator')] + [
            (f'{code}_critic', f'{code}_mapper') for code in CODES
        ]
        for first, second in pairs:
            if second in components and first not in components:
                raise UserValueError(
                    f"'{second}' learns beside '{first}': add that to the "
                    'components of the stage'
                )
        super().set_learning(components)

    # ------------------------------------------------------------ prediction

    def transfer(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """See :meth:`BaseTransferer.transfer`; colours are cut to [-1, 1]."""
        reference = of_side(inputs, 'ref')
        reference['pose'] = inputs['tgt_pose']
        with self.grad_if_learning('generator'):
            img = self.reconstruct(reference)
        return dict(pred_img=img.clamp(-1, 1))

    def reconstruct(self, picture: dict[str, Tensor]) -> Tensor:
        """The picture of what one looks like in a pose, linear.

        Args:
            picture (dict[str, Tensor]): ``img``, ``keypoints`` and, where the
                background is encoded, ``mask`` say what it looks like;
                ``pose`` is the map of the pose.
        """
        return self.generator(
            picture['img'],
            picture['keypoints'],
            picture['pose'],
            picture.get('mask'),
        )

    @torch.no_grad()
    def encode(self, picture: dict[str, Tensor]) -> dict[str, Tensor]:
        """Codes of pictures, to be kept by :meth:`sample`; nobody learns.

        Args:
            picture (dict[str, Tensor]): ``img``, ``keypoints`` and, where the
                background is encoded, ``mask``; what ``of_side`` of
                ``methods.single_images`` gives.

        Returns:
            dict[str, Tensor]: ``appearance`` and, where it is encoded,
            ``background``, (N, C) each.
        """
        return unwrap_model(self.generator).encode(
            picture['img'], picture['keypoints'], picture.get('mask')
        )

    # -------------------------------------------------------------- sampling

    @torch.no_grad()
    def sample(
        self,
        count: int,
        size: tuple[int, int],
        codes: dict[str, Tensor] | None = None,
        keypoints: Tensor | None = None,
    ) -> dict[str, Tensor]:
        """Make pictures of new people, new backgrounds, new poses.

        What is not given is mapped from noise of torch's generator.

        Args:
            count (int): N.
            size (tuple[int, int]): (height, width) of the pictures.
            codes (dict[str, Tensor], optional): What is to be kept, of
                :meth:`encode` or of an earlier call: ``appearance``,
                ``background``, ``pose``, each (N, C) or (1, C).
            keypoints (Tensor, optional): The poses to be kept, x, y in pixels
                and score, (N, 18, 3) or (1, 18, 3).

        Returns:
            dict[str, Tensor]: ``pred_img``, RGB in [-1, 1], (N, 3, H, W), and
            ``tgt_keypoints``, (N, 18, 3).

        Raises:
            ValueError: If a mapper is missing or still to be trained.
        """
        codes = dict(codes or {})
        if keypoints is None:
            vectors = self._trained('pose_autoencoder').decode(
                self._sampled('pose', count, codes)
            )
            keypoints = vector_keypoints(vectors, size)
        generator = self._trained('generator')
        known = {
            name: self._sampled(name, count, codes) for name in generator.codes
        }
        keypoints = keypoints.expand(count, -1, -1)
        draw = self.data_preprocessor.pose_encoders['tgt_pose']
        img = generator.decode(known, draw(keypoints, size))
        return dict(pred_img=img.clamp(-1, 1), tgt_keypoints=keypoints)

    def sample_codes(self, name: str, count: int) -> Tensor:
        """Map noise to codes.

        Args:
            name (str): 'appearance', 'background' or 'pose'.
            count (int): N.

        Returns:
            Tensor: (N, C).

        Raises:
            ValueError: If the mapper is missing or still to be trained.
        """
        mapper = self._trained(f'{name}_mapper')
        return mapper(mapper.noise(count))

    def _sampled(self, name, count, codes):
        if name in codes:
            return codes[name].expand(count, -1)
        return self.sample_codes(name, count)

    def _trained(self, name):
        if name not in self.components:
            raise UserValueError(
                f"sampling needs the component '{name}', which the config "
                'does not have'
            )
        if self.is_pending(name):
            raise UserValueError(
                f"sampling needs '{name}', which is still to be trained: take "
                'a checkpoint of its stage or of a later one'
            )
        return unwrap_model(getattr(self, name))

    # -------------------------------------------------------------- training

    def updates(self, inputs: dict[str, Tensor]) -> Iterator[Update]:
        """What learns of: pictures, poses, codes of pictures and of poses."""
        picture = single_images(inputs)
        if 'generator' in self.learning:
            yield from self._picture_updates(picture)
        vectors = pose_vectors(
            picture['keypoints'], tuple(picture['img'].shape[-2:])
        )
        if 'pose_autoencoder' in self.learning:
            error = F.mse_loss(self.pose_autoencoder(vectors), vectors)
            yield 'pose_autoencoder', dict(loss_pose=self.pose_weight * error)
        if self.learning & {'appearance_critic', 'background_critic'}:
            for name, codes in self.encode(picture).items():
                yield from self._code_updates(name, codes)
        if 'pose_critic' in self.learning:
            with torch.no_grad():
                codes = unwrap_model(self.pose_autoencoder).encode(vectors)
            yield from self._code_updates('pose', codes)

    def _picture_updates(self, picture: dict[str, Tensor]) -> Iterator[Update]:
        img = self.reconstruct(picture)
        real = dict(tgt_img=picture['img'])
        yield from self.discriminator_updates(img, real)
        losses = self.losses_between(
            img, picture['img'], ('loss_l1', 'loss_perceptual')
        )
        yield 'generator', losses | self.adversarial_losses(img, real)

    def _code_updates(self, name: str, real: Tensor) -> Iterator[Update]:
        """The critic of a code and, where it is due, the mapper."""
        critic_name, mapper_name = f'{name}_critic', f'{name}_mapper'
        if critic_name not in self.learning:
            return
        mapper, critic = (
            getattr(self, key) for key in (mapper_name, critic_name)
        )
        noise = unwrap_model(mapper).noise(2 * len(real))
        # Before the critic's step: all batches of an update agree.
        due = not self.critic_updates[name].done % self.critic_steps
        with torch.no_grad():
            fake = unwrap_model(mapper)(noise[: len(real)])
        scores = critic(torch.cat([real, fake]))
        on_real, on_fake = scores.chunk(2)
        yield critic_name, {f'loss_{critic_name}': (on_fake - on_real).mean()}
        if due and mapper_name in self.learning:
            made = mapper(noise[len(real) :])
            loss = -call_frozen(critic, made).mean()
            yield mapper_name, {f'loss_{mapper_name}': loss}

    def step(
        self,
        components: str | tuple[str, ...],
        losses: dict[str, Tensor],
        optim_wrapper: OptimWrapperDict,
    ) -> dict[str, Tensor]:
        """See :meth:`BaseTransferer.step`; critics are clipped, counted."""
        log = super().step(components, losses, optim_wrapper)
        name = str(components).removesuffix('_critic')
        if name in CODES:
            wrapper = optim_wrapper[components]
            self.critic_updates[name].follow(wrapper)
            if wrapper.should_update():
                unwrap_model(getattr(self, components)).clip()
        return log
