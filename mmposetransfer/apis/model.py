"""A model ready for use, from a config and a checkpoint."""

import copy
import logging
import os

import torch
from mmengine.config import Config
from mmengine.logging import print_log
from mmengine.registry import DefaultScope
from mmengine.runner.checkpoint import load_state_dict

from mmposetransfer.config.file import (
    change_config,
    import_custom_modules,
    read_config,
)
from mmposetransfer.engine.checkpoint_files import find_last_good_checkpoint
from mmposetransfer.errors import (
    UserFileNotFoundError,
    UserTypeError,
    UserValueError,
)
from mmposetransfer.io.checkpoint import read_checkpoint, state_dict_in
from mmposetransfer.io.checkpoint_model import compare_models
from mmposetransfer.models.official_weights.recognise import tell_network
from mmposetransfer.registry import MODELS, SCOPE
from mmposetransfer.utils.dist import plain_names
from mmposetransfer.utils.spelling import spell

from .model_zoo import find_config
from .shipped_weights import with_shipped_weights

__all__ = [
    'check_device',
    'init_model',
    'load_config',
    'load_weights',
    'resolve_checkpoint',
    'without_training_only',
]

# Weights from elsewhere do not have it; see BaseTransferer.
OPTIONAL_KEYS = ('pending_components',)


def load_config(config, cfg_options=None):
    """A config as an object of its own.

    Args:
        config (str | Path | Config | dict): A path, a name out of
            `list_models`, or the config itself, which is copied.
        cfg_options (dict, optional): Changes, with dotted keys.

    Returns:
        Config: With a ``model``.
    """
    if isinstance(config, (str, os.PathLike)):
        cfg = read_config(find_config(config))
    elif isinstance(config, Config):
        cfg = copy.deepcopy(config)
    elif isinstance(config, dict):
        cfg = Config(copy.deepcopy(config))
    else:
        raise UserTypeError(
            'config must be a path, the name of a model, a Config or a dict, '
            f'got {type(config).__name__}'
        )
    change_config(cfg, cfg_options)
    import_custom_modules(cfg)  # MMEngine does it for files only
    if 'model' not in cfg:
        raise UserValueError(
            f"the config {cfg.filename or ''} has no 'model'; its keys are "
            f'{sorted(cfg)}'
        )
    return cfg


def check_device(device):
    """Refuse a device that is not there, before anything is loaded to it.

    Args:
        device (str | torch.device): Such as 'cpu' or 'cuda:0'.

    Returns:
        torch.device: The same.
    """
    try:
        device = torch.device(device)
    except (RuntimeError, TypeError):
        raise UserValueError(
            f"{spell('device')} must be such as 'cpu' or 'cuda:0', got "
            f'{device!r}'
        ) from None
    if device.type == 'cuda':
        count = torch.cuda.device_count()
        if not 0 <= (device.index or 0) < count:
            raise UserValueError(
                f"the device '{device}' was asked for, but torch sees "
                f'{count or "no"} CUDA devices here; use '
                f'{spell("device", "cpu")}, or a torch built for CUDA on a '
                'machine that has one'
            )
    elif device.type != 'cpu':
        try:
            torch.zeros(1, device=device).cpu()
        except Exception as error:  # each backend has types of its own
            reason = str(error).partition('\n')[0]
            raise UserValueError(
                f"the device '{device}' was asked for, but it cannot be used "
                f'here ({reason}); use {spell("device", "cpu")}'
            ) from error
    return device


def resolve_checkpoint(source):
    """The newest checkpoint of a work directory; all else passes.

    Args:
        source (str | Path): A work directory, or a checkpoint's path or URL.

    Returns:
        str: Path or URL of a checkpoint.

    Raises:
        FileNotFoundError: If the directory holds none.
    """
    if not os.path.isdir(source):
        return str(source)
    newest = find_last_good_checkpoint(source)
    if newest is None:
        raise UserFileNotFoundError(
            f"there is no checkpoint in '{source}': train first, or name a "
            'file'
        )
    return newest


