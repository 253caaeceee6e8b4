"""Every registered model and every shipped config, from build to load.

A type that is registered and not in ``smallest_models.SMALLEST``, or a config
that cannot be walked, fails here.
"""

from pathlib import Path

import pytest
import torch
import yaml
from closeness import assert_near
from mmengine.config import Config
from mmengine.registry import init_default_scope
from smallest_models import COUNT, SIZE, SMALLEST, shrink
from synthetic_batch import make_batch
from torch.nn.modules.batchnorm import _BatchNorm

from mmposetransfer.apis import find_config, list_models
from mmposetransfer.apis.model import without_training_only
from mmposetransfer.apis.shipped_weights import GEOMETRY
from mmposetransfer.config.check import check_config
from mmposetransfer.engine import Stage
from mmposetransfer.engine.stage import merge
from mmposetransfer.models import PoseTransferDataPreprocessor
from mmposetransfer.models.pose_encoders import PoseEncoder
from mmposetransfer.registry import (
    EVALUATOR,
    MODELS,
    OPTIM_WRAPPER_CONSTRUCTORS,
)
from mmposetransfer.utils.setup_env import register_all_modules

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def the_same_every_time():
    register_all_modules()
    init_default_scope('mmposetransfer')
    torch.manual_seed(0)


def assert_learns(module, name):
    """Every parameter has a finite gradient, and some are not zero."""
    grads = {key: p.grad for key, p in module.named_parameters()}
    missing = [key for key, grad in grads.items() if grad is None]
    assert not missing, f'{name}: no gradient for {missing}'
    broken = [key for key, g in grads.items() if not g.isfinite().all()]
    assert not broken, f'{name}: {broken} are not finite'
    assert any(grad.any() for grad in grads.values()), f'{name}: all zero'


# ------------------------------------------------------- registered models


def registered_models():
    """Names of the types that our package registers."""
    register_all_modules()
    return sorted(
        name
        for name, cls in MODELS.module_dict.items()
        if cls.__module__.startswith('mmposetransfer.')
    )


def floats(values):
    """All float tensors of inputs or outputs, at any depth."""
    if isinstance(values, torch.Tensor):
        return [values] if values.is_floating_point() else []
    if isinstance(values, dict):
        values = values.values()
    if not isinstance(values, (list, tuple, type({}.values()))):
        return []
    return [tensor for value in values for tensor in floats(value)]


def backward(module, inputs, kind):
    """Gradients reach the inputs; where there are parameters, those too."""
    for tensor in floats(inputs):
        tensor.requires_grad_()
    outputs = [x for x in floats(module(*inputs)) if x.requires_grad]
    sum(output.square().mean() for output in outputs).backward()
    assert floats(inputs)[0].grad.isfinite().all()
    if any(True for _ in module.parameters()):
        assert_learns(module, kind)
    for tensor in floats(inputs):
        tensor.requires_grad_(False)


def test_every_registered_model_is_walked():
    assert registered_models() == sorted(SMALLEST)


@pytest.mark.parametrize('kind', [k for k, v in SMALLEST.items() if v])
def test_model_from_build_to_load(kind, tmp_path):
    config, make_inputs = SMALLEST[kind]
    module, inputs = MODELS.build(config), make_inputs()
    # These make maps of keypoints, and have nothing to learn.
    maps = (PoseEncoder, PoseTransferDataPreprocessor)
    if not isinstance(module, maps):
        backward(module.train(), inputs, kind)
    torch.save(module.state_dict(), tmp_path / 'weights.pth')
    again = MODELS.build(config)
    again.load_state_dict(
        torch.load(tmp_path / 'weights.pth', weights_only=True), strict=True
    )
    with torch.no_grad():
        assert_near(again.eval()(*inputs), module.eval()(*inputs))


# ---------------------------------------------------------- shipped configs

# All but the one in which nothing learns.
TRAINED = [name for name in list_models() if name != GEOMETRY]


def learning_sets(stage):
    """The sets of components that learn in a stage, in order."""
    starts = sorted(set(stage.components.values()))
    return [tuple(stage.learning(start)) for start in starts]


def optimizers_of(cfg, stage, model):
    """What the staged hook makes of a stage's optimizers."""
    parts = {
        key: value
        for key, value in cfg.optim_wrapper.items()
        if key in stage.components
    }
    return OPTIM_WRAPPER_CONSTRUCTORS.build(
        dict(
            type=cfg.optim_wrapper.constructor,
            optim_wrapper_cfg=merge(parts, stage.optim_wrapper),
        )
    )(model)


