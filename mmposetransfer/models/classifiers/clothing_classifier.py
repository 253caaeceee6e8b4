"""A classifier of clothes: a trunk, a head, and a temperature."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from mmengine.model import BaseModel
from mmengine.structures import BaseDataElement
from torch import Tensor, nn

from mmposetransfer.errors import UserValueError
from mmposetransfer.registry import MODELS

__all__ = ['ClothingClassifier']


@MODELS.register_module()
class ClothingClassifier(BaseModel):
    """Logits of clothing types, or of attributes, of a picture.

    Called with RGB in [-1, 1], (N, 3, H, W), it gives logits (N, C), which is
    what metrics ask of a classifier. Logits are divided by ``temperature``,
    1 until somebody calibrates it (Guo et al., "On Calibration of Modern
    Neural Networks", 2017).

    Args:
        trunk (dict): Config of what makes a vector of a picture; has
            ``out_channels``.
        num_labels (int): C.
        loss_labels (dict, optional): Config of a loss of (logits, labels);
            only training needs it.
        hidden (int): Width of a hidden layer; 0 for none.
        dropout (float): Share of the vector, and of the hidden layer, that
            training leaves out.
        normalize (bool): Whether the vector is brought to mean 0 and
            deviation 1 by statistics of the training.
        pretrained (str | Path, optional): Path or URL of the trunk's
            published ImageNet weights, which training starts from; None
            starts from random ones. Not read where the model is only used.
        data_preprocessor (dict, optional): Config; defaults to
            ``ClothingPreprocessor``.
        init_cfg (dict, optional): As of MMEngine's modules.

    Raises:
        ValueError: If ``pretrained`` is named for a trunk that brings its
            weights itself.
    """

    #: Arguments that are left out where the model is only used.
    TRAINING_ONLY = ('loss_labels', 'pretrained')

    def __init__(
        self,
        trunk: dict[str, Any],
        num_labels: int,
        loss_labels: dict[str, Any] | None = None,
        hidden: int = 0,
        dropout: float = 0.0,
        normalize: bool = False,
        pretrained: str | Path | None = None,
        data_preprocessor: dict[str, Any] | None = None,
        init_cfg: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(
            data_preprocessor or dict(type='ClothingPreprocessor'), init_cfg
        )
        self.trunk = MODELS.build(trunk)
        if pretrained is not None:
            if not hasattr(self.trunk, 'load_pretrained'):
                raise UserValueError(
                    f'{type(self.trunk).__name__} names its weights itself: '
                    "leave 'pretrained' out"
                )
            self.trunk.load_pretrained(pretrained)
        self.loss_labels: nn.Module | None = (
            MODELS.build(loss_labels) if loss_labels else None
        )
        channels = self.trunk.out_channels
        layers: list[nn.Module] = []
        if normalize:
            layers.append(nn.BatchNorm1d(channels, affine=False))
        layers.append(nn.Dropout(dropout))
        if hidden:
            layers += [nn.Linear(channels, hidden), nn.ReLU()]
            layers.append(nn.Dropout(dropout))
        layers.append(nn.Linear(hidden or channels, num_labels))
        self.head = nn.Sequential(*layers)
        self.num_labels = num_labels
        self.register_buffer('temperature', torch.ones(()))

    def forward(
        self,
        inputs: Tensor,
        data_samples: Sequence[BaseDataElement] | None = None,
        mode: str = 'tensor',
    ) -> Any:
        """Look at pictures.

        Args:
            inputs: RGB in [-1, 1], (N, 3, H, W), or what the trunk makes of
                it, (N, D).
            data_samples: With ``labels`` for a loss; predictions are put
                into them.
            mode: 'tensor', 'loss' or 'predict'.

        Returns:
            Logits (N, C); ``loss`` by name; or the samples, with ``logits``.

        Raises:
            ValueError: For another mode, or a loss without ``loss_labels``.
        """
        if mode not in ('tensor', 'loss', 'predict'):
            raise UserValueError(
                f"expected mode 'tensor', 'loss' or 'predict', got {mode!r}"
            )
        vectors = inputs if inputs.ndim == 2 else self.trunk(inputs)
        logits = self.head(vectors) / self.temperature
        if mode == 'tensor':
            return logits
        data_samples = data_samples or ()
        if mode == 'predict':
            for sample, row in zip(data_samples, logits, strict=True):
                sample.logits = row
            return data_samples
        if self.loss_labels is None:
            raise UserValueError(
                'this classifier was built without loss_labels: it cannot '
                'be trained'
            )
        labels = torch.stack([sample.labels for sample in data_samples])
        return dict(loss=self.loss_labels(logits, labels.to(logits.device)))
