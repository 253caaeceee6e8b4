"""Registries of mmposetransfer.

Every node is a child of MMEngine's root registry of the same kind, so a type
that is not found here is looked for there, and ``mmposetransfer.X`` or
``mmagic.X`` reaches the registries of other libraries. Each node knows the
modules that register into it and imports them when it is first used. The
comment of a node says what its types have to keep to; docs/extending.md has an
example of each.
"""

from mmengine import registry as root
from mmengine.registry import Registry as _Registry

from mmposetransfer.errors import UserKeyError, UserTypeError
from mmposetransfer.utils.build_errors import (
    find_type,
    unknown_argument_message,
    unknown_type_message,
)

__all__ = [
    'BUILD_KEYS',
    'DATASETS',
    'DATA_SAMPLERS',
    'EVALUATOR',
    'FUNCTIONS',
    'HOOKS',
    'INFERENCERS',
    'LOG_PROCESSORS',
    'LOOPS',
    'METRICS',
    'MODELS',
    'MODEL_WRAPPERS',
    'OPTIMIZERS',
    'OPTIM_WRAPPERS',
    'OPTIM_WRAPPER_CONSTRUCTORS',
    'PARAM_SCHEDULERS',
    'TASK_UTILS',
    'TRANSFORMS',
    'VISBACKENDS',
    'VISUALIZERS',
    'WEIGHT_INITIALIZERS',
    'Registry',
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
            raise UserKeyError(unknown_type_message(kind, registry))
    if obj is not None:
        message = unknown_argument_message(obj, set(cfg) - BUILD_KEYS)
        if message:
            raise UserTypeError(message)


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
            locations=list(locations),
        )


# Loops that drive training, validation and testing. Training in stages wants
# a StagedLoop, which counts them.
LOOPS = Registry('loop', root.LOOPS, ['mmposetransfer.engine'])
# Hooks, such as the one that walks the stages of a training run. In a test
# run `runner.iter` and `runner.train_loop` would build the training data.
HOOKS = Registry('hook', root.HOOKS, ['mmposetransfer.engine'])
# Logs are formatted by log processors.
LOG_PROCESSORS = Registry(
    'log processor', root.LOG_PROCESSORS, ['mmposetransfer.engine']
)

# Datasets of (reference, target) image pairs of one person: MMEngine's
# BaseDataset. An item, before the pipeline, is a dict of what LoadPair reads,
# or of what PackPoseTransferInputs packs.
DATASETS = Registry('dataset', root.DATASETS, ['mmposetransfer.datasets'])
# Samplers of dataset indices.
DATA_SAMPLERS = Registry(
    'data sampler', root.DATA_SAMPLERS, ['mmposetransfer.datasets']
)
# Transforms of those dictionaries: `transform(results)` of mmcv's
# BaseTransform changes `results` and returns it. One that moves an image moves
# its keypoints, flow (values and grid), visibility and body parts with it.
# Random numbers come from numpy.random, which the loader seeds. A method's own
# fields and their transforms are in its folder.
TRANSFORMS = Registry(
    'transform',
    root.TRANSFORMS,
    ['mmposetransfer.datasets.transforms', 'mmposetransfer.models'],
)