def init_model(config=None, checkpoint=None, device='cpu', cfg_options=None):
    """Build a model for inference and load its weights.

    Parts that only training needs (discriminator, perceptual loss) are left
    out. A checkpoint is read as data, so nothing in it is executed.

    Args:
        config (str | Path | Config | dict, optional): A path, a name out of
            `list_models` or of `list_shipped`, or the config itself. None is
            the shipped model, without one that of geometry alone.
        checkpoint (str | Path, optional): Path or URL of a checkpoint, or a
            work directory, whose newest is taken. None takes the weights
            that are shipped with the model, where there are some; else it
            leaves them random, and warns of it.
        device (str | torch.device): Where the model shall run.
        cfg_options (dict, optional): Changes of the config.

    Returns:
        nn.Module: In eval mode, with the config as its attribute ``cfg``.

    Raises:
        FileNotFoundError: If config or checkpoint are not there.
        ValueError: If the checkpoint is of another model or the device is
            not there.
    """
    device = check_device(device)
    config, checkpoint = with_shipped_weights(config, checkpoint)
    cfg = load_config(config, cfg_options)
    model_cfg = without_training_only(cfg.model)
    with DefaultScope.overwrite_default_scope(
        cfg.get('default_scope') or SCOPE
    ):
        model = MODELS.build(model_cfg)
    if checkpoint is None and any(True for _ in model.parameters()):
        print_log(
            'No checkpoint was given: the weights are random, and so will '
            'the pictures be.',
            logger='current',
            level=logging.WARNING,
        )
    elif checkpoint is not None:
        checkpoint = resolve_checkpoint(checkpoint)
        load_weights(model, checkpoint)
    model.cfg = cfg
    return model.to(device).eval()


def without_training_only(model_cfg):
    """A copy of a model's config without what only training needs."""
    model_cfg = copy.deepcopy(model_cfg)
    for argument in _training_only(MODELS.get(model_cfg['type'])):
        if argument in model_cfg:
            model_cfg[argument] = None
    return model_cfg


def _training_only(method) -> tuple[str, ...]:
    return getattr(method, 'TRAINING_ONLY', ())


def load_weights(model, checkpoint):
    """Load all that a model has; what only training has may be left.

    Args:
        model (nn.Module): Changed in place.
        checkpoint (str | Path): A file, which is read as data.

    Raises:
        ValueError: If the checkpoint is of another model.
    """
    content = read_checkpoint(checkpoint)
    weights = state_dict_in(content, checkpoint)
    own = plain_names(model.state_dict(), model)
    wrong = [
        f'{key} is {tuple(weights[key].shape)}, not {tuple(own[key].shape)}'
        for key in own
        if key in weights and weights[key].shape != own[key].shape
    ]
    missing = [
        key for key in own if key not in weights and key not in OPTIONAL_KEYS
    ]
    if wrong or missing:
        lacks = [f'{key} is missing' for key in missing]
        problems = wrong + lacks
        raise UserValueError(
            f"the checkpoint '{checkpoint}' is of another model than the "
            f'config: {compare_models(content, weights, model, own)}; '
            f'{len(problems)} of {len(own)} weights do not fit, such as: '
            f'{"; ".join(problems[:3])}{_how_to_convert(weights)}'
        )
    surplus = {
        key.split('.')[0]
        for key in weights
        if key not in own and not key.startswith(_training_only(model))
    }
    if surplus:
        print_log(
            f"The checkpoint '{checkpoint}' also holds {sorted(surplus)}, "
            'which the config has no use for.',
            logger='current',
            level=logging.WARNING,
        )
    # MMEngine's looks through the wrappers of distributed models.
    load_state_dict(
        model,
        {key: weights[key] for key in own if key in weights},
        strict=True,
    )


def _how_to_convert(weights):
    """The way out where a published checkpoint was given."""
    network = tell_network(weights)
    if network is None:
        return ''
    return (
        f'. It looks like {network} as its authors publish it: convert it '
        'with `mmposetransfer convert-official` first'
    )
