"""What each key of a Runner's config holds, and which registry builds it."""

from mmengine.runner import Runner
from torch.utils.data import DataLoader

from mmposetransfer.utils.signatures import accepted_arguments

# Kind of object -> MMEngine's root registries that may know its type.
KINDS = {
    'model': ('MODELS',),
    'model_wrapper': ('MODEL_WRAPPERS',),
    'initializer': ('WEIGHT_INITIALIZERS',),
    'dataset': ('DATASETS',),
    'sampler': ('DATA_SAMPLERS',),
    'transform': ('TRANSFORMS',),
    'function': ('FUNCTIONS',),
    'hook': ('HOOKS',),
    'train loop': ('LOOPS',),
    'val loop': ('LOOPS',),
    'test loop': ('LOOPS',),
    'optim wrapper': ('OPTIM_WRAPPERS',),
    'optim wrapper constructor': ('OPTIM_WRAPPER_CONSTRUCTORS',),
    'optimizer': ('OPTIMIZERS',),
    'param scheduler': ('PARAM_SCHEDULERS',),
    'metric': ('METRICS', 'EVALUATOR'),
    'visualizer': ('VISUALIZERS',),
    'vis backend': ('VISBACKENDS',),
    'log processor': ('LOG_PROCESSORS',),
    'task util': ('TASK_UTILS',),
}

_TOP_LEVEL = {
    'model': 'model',
    'tta_model': 'model',
    'model_wrapper_cfg': 'model_wrapper',
    'tta_pipeline': 'transform',
    'train_cfg': 'train loop',
    'val_cfg': 'val loop',
    'test_cfg': 'test loop',
    'val_evaluator': 'metric',
    'test_evaluator': 'metric',
    'default_hooks': 'hook',
    'custom_hooks': 'hook',
    'visualizer': 'visualizer',
    'log_processor': 'log processor',
}

# Keys that mean the same wherever they stand.
_ANYWHERE: dict[str, str | None] = {
    'data_preprocessor': 'model',
    'pipeline': 'transform',
    'optim_wrapper': 'optim wrapper',
    'param_scheduler': 'param scheduler',
    'vis_backends': 'vis backend',
}

# Keys that mean this below that kind of object only.
_BELOW: dict[tuple[str | None, str], str | None] = {
    ('dataloader', 'dataset'): 'dataset',
    ('dataloader', 'sampler'): 'sampler',
    ('dataloader', 'batch_sampler'): 'sampler',
    ('dataloader', 'collate_fn'): 'function',
    ('dataloader', 'worker_init_fn'): 'function',
    ('dataset', 'dataset'): 'dataset',
    ('dataset', 'datasets'): 'dataset',
    ('optim wrapper', 'optimizer'): 'optimizer',
    ('metric', 'metrics'): 'metric',
    ('metric', 'baselines'): 'task util',
}

# Keys that an object's config may hold beside its constructor's arguments.
EXTRA_KEYS = {
    'hook': {'priority'},
    'train loop': {'by_epoch'},
    'optim wrapper': {'constructor', 'paramwise_cfg'},
    'param scheduler': {'convert_to_iter_based'},
}

# Kinds whose objects are built from the config alone, so that what their
# constructors require has to stand there.
COMPLETE_KINDS = frozenset({'dataset', 'transform', 'hook', 'metric'})

# Keys whose values are data, whatever 'type' may mean in there.
FREE_KEYS = frozenset(
    {'type', '_scope_', '_delete_', 'metainfo', 'init_kwargs', 'dist_cfg'}
)

# Keys that the Runner reads from its config and that are no arguments of it.
_READ_BY_RUNNER = {
    'runner_type',
    'custom_imports',
    'model_wrapper_cfg',
    'sync_bn',
    'find_unused_parameters',
    'activation_checkpointing',
    'compile',
    'efficient_conv_bn_eval',
}

_SETTINGS = {
    'auto_scale_lr': {'enable', 'base_batch_size'},
    'custom_imports': {'imports', 'allow_failed_imports'},
    'env_cfg': {'cudnn_benchmark', 'mp_cfg', 'dist_cfg', 'resource_limit'},
    'randomness': accepted_arguments(Runner.set_randomness)[0],
}


def kind_of_child(kind: str | None, key: str) -> str | None:
    """The kind of object under a key of an object of some kind.

    Args:
        kind: A key of ``KINDS``, ``'dataloader'``, or None at the top.
        key: The key of the child.

    Returns:
        A key of ``KINDS``, or None where any kind may stand.
    """
    if kind is None and key in _TOP_LEVEL:
        return _TOP_LEVEL[key]
    return _BELOW.get((kind, key), _ANYWHERE.get(key))


def default_type(kind: str | None, node: dict) -> str | None:
    """The type that the Runner takes where a config names none."""
    by_epoch = dict.get(node, 'by_epoch', True)
    defaults = {
        'train loop': 'EpochBasedTrainLoop'
        if by_epoch
        else 'IterBasedTrainLoop',
        'val loop': 'ValLoop',
        'test loop': 'TestLoop',
        'optim wrapper': 'OptimWrapper' if 'optimizer' in node else None,
        'visualizer': 'Visualizer',
        'log processor': 'LogProcessor',
    }
    return defaults.get(kind or '')


def runner_keys() -> set[str]:
    """The top-level keys of a config that the Runner reads."""
    return (
        accepted_arguments(Runner)[0] | _READ_BY_RUNNER | set(_SETTINGS)
    ) - {'cfg'}


def dataloader_keys() -> set[str]:
    """The keys of a dataloader's config."""
    return accepted_arguments(DataLoader)[0] | {'num_batch_per_epoch'}


def settings_keys(key: str) -> set[str]:
    """The keys of a dictionary of plain settings, such as ``env_cfg``."""
    return _SETTINGS.get(key, set())