# Every nn.Module. The slot of the config says what a type has to keep to; all
# sizes are (H, W) of the image, flow is in pixels where nothing else is said.
#   flow_regressor   what its `inputs` name of the preprocessor's inputs and
#                    `size`, by default (ref_pose, tgt_pose), and by keyword
#                    what its `optional_inputs` name and is there ->
#                    FlowPrediction; has `flow_scale`
#     backbone       (N, 36, H, W) -> features (N, C_l, H / 2^(l+1),
#                    W / 2^(l+1)), finest first; has `out_channels`
#     head           built with `in_channels`, those; features -> (flows of all
#                    levels in the unit flow_scale * pixels of the full image,
#                    visibility logits (N, 3, H / 2, W / 2))
#   generator        (tgt_pose, ref_img, flow, visibility) -> RGB in (-1, 1)
#     warping        built with `channels`, once a residual block;
#                    (x, flow, visibility) -> like x, flow in pixels of x
#       warp         (x, flow) -> like x: x at the pixel grid plus flow
#       gate         built with `channels`; (x, visibility) -> like x
#   pixel_warping    (img, ref_img, flow, visibility) -> (img, weight map,
#                    warped ref_img)
#   discriminator    (N, 24, H, W) -> logits of any shape
#   loss_epe         (pyramid, flow, visibility), both flows in the unit above
#   loss_visibility  (logits, visibility)
#   loss_segmentation  (full, flow, visibility, ref_parts, tgt_parts,
#                    flow_scale)
#   loss_l1, loss_perceptual  (img, tgt_img)
#   loss_gan         (logits, target_is_real)
#   data_preprocessor  the loader's batch -> what BaseTransferer.forward takes
#     pose_encoder   (keypoints, size) -> (N, C, H, W); has `out_channels`
# and model itself is a BaseTransferer, which names the components of its own,
# or, for metrics to look through, a ClothingClassifier:
#   trunk            RGB in [-1, 1], (N, 3, H, W) -> (N, D); has
#                    `out_channels`, and `load_pretrained(path)` where others
#                    publish weights
#   loss_labels      (logits, labels)
# A loss returns a scalar, its weight included; one that divides by a count
# divides by utils.dist.reduce_mean(count), for any number of processes.
# Arguments that are numbers of updates are named in COUNTED_IN_UPDATES.
MODELS = Registry('model', root.MODELS, ['mmposetransfer.models'])
# What a layer's weights start from; collate functions of loaders.
WEIGHT_INITIALIZERS = Registry(
    'weight initializer', root.WEIGHT_INITIALIZERS, ['mmposetransfer.models']
)
FUNCTIONS = Registry('function', root.FUNCTIONS, ['mmposetransfer.datasets'])
# Wrappers for distributed training.
MODEL_WRAPPERS = Registry(
    'model_wrapper', root.MODEL_WRAPPERS, ['mmposetransfer.engine']
)

# Optimizers, their wrappers and the constructors that distribute a model's
# parameters over several of them.
OPTIMIZERS = Registry('optimizer', root.OPTIMIZERS, ['mmposetransfer.engine'])
OPTIM_WRAPPERS = Registry(
    'optim_wrapper', root.OPTIM_WRAPPERS, ['mmposetransfer.engine']
)
OPTIM_WRAPPER_CONSTRUCTORS = Registry(
    'optimizer wrapper constructor',
    root.OPTIM_WRAPPER_CONSTRUCTORS,
    ['mmposetransfer.engine'],
)
# Schedulers of learning rate and momentum.
PARAM_SCHEDULERS = Registry(
    'parameter scheduler', root.PARAM_SCHEDULERS, ['mmposetransfer.engine']
)

# Metrics of images and of flow: evaluation.PoseTransferMetric, which names the
# fields that it reads, scores a batch (`score`, one entry a sample) and makes
# {name: number} of the scores of all samples (`summarize`); `columns` says how
# they are printed. Any BaseMetric of MMEngine, too: it sees the model alone.
# And the evaluators that hand them the predictions of model and baselines.
METRICS = Registry('metric', root.METRICS, ['mmposetransfer.evaluation'])
EVALUATOR = Registry(
    'evaluator', root.EVALUATOR, ['mmposetransfer.evaluation']
)

# Visualizers and the places they write to.
VISUALIZERS = Registry(
    'visualizer', root.VISUALIZERS, ['mmposetransfer.visualization']
)
VISBACKENDS = Registry(
    'vis_backend', root.VISBACKENDS, ['mmposetransfer.visualization']
)

# Whatever else a config may name: estimators of poses, which are
# pose_estimators.PoseEstimator, list of (H, W, 3) uint8 BGR -> list of
# (P, 18, 3); baselines, which are evaluation.Baseline, a sample's inputs and
# truth -> {'pred_img': (3, H, W), ...} or None.
TASK_UTILS = Registry(
    'task util',
    root.TASK_UTILS,
    [
        'mmposetransfer.datasets',
        'mmposetransfer.evaluation',
        'mmposetransfer.pose_estimators',
    ],
)
# Inferencers, the one-call interfaces of `mmposetransfer.apis`.
INFERENCERS = Registry('inferencer', root.INFERENCERS, ['mmposetransfer.apis'])
