"""Every stage of every shipped config trains in two processes."""

from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import MODEL_WRAPPERS
from processes import run_processes
from smallest_models import shrink
from synthetic_batch import make_batch

from mmposetransfer.engine import MultiOptimWrapperConstructor, Stage
from mmposetransfer.registry import MODELS

CONFIGS = sorted(
    path
    for path in (Path(__file__).parents[2] / 'configs').glob('*/*.py')
    if path.parent.name not in ('_base_', 'classifiers')
    and path.stem != 'geometry'
)
# For pictures of 32x32.
SMALL = dict(num_levels=3, radius=2)


def learning_sets(stage):
    """The sets of components that learn one after the other in a stage."""
    return [
        stage.learning(start)
        for start in sorted(set(stage.components.values()))
    ]


def train_config(rank, path):
    """Two steps with all that learns at once, through all stages.

    Returns:
        list: Per set of components those that changed, and the weights at
        the end.
    """
    cfg = Config.fromfile(path)
    torch.manual_seed(rank)  # the wrapper sends everybody rank 0's weights
    model = MODELS.build(shrink(cfg.model, **SMALL))
    wrapped = MODEL_WRAPPERS.build(dict(cfg.model_wrapper_cfg, module=model))
    data = make_batch(2, 32, seed=rank)
    hook = cfg.custom_hooks[0]
    assert hook.type == 'StagedTrainingHook'
    changed = []
    for stage in hook.stages:
        stage = Stage(**stage)
        optimizers = MultiOptimWrapperConstructor(
            {name: dict(cfg.optim_wrapper[name]) for name in stage.components}
        )(wrapped)
        for learning in learning_sets(stage):
            model.set_learning(learning)
            wrapped.train()
            before = {
                key: value.clone() for key, value in model.named_parameters()
            }
            for _ in range(2):
                wrapped.train_step(data, optimizers)
            now = {
                key.split('.')[0]
                for key, value in model.named_parameters()
                if not torch.equal(value, before[key])
            }
            changed.append((sorted(learning), sorted(now)))
    return changed, {
        key: value.detach() for key, value in model.named_parameters()
    }


def train_configs(rank, paths):
    return {path: train_config(rank, path) for path in paths}


@pytest.fixture(scope='module')
def trained():
    """What both processes made of each config."""
    return run_processes(2, train_configs, [str(path) for path in CONFIGS])


@pytest.mark.parametrize(
    'path', CONFIGS, ids=lambda path: '/'.join(path.parts[-2:])
)
def test_components_learn_in_their_stage_and_stay_synchronised(trained, path):
    (changed, weights), (other_changed, other) = (
        process[str(path)] for process in trained
    )
    assert changed == other_changed
    for learning, now in changed:
        assert now == learning
    for key, value in weights.items():
        assert value.isfinite().all()
        assert torch.equal(value, other[key]), key
