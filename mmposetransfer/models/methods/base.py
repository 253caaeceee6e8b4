"""What all transferers share: parts that learn or not, and predictions."""

from abc import abstractmethod

import torch
from mmengine.model import BaseModel
from torch.nn.modules.batchnorm import _BatchNorm

from mmposetransfer.registry import MODELS
from mmposetransfer.structures import PoseTransferDataSample

from ..padding import crop_batch, crop_inputs

__all__ = ['BaseTransferer']

# Input -> field of the data sample in which metrics and pictures find it.
_KNOWN_FIELDS = dict(
    ref_img='ref_img',
    ref_keypoints='ref_keypoints',
    tgt_keypoints='tgt_keypoints',
    tgt_img='gt_img',
    flow='gt_flow',
    visibility='gt_visibility',
    ref_parts='ref_parts',
    tgt_parts='gt_parts',
)


class BaseTransferer(BaseModel):
    """Base class of whole methods.

    A method consists of *parts*, named submodules that a training stage
    makes learn or leaves frozen (see :class:`StagedTrainingHook`). A frozen
    part runs in eval mode and without gradients. Its ``requires_grad`` stays
    untouched, so that a part wrapped for distributed training goes on
    synchronising when a later stage makes it learn.

    Args:
        data_preprocessor (dict | nn.Module, optional): Defaults to
            :class:`PoseTransferDataPreprocessor`.

    Attributes:
        parts (tuple[str]): Names of the parts the model has.
        learning (frozenset[str]): Names of the parts that learn; none until
            :meth:`set_learning` is called.
        freeze_norm (bool): Whether BatchNorm keeps to its running statistics
            while training, too, in all parts that are used afterwards.
    """

    # Names of the parts, what each of them runs on, frozen or not, and those
    # that only training needs, such as a discriminator.
    PARTS = ()
    NEEDS = {}
    TRAINING_ONLY = ()

    def __init__(self, data_preprocessor=None):
        # Built here, so that the type is found without a default scope.
        if data_preprocessor is None or isinstance(data_preprocessor, dict):
            data_preprocessor = MODELS.build(
                data_preprocessor or dict(type='PoseTransferDataPreprocessor')
            )
        super().__init__(data_preprocessor=data_preprocessor)
        self.learning = frozenset()
        self.freeze_norm = False
        # Part of the state, so that a checkpoint of an early stage is used
        # without the parts that were still to be trained.
        self.register_buffer(
            'pending_parts', torch.zeros(len(self.PARTS), dtype=torch.long)
        )

    @property
    def parts(self):
        """Names of the parts that this model has."""
        return tuple(
            name
            for name in self.PARTS
            if getattr(self, name, None) is not None
        )

    def set_learning(self, parts):
        """Say which parts learn from now on.

        Args:
            parts (Iterable[str]): Names out of :attr:`parts`.

        Raises:
            ValueError: For a part that the model does not have.
        """
        unknown = sorted(set(parts) - set(self.parts))
        if unknown:
            raise ValueError(
                f'{type(self).__name__} has no part {unknown} '
                f'to train; its parts are {self.parts}.'
            )
        self.learning = frozenset(parts)
        self.train(self.training)

    def needed_by(self, parts):
        """Parts of the model without which ``parts`` cannot be trained."""
        needed = set().union(*(self.NEEDS.get(part, ()) for part in parts))
        return needed & set(self.parts)

    def set_pending(self, parts):
        """Say which parts are still to be trained; they are not used."""
        self.pending_parts.copy_(
            torch.tensor([name in parts for name in self.PARTS])
        )

    def is_pending(self, part):
        """Whether a part is there but still to be trained."""
        return bool(self.pending_parts[self.PARTS.index(part)])

    def _load_from_state_dict(self, state_dict, prefix, *args):
        # Weights from elsewhere do not say: all of them are trained.
        state_dict.setdefault(
            f'{prefix}pending_parts', torch.zeros_like(self.pending_parts)
        )
        super()._load_from_state_dict(state_dict, prefix, *args)

    def train(self, mode=True):
        """Set the mode; parts that do not learn stay in eval mode.

        So does BatchNorm while ``freeze_norm`` is set, in the parts of
        :meth:`uses_running_stats`.
        """
        super().train(mode)
        if self.freeze_norm:
            for name in filter(self.uses_running_stats, self.parts):
                for module in getattr(self, name).modules():
                    if isinstance(module, _BatchNorm):
                        module.eval()
        for name in set(self.parts) - self.learning:
            getattr(self, name).train(False)
        return self

    def uses_running_stats(self, part):
        """Whether BatchNorm of a part ever normalises by running statistics.

        Not in parts that only training needs: a critic that normalised by
        the statistics it began with would learn nothing.
        """
        return part not in self.TRAINING_ONLY

    def grad_if_learning(self, part):
        """Context that records gradients only where ``part`` learns."""
        return torch.set_grad_enabled(
            torch.is_grad_enabled() and part in self.learning
        )

    def update(self, part, losses, optim_wrapper):
        """One optimizer step of a part on the sum of its losses.

        Args:
            part (str): Name of the part and of its optimizer.
            losses (dict[str, Tensor]): Scalars.
            optim_wrapper (OptimWrapperDict): Optimizers by part.

        Returns:
            dict[str, Tensor]: The losses, detached, for the log.
        """
        optim_wrapper[part].update_params(sum(losses.values()))
        return {name: loss.detach() for name, loss in losses.items()}

    def forward(self, inputs, data_samples=None, mode='tensor'):
        """Run the method on preprocessed inputs.

        Args:
            inputs (dict): What :class:`PoseTransferDataPreprocessor` makes.
            data_samples (list[PoseTransferDataSample], optional): Filled in
                by ``mode='predict'``.
            mode (str): ``tensor``: the result image (N, 3, H, W);
                ``loss``: losses of all parts that learn, by name;
                ``predict``: list of :class:`PoseTransferDataSample`.

        Raises:
            ValueError: For another mode.
        """
        if mode == 'tensor':
            img = self.transfer(inputs)['pred_img']
            return crop_batch(img, inputs['box']) if 'box' in inputs else img
        if mode == 'loss':
            return self.loss(inputs)
        if mode == 'predict':
            return self.predict(inputs, data_samples)
        raise ValueError(
            f"mode must be 'tensor', 'loss' or 'predict', got {mode!r}."
        )

    @abstractmethod
    def transfer(self, inputs):
        """Make the image and what led to it.

        Args:
            inputs (dict): ``ref_img``, ``ref_pose``, ``tgt_pose``.

        Returns:
            dict[str, Tensor]: ``pred_img`` and whatever else of a
            :class:`PoseTransferDataSample` the method predicts, batched.
        """

    @abstractmethod
    def loss(self, inputs):
        """Losses of all parts that learn, by name."""

    def predict(self, inputs, data_samples=None):
        """Fill one data sample per pair with truth and prediction."""
        predictions = self.transfer(inputs)
        if 'box' in inputs:
            predictions = {
                key: crop_batch(value, inputs['box'])
                for key, value in predictions.items()
            }
            inputs = crop_inputs(inputs, inputs['box'])
        count = len(inputs['ref_img'])
        if data_samples is None:
            data_samples = [PoseTransferDataSample() for _ in range(count)]
        for i, sample in enumerate(data_samples):
            for key, field in _KNOWN_FIELDS.items():
                if key in inputs:
                    setattr(sample, field, inputs[key][i])
            for field, values in predictions.items():
                setattr(sample, field, values[i])
        return data_samples
