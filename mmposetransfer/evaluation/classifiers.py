"""The classifiers of clothes that metrics look at pictures with."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from mmposetransfer.errors import UserValueError
from mmposetransfer.io.checkpoint import read_checkpoint
from mmposetransfer.io.text_files import read_json
from mmposetransfer.models.classifiers import ClothingClassifier
from mmposetransfer.registry import MODELS

__all__ = ['ClassifierLogits', 'load_classifier', 'shipped_classifier']


def load_classifier(
    classifier: str | Path | dict[str, Any] | nn.Module,
    weights: str | Path | None = None,
    sha256: str | None = None,
) -> nn.Module:
    """A classifier that a metric's config names, trained.

    Args:
        classifier: Path or name of its config, the config of the model (a
            type in ``MODELS``), or the model itself.
        weights: Path or URL of its checkpoint. A model of the user's own
            that loads its weights itself needs none.
        sha256: What the checkpoint's digest begins with; None takes any.

    Returns:
        nn.Module: In eval mode; RGB (N, 3, H, W) in [-1, 1] to logits.

    Raises:
        ValueError: If no checkpoint is named for a classifier of this
            library, or it is of another model or digest.
        FileNotFoundError: If a file is not there.
    """
    # These build on the library's other parts, some of them on this one.
    from mmposetransfer.apis.model import init_model, load_weights

    if weights is not None:
        read_checkpoint(weights, sha256)
    if isinstance(classifier, (str, Path)):
        if weights is None:
            raise _no_weights(classifier)
        return init_model(classifier, weights).eval()
    if isinstance(classifier, nn.Module):
        model = classifier
    else:
        model = MODELS.build(classifier)
        if weights is None and isinstance(model, ClothingClassifier):
            raise _no_weights('the classifier')
    if weights is not None:
        load_weights(model, weights)
    return model.eval()


def _no_weights(what: str | Path) -> UserValueError:
    return UserValueError(
        f"'{what}' needs the weights of your training: name the checkpoint, "
        'or its URL, as `weights`. None of DeepFashion are published; '
        'configs/classifiers/README.md says how they are trained. For '
        'SynthFashion there are the metrics SynthFashionIS and '
        'SynthAttributeRecall, whose classifiers come with the library.'
    )


def shipped_classifier(name: str) -> nn.Module:
    """A classifier that comes with the package.

    Args:
        name: Such as 'type_lite0_synthfashion'.

    Returns:
        nn.Module: In eval mode; RGB (N, 3, H, W) in [-1, 1] to logits.

    Raises:
        FileNotFoundError, ValueError: If its files are damaged or missing.
        ImportError: If the package of EfficientNet-Lite0 is missing.
    """
    from mmposetransfer.apis.model import init_model
    from mmposetransfer.apis.shipped_weights import FOLDER, find_shipped

    files = find_shipped(name, FOLDER / 'classifiers', 'json')
    return init_model(read_json(files.config), files.weights).eval()


class ClassifierLogits(nn.Module):
    """A classifier as metrics of sets call a network.

    Args:
        classifier: Has ``num_labels``.
    """

    #: Nothing compares its statistics, so no file has them.
    label = 'classifier'

    def __init__(self, classifier: nn.Module) -> None:
        super().__init__()
        if not isinstance(getattr(classifier, 'num_labels', None), int):
            raise UserValueError(
                f'expected the classifier {type(classifier).__name__} to '
                "tell how many classes it knows, as 'num_labels'"
            )
        self.classifier = classifier
        self.num_labels = classifier.num_labels

    @torch.no_grad()
    def forward(self, images: Tensor) -> dict[str, Tensor]:
        """Args: RGB in [0, 1], (N, 3, H, W). Returns ``logits``, (N, C)."""
        return dict(logits=self.classifier(images.float() * 2 - 1))
