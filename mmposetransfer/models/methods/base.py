"""What all methods share: components that learn or not, and predictions."""

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import ExitStack

import torch
from mmengine.model import BaseModel
from mmengine.optim import OptimWrapperDict
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from mmposetransfer.errors import UserValueError
from mmposetransfer.registry import MODELS
from mmposetransfer.structures import PoseTransferDataSample, fields_in
from mmposetransfer.utils.dist import unwrap_model

from .joint_step import step_jointly

__all__ = ['BaseTransferer', 'build_optional']

#: One optimizer step: the component, or components, that make it, and losses.
Update = tuple[str | tuple[str, ...], dict[str, Tensor]]


def build_optional(config: dict | None) -> nn.Module | None:
    """A module of its config, or None of None."""
    return None if config is None else MODELS.build(config)


class BaseTransferer(BaseModel):
    """Base class of whole methods.

    A method consists of *components*, named submodules that a training stage
    makes learn or leaves frozen (see :class:`StagedTrainingHook`). A frozen
    component runs in eval mode and without gradients, and so do networks that
    never learn, such as that of a perceptual loss. ``requires_grad`` stays
    untouched, so that a component wrapped for distributed training goes on
    synchronising when a later stage makes it learn.

    A method defines :meth:`transfer`, which makes predictions, and
    :meth:`updates`, which composes its losses, for training and for
    ``mode='loss'`` alike.

    Args:
        data_preprocessor (dict | nn.Module, optional): Defaults to
            :class:`PoseTransferDataPreprocessor`.

    Attributes:
        components (tuple[str]): Names of those the model has.
        learning (frozenset[str]): Names of those that learn; none until
            :meth:`set_learning` is called.
        freeze_norm (bool): Whether BatchNorm keeps to its running statistics
            while training, too, in all components that are used afterwards.
    """

    # Names of the components, and what each of them runs on, frozen or not.
    COMPONENTS: tuple[str, ...] = ()
    RUNS_ON: dict[str, tuple[str, ...]] = {}  # noqa: RUF012
    # Arguments that only training has a use for: components such as a
    # discriminator, and losses with networks of their own. Inference builds
    # the model with None for each.
    TRAINING_ONLY: tuple[str, ...] = ()
    # Inputs that all pairs have and no picture needs.
    DOES_WITHOUT: tuple[str, ...] = ()

    def __init__(self, data_preprocessor: dict | nn.Module | None = None):
        # Built here, so that the type is found without a default scope.
        if data_preprocessor is None or isinstance(data_preprocessor, dict):
            data_preprocessor = MODELS.build(
                data_preprocessor or dict(type='PoseTransferDataPreprocessor')
            )
        super().__init__(data_preprocessor=data_preprocessor)
        self.learning: frozenset[str] = frozenset()
        self.freeze_norm = False
        # Part of the state, so that a checkpoint of an early stage is used
        # without the components that were still to be trained.
        self.register_buffer(
            'pending_components',
            torch.zeros(len(self.COMPONENTS), dtype=torch.long),
        )

    # ------------------------------------------------------------ components

    @property
    def components(self) -> tuple[str, ...]:
        """Names of the components that this model has."""
        return tuple(
            name
            for name in self.COMPONENTS
            if getattr(self, name, None) is not None
        )

    def set_learning(self, components: Iterable[str]) -> None:
        """Say which components learn from now on.

        Args:
            components (Iterable[str]): Names out of :attr:`components`.

        Raises:
            ValueError: For a component that the model does not have, or that
                learns nothing.
        """
        unknown = sorted(set(components) - set(self.components))
        if unknown:
            raise UserValueError(
                f'{type(self).__name__} has no component {unknown} to train; '
                f'its components are {self.components}.'
            )
        for name in components:
            if not self._can_learn(name):
                kind = type(unwrap_model(getattr(self, name))).__name__
                raise UserValueError(
                    f"'{name}' is a {kind}, which learns nothing: take "
                    f"'{name}' out of the stages, or let it be of a kind "
                    'that learns.'
                )
        self.learning = frozenset(components)
        self.train(self.training)

    def needed_by(self, components: Iterable[str]) -> set[str]:
        """What has to be trained before ``components`` learn."""
        needed = set().union(*(self.RUNS_ON.get(c, ()) for c in components))
        return {
            name
            for name in needed & set(self.components)
            if any(True for _ in getattr(self, name).parameters())
        }

    def _can_learn(self, component: str) -> bool:
        return getattr(unwrap_model(getattr(self, component)), 'learns', True)

    def set_pending(self, components: Iterable[str]) -> None:
        """Say which components are still to be trained; they are not used."""
        pending = [name in components for name in self.COMPONENTS]
        self.pending_components.copy_(torch.tensor(pending))

    def is_pending(self, component: str) -> bool:
        """Whether a component is there but still to be trained."""
        index = self.COMPONENTS.index(component)
        return bool(self.pending_components[index])

    def _load_from_state_dict(self, state_dict, prefix, *args):
        # Weights from elsewhere do not say: all of them are trained.
        state_dict.setdefault(
            f'{prefix}pending_components',
            torch.zeros_like(self.pending_components),
        )
        super()._load_from_state_dict(state_dict, prefix, *args)

    def train(self, mode: bool = True) -> 'BaseTransferer':
        """Set the mode; all that does not learn stays in eval mode.

        So does BatchNorm while ``freeze_norm`` is set, in the components of
        :meth:`uses_running_stats`.
        """
        super().train(mode)
        if self.freeze_norm:
            for name in filter(self.uses_running_stats, self.components):
                for module in getattr(self, name).modules():
                    if isinstance(module, _BatchNorm):
                        module.eval()
        for name, module in self.named_children():
            if name not in self.learning:
                module.train(False)
        return self

    def uses_running_stats(self, component: str) -> bool:
        """Whether its BatchNorm ever normalises by running statistics.

        Not in components that only training needs: a critic that normalised
        by the statistics it began with would learn nothing.
        """
        return component not in self.TRAINING_ONLY

    def looks_at(self, field: str) -> bool:
        """Whether predictions are better with an input that may be absent.

        Who prepares inputs, such as the inferencer, need not look for those
        that nothing is done with.
        """
        return False

    def needs(self, field: str) -> bool:
        """Whether no picture is made without an input that pairs have.

        Methods that see the reference's picture alone do without
        ``ref_keypoints``: the inferencer then takes references whose pose
        nobody knows.
        """
        return field not in self.DOES_WITHOUT

    def copies_pixels(self) -> bool:
        """Whether its weight map is of pixels of the picture.

        Not where it is of features, or of what a network makes the picture
        of: then no detail of the reference's photograph belongs to it.
        """
        return True

    def grad_if_learning(self, component: str) -> torch.set_grad_enabled:
        """Context that records gradients only where ``component`` learns."""
        return torch.set_grad_enabled(
            torch.is_grad_enabled() and component in self.learning
        )

    # -------------------------------------------------------------- training

    @abstractmethod
    def updates(self, inputs: dict[str, Tensor]) -> Iterator[Update]:
        """The optimizer steps that one batch makes, in their order.

        What stands between two ``yield`` runs after the former step: a
        discriminator's step comes before the loss that it judges by.

        Args:
            inputs (dict[str, Tensor]): What
                :class:`PoseTransferDataPreprocessor` makes.

        Yields:
            tuple: The name of the component that makes the step, or a tuple
            of names for a joint one, and its losses: scalars by name. Only
            of components that learn.
        """

    def train_step(
        self, data: dict, optim_wrapper: OptimWrapperDict
    ) -> dict[str, Tensor]:
        """Make the steps of :meth:`updates` with one batch.

        Args:
            data (dict): A batch of the loader.
            optim_wrapper (OptimWrapperDict): Optimizers by component.

        Returns:
            dict[str, Tensor]: Losses for the log.

        Raises:
            RuntimeError: If no component learns.
        """
        self._require_learning()
        inputs = self.data_preprocessor(data, training=True)['inputs']
        updates, log = self.updates(inputs), {}
        while True:
            with self._forward_contexts(optim_wrapper):
                update = next(updates, None)
            if update is None:
                return log
            log |= self.step(*update, optim_wrapper)

    def _forward_contexts(self, optim_wrapper):
        """Autocast, and no synchronising of gradients that accumulate."""
        stack = ExitStack()
        for name in self.components:
            if name in self.learning:
                stack.enter_context(
                    optim_wrapper[name].optim_context(getattr(self, name))
                )
        return stack

    def step(
        self,
        components: str | tuple[str, ...],
        losses: dict[str, Tensor],
        optim_wrapper: OptimWrapperDict,
    ) -> dict[str, Tensor]:
        """One optimizer step on the sum of losses.

        Args:
            components (str | tuple[str]): Of one component, or of several at
                once; each has an optimizer of its name.
            losses (dict[str, Tensor]): Scalars.
            optim_wrapper (OptimWrapperDict): Optimizers by component.

        Returns:
            dict[str, Tensor]: The losses, detached, for the log.
        """
        names = (components,) if isinstance(components, str) else components
        step_jointly([optim_wrapper[n] for n in names], sum(losses.values()))
        return {name: loss.detach() for name, loss in losses.items()}

    def loss(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """Losses of all components that learn, by name; no step is made."""
        self._require_learning()
        losses = {}
        for _, some in self.updates(inputs):
            losses |= some
        return losses

    def losses_between(
        self, img: Tensor, target: Tensor, names: Iterable[str]
    ) -> dict[str, Tensor]:
        """Those of some losses between pictures that the config has.

        Args:
            img (Tensor): What was made, (N, 3, H, W).
            target (Tensor): What it is to be, (N, 3, H, W).
            names (Iterable[str]): Of losses: ``(img, target)`` to a scalar.
                Those that are None or not there are left out.
        """
        return {
            name: loss(img, target)
            for name in names
            if (loss := getattr(self, name, None)) is not None
        }

    def _require_learning(self):
        if not self.learning:
            raise RuntimeError(
                f'No component of {self.components} learns: add a '
                "StagedTrainingHook to the config's custom_hooks, or call "
                'set_learning().'
            )

    # ------------------------------------------------------------ prediction

    def forward(
        self,
        inputs: dict[str, Tensor],
        data_samples: list[PoseTransferDataSample] | None = None,
        mode: str = 'tensor',
    ) -> Tensor | dict[str, Tensor] | list[PoseTransferDataSample]:
        """Run the method on preprocessed inputs.

        Args:
            inputs (dict): What :class:`PoseTransferDataPreprocessor` makes.
            data_samples (list[PoseTransferDataSample], optional): Filled in
                by ``mode='predict'``.
            mode (str): ``tensor``: the result image (N, 3, H, W);
                ``loss``: losses of all components that learn, by name;
                ``predict``: list of :class:`PoseTransferDataSample`.

        Raises:
            ValueError: For another mode.
        """
        if mode == 'tensor':
            return self._predictions(inputs)['pred_img']
        if mode == 'loss':
            return self.loss(inputs)
        if mode == 'predict':
            return self.predict(inputs, data_samples)
        raise ValueError(
            f"mode must be 'tensor', 'loss' or 'predict', got {mode!r}."
        )

    @abstractmethod
    def transfer(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """Make the image and what led to it.

        Args:
            inputs (dict): ``ref_img``, ``ref_pose``, ``tgt_pose``.

        Returns:
            dict[str, Tensor]: ``pred_img`` and whatever else of the table of
            fields the method predicts, batched.
        """

    def _predictions(self, inputs):
        """What the method predicts, at the size of the pictures."""
        predictions = self.transfer(inputs)
        if 'canvas' not in inputs:
            return predictions
        return inputs['canvas'].restore_predictions(predictions)

    def predict(
        self,
        inputs: dict[str, Tensor],
        data_samples: list[PoseTransferDataSample] | None = None,
    ) -> list[PoseTransferDataSample]:
        """Fill one data sample per pair with truth and prediction."""
        predictions = self._predictions(inputs)
        # As they came: stretched and back, the truth would be blurred.
        given = inputs.get('given', inputs)
        if data_samples is None:
            count = len(given['ref_img'])
            data_samples = [PoseTransferDataSample() for _ in range(count)]
        for i, sample in enumerate(data_samples):
            for field in fields_in(given):
                setattr(sample, field.sample_name, given[field.name][i])
            for name, values in predictions.items():
                setattr(sample, name, values[i])
        return data_samples
