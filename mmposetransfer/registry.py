"""Registries of mmposetransfer.

Every node is a child of MMEngine's root registry of the same kind, so a type
that is not found here is looked for there, and ``mmposetransfer.X`` or
``mmagic.X`` reaches the registries of other libraries. Each node knows the
modules that register into it and imports them when it is first used.
"""

from mmengine import registry as root
from mmengine.registry import Registry as _Registry

from mmposetransfer.utils.build_errors import (
    find_type,
    unknown_argument_message,
    unknown_type_message,
)

__all__ = [
    'BUILD_KEYS', 'DATASETS', 'DATA_SAMPLERS', 'EVALUATOR', 'HOOKS',
    'INFERENCERS', 'LOG_PROCESSORS', 'LOOPS', 'METRICS', 'MODELS',
    'MODEL_WRAPPERS', 'OPTIMIZERS', 'OPTIM_WRAPPERS',
    'OPTIM_WRAPPER_CONSTRUCTORS', 'PARAM_SCHEDULERS', 'TASK_UTILS',
    'TRANSFORMS', 'VISBACKENDS', 'VISUALIZERS', 'Registry'
]

SCOPE = 'mmposetransfer'

# Keys of a config that steer the build and are no constructor arguments.
BUILD_KEYS = frozenset({'type', '_scope_', 'convert_to_iter_based'})


def _check_type_and_arguments(cfg, registry):
    """Raise the error that MMEngine's own build would leave unexplained."""
    for part in cfg if isinstance(cfg, (list, tuple)) else [cfg]:
        if isinstance(part, dict):
            scope = part.get('_scope_')
            with registry.switch_scope_and_registry(scope) as found_in:
                _check_one(part, found_in)


def _check_one(cfg, registry):
    obj = cfg.get('type')
    if isinstance(obj, str):
        kind, obj = obj, find_type(obj, registry)
        if obj is None:
            raise KeyError(unknown_type_message(kind, registry))
    if obj is not None:
        message = unknown_argument_message(obj, set(cfg) - BUILD_KEYS)
        if message:
            raise TypeError(message)


class Registry(_Registry):
    """MMEngine's registry with errors that help.

    A misspelt type or argument is answered with the nearest valid name
    (MMEngine's own error names neither). Building itself is the parent's.
    """

    def __init__(self, name, parent, locations=()):
        build_as_parent = parent.build_func

        def build_func(cfg, *args, registry, **kwargs):
            _check_type_and_arguments(cfg, registry)
            return build_as_parent(cfg, *args, registry=registry, **kwargs)

        super().__init__(
            name,
            build_func=build_func,
            parent=parent,
            scope=SCOPE,
            locations=list(locations))


# Loops that drive training, validation and testing.
LOOPS = Registry('loop', root.LOOPS, ['mmposetransfer.engine'])
# Hooks, such as the one that walks the stages of a training run.
HOOKS = Registry('hook', root.HOOKS, ['mmposetransfer.engine'])
# Logs are formatted by log processors.
LOG_PROCESSORS = Registry('log processor', root.LOG_PROCESSORS,
                          ['mmposetransfer.engine'])

# Datasets of (reference, target) image pairs of one person.
DATASETS = Registry('dataset', root.DATASETS, ['mmposetransfer.datasets'])
# Samplers of dataset indices.
DATA_SAMPLERS = Registry('data sampler', root.DATA_SAMPLERS,
                         ['mmposetransfer.datasets'])
# Transforms of the dictionaries that datasets make.
TRANSFORMS = Registry('transform', root.TRANSFORMS,
                      ['mmposetransfer.datasets.transforms'])

# Every nn.Module: transferers, backbones, flow heads, warping layers,
# discriminators, losses, data preprocessors.
MODELS = Registry('model', root.MODELS, ['mmposetransfer.models'])
# Wrappers for distributed training.
MODEL_WRAPPERS = Registry('model_wrapper', root.MODEL_WRAPPERS,
                          ['mmposetransfer.engine'])

# Optimizers, their wrappers and the constructors that distribute a model's
# parameters over several of them.
OPTIMIZERS = Registry('optimizer', root.OPTIMIZERS, ['mmposetransfer.engine'])
OPTIM_WRAPPERS = Registry('optim_wrapper', root.OPTIM_WRAPPERS,
                          ['mmposetransfer.engine'])
OPTIM_WRAPPER_CONSTRUCTORS = Registry('optimizer wrapper constructor',
                                      root.OPTIM_WRAPPER_CONSTRUCTORS,
                                      ['mmposetransfer.engine'])
# Schedulers of learning rate and momentum.
PARAM_SCHEDULERS = Registry('parameter scheduler', root.PARAM_SCHEDULERS,
                            ['mmposetransfer.engine'])

# Metrics of images and of flow, and the evaluators that run them.
METRICS = Registry('metric', root.METRICS, ['mmposetransfer.evaluation'])
EVALUATOR = Registry('evaluator', root.EVALUATOR,
                     ['mmposetransfer.evaluation'])

# Visualizers and the places they write to.
VISUALIZERS = Registry('visualizer', root.VISUALIZERS,
                       ['mmposetransfer.visualization'])
VISBACKENDS = Registry('vis_backend', root.VISBACKENDS,
                       ['mmposetransfer.visualization'])

# Whatever else a config may name, such as readers of keypoint files.
TASK_UTILS = Registry('task util', root.TASK_UTILS,
                      ['mmposetransfer.datasets'])
# Inferencers, the one-call interfaces of `mmposetransfer.apis`.
INFERENCERS = Registry('inferencer', root.INFERENCERS, ['mmposetransfer.apis'])
