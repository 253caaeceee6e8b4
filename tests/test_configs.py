"""Every shipped config: built, trained a step a stage, used, saved."""

from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from synthetic_batch import make_batch

from mmposetransfer.engine.hooks import Stage
from mmposetransfer.registry import (
    METRICS,
    MODELS,
    OPTIM_WRAPPER_CONSTRUCTORS,
)

ROOT = Path(__file__).parents[1]
PATHS = sorted((ROOT / 'configs' / 'dipt').glob('*.py'))
SMALL = dict(base_channels=4, max_channels=8)


def shrink(cfg):
    """The same networks, narrow and three levels deep."""
    model = cfg.model
    if model.flow_regressor:
        model.flow_regressor.backbone.update(SMALL, num_levels=2)
    for part in ('generator', 'pixel_warping'):
        if model[part]:
            model[part].update(SMALL, num_levels=3)
    if model.generator and 'num_warp_levels' in model.generator:
        model.generator.num_warp_levels = 2
    if model.discriminator:
        model.discriminator.update(base_channels=4, num_conv=2)
    if model.loss_perceptual:
        model.loss_perceptual.layer_weights = dict(relu1_1=1.0)
    return cfg


@pytest.fixture(params=PATHS, ids=lambda path: path.stem)
def cfg(request):
    init_default_scope('mmposetransfer')
    return shrink(Config.fromfile(request.param))


@torch.no_grad()
def predict(model, data):
    return model.eval().test_step(data)


def test_config_trains_predicts_is_measured_and_saved(cfg, tmp_path):
    torch.manual_seed(0)
    model = MODELS.build(cfg.model)
    optimizers = OPTIM_WRAPPER_CONSTRUCTORS.build(dict(
        type=cfg.optim_wrapper.constructor,
        optim_wrapper_cfg={key: value for key, value
                           in cfg.optim_wrapper.items()
                           if key != 'constructor'}))(model)
    assert set(optimizers.keys()) == set(model.parts)
    stages = [Stage(**stage) for stage in cfg.custom_hooks[0].stages]
    assert sum(s.epochs for s in stages) == cfg.train_cfg.max_epochs
    data = make_batch(size=32)
    for stage in stages:
        model.set_learning(stage.parts)
        log = model.train().train_step(data, optimizers)
        assert log and all(value.isfinite() for value in log.values())
    samples = predict(model, data)
    for metric_cfg in cfg.test_evaluator:
        metric = METRICS.build(metric_cfg)
        metric.process(data, [sample.to_dict() for sample in samples])
        assert metric.evaluate(len(samples))
    torch.save(model.state_dict(), tmp_path / 'model.pth')
    again = MODELS.build(cfg.model)
    again.load_state_dict(torch.load(tmp_path / 'model.pth',
                                     weights_only=True), strict=True)
    torch.testing.assert_close(
        predict(again, data)[0].pred_img, samples[0].pred_img)


def test_every_config_is_in_the_model_index():
    import yaml
    models = yaml.safe_load(
        (ROOT / 'configs' / 'dipt' / 'metafile.yml').read_text())['Models']
    assert sorted(model['Config'] for model in models) == [
        f'configs/dipt/{path.name}' for path in PATHS]