def check_gradients(model, data, learning):
    """Of the losses: finite for what learns, none for what is frozen."""
    model.zero_grad(set_to_none=True)
    inputs = model.data_preprocessor(data, training=True)['inputs']
    losses = model(inputs, mode='loss')
    assert losses and all(loss.isfinite() for loss in losses.values())
    sum(losses.values()).backward()
    for part in model.components:
        if part in learning:
            assert_learns(getattr(model, part), part)
        else:
            assert all(
                p.grad is None for p in getattr(model, part).parameters()
            ), part
    model.zero_grad(set_to_none=True)


def check_step(model, data, optimizers, learning):
    """Changes what learns, and no bit of what is frozen."""
    before = {
        part: {
            key: value.clone()
            for key, value in getattr(model, part).state_dict().items()
        }
        for part in model.components
    }
    log = model.train_step(data, optimizers)
    assert log and all(value.isfinite() for value in log.values())
    for part, old in before.items():
        new = getattr(model, part).state_dict()
        changed = any(not torch.equal(new[key], old[key]) for key in old)
        assert changed == (part in learning), part


@torch.no_grad()
def predict(model, data):
    return model.eval().test_step(data)


def test_every_config_is_in_the_model_index():
    index = yaml.safe_load((ROOT / 'model-index.yml').read_text())
    listed = [
        model['Config']
        for path in index['Import']
        for model in yaml.safe_load((ROOT / path).read_text())['Models']
    ]
    assert sorted(listed) == [
        f'configs/{name}.py' for name in list_models('*')
    ]


# Components that lose nothing by running statistics: see the method's README.
AS_GOOD_BY_RUNNING = {'flow_regressor'}


def has_batch_norm(component):
    return any(isinstance(m, _BatchNorm) for m in component.modules())


@pytest.mark.parametrize('name', TRAINED)
def test_stages_of_images_end_in_the_statistics_they_are_used_with(name):
    """BatchNorm of what makes pictures has learnt on running statistics."""
    cfg = Config.fromfile(find_config(name))
    model = MODELS.build(shrink(cfg.model))
    used = set(filter(model.uses_running_stats, model.components))
    for stage in cfg.custom_hooks[0].stages:
        for component in used & set(stage.components) - AS_GOOD_BY_RUNNING:
            if has_batch_norm(getattr(model, component)):
                length = Stage(**stage).length
                assert 0 < stage.freeze_norm < length, stage.name


@pytest.mark.parametrize('name', TRAINED)
def test_config_from_build_to_load(name, tmp_path):
    cfg = Config.fromfile(find_config(name))
    check_config(cfg)
    stages = [Stage(**stage) for stage in cfg.custom_hooks[0].stages]
    assert 'max_epochs' not in cfg.train_cfg
    model = MODELS.build(shrink(cfg.model))
    with_weights = {
        name
        for name in model.components
        if any(True for _ in getattr(model, name).parameters())
    }
    assert with_weights <= set(cfg.optim_wrapper)
    data = make_batch(COUNT, SIZE)
    for stage in stages:
        optimizers = optimizers_of(cfg, stage, model)
        for learning in learning_sets(stage):
            model.set_learning(learning)
            model.train()
            check_gradients(model, data, learning)
            check_step(model, data, optimizers, learning)
    samples = predict(model, data)
    evaluator = EVALUATOR.build(cfg.test_evaluator)
    evaluator.process(samples, data)
    assert {'copy_reference', ''} <= {
        name.rpartition('/')[0] for name in evaluator.evaluate(len(samples))
    }
    check_saved(model, cfg, data, samples, tmp_path / 'weights.pth')


def check_saved(model, cfg, data, samples, path):
    """The same pictures from saved weights, also without training's parts."""
    torch.save(model.state_dict(), path)
    weights = torch.load(path, weights_only=True)
    for config in (cfg.model, without_training_only(cfg.model)):
        again = MODELS.build(shrink(config))
        wanted = again.state_dict().keys()
        again.load_state_dict({key: weights[key] for key in wanted})
        for got, sample in zip(predict(again, data), samples, strict=True):
            assert_near(got.to_dict(), sample.to_dict())
