"""Mixed precision: what computes in half precision, and what must not."""

from collections import defaultdict
from functools import partial

import pytest
import torch
from closeness import assert_near
from exact_training import keep_statistics
from mmengine.optim import AmpOptimWrapper, OptimWrapper, OptimWrapperDict
from mmengine.optim.optimizer import amp_optimizer_wrapper
from synthetic_batch import make_batch
from tiny_training import run_training, tiny_config
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_flatten

from mmposetransfer.cli.train import use_amp
from mmposetransfer.engine import BFloat16OptimWrapper
from mmposetransfer.registry import MODELS

STAGES = [
    ['flow_regressor'],
    ['generator', 'discriminator'],
    ['pixel_warping', 'discriminator'],
]
# Sampling positions, colours and what losses compare.
IN_FLOAT32 = {
    'grid_sample',
    'linalg_vector_norm',
    'cross_entropy',
    'l1_loss',
    'binary_cross_entropy_with_logits',
    'interpolate',
    'tanh',
}


class Precisions(TorchFunctionMode):
    """Floating types that go in and out of each function of torch."""

    def __init__(self):
        super().__init__()
        self.seen = defaultdict(set)

    def __torch_function__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        for value in tree_flatten((args, kwargs, result))[0]:
            if isinstance(value, torch.Tensor) and value.is_floating_point():
                self.seen[getattr(func, '__name__', '?')].add(value.dtype)
        return result


def build():
    torch.manual_seed(0)
    cfg = tiny_config('unused')
    cfg.model.loss_perceptual = dict(
        type='PerceptualLoss', layer_weights=dict(relu1_1=1.0)
    )
    return MODELS.build(cfg.model)


def optimizers(model, learning, wrapper):
    return OptimWrapperDict(
        **{
            part: wrapper(
                optimizer=torch.optim.SGD(
                    getattr(model, part).parameters(), lr=0.1
                )
            )
            for part in learning
        }
    )


def train(wrapper, learning, steps=1, freeze_norm=False, before=None):
    """A model after some steps, its optimizers, and its losses."""
    model = build()
    model.freeze_norm = freeze_norm
    model.set_learning(learning)
    model.train()
    if freeze_norm:
        keep_statistics(model)
    wrappers = optimizers(model, learning, wrapper)
    if before:
        before(model)
    losses = [
        model.train_step(make_batch(2, 32), wrappers) for _ in range(steps)
    ]
    return model, wrappers, losses


@pytest.mark.parametrize('learning', STAGES, ids=lambda parts: parts[0])
def test_networks_compute_in_bfloat16_and_warps_and_losses_do_not(learning):
    with Precisions() as precisions:
        model, _, (losses,) = train(BFloat16OptimWrapper, learning)
    seen = precisions.seen
    assert torch.bfloat16 in seen['conv2d']
    for name in IN_FLOAT32 & set(seen):
        assert seen[name] == {torch.float32}, name
    if 'flow_regressor' in learning:
        assert {'linalg_vector_norm', 'cross_entropy'} <= set(seen)
    else:
        assert {
            'grid_sample',
            'l1_loss',
            'tanh',
            'binary_cross_entropy_with_logits',
        } <= set(seen)
    assert {loss.dtype for loss in losses.values()} == {torch.float32}
    for part in learning:
        for parameter in getattr(model, part).parameters():
            assert parameter.dtype == torch.float32


def test_flow_keeps_its_sub_pixel_part():
    model = build()
    inputs = model.data_preprocessor(make_batch(2, 64))['inputs']
    predict = model.flow_regressor.head.flows[0][1]
    predict.bias.data.fill_(5.0)  # a hundred pixels
    with torch.autocast('cpu', torch.bfloat16):
        prediction = model.flow_regressor(
            inputs['ref_pose'], inputs['tgt_pose']
        )
    for values in (
        prediction.flow,
        prediction.full,
        prediction.logits,
        *prediction.pyramid,
    ):
        assert values.dtype == torch.float32
    full = prediction.full
    # In bfloat16 they would be multiples of 1/32, two thirds of a pixel.
    assert not torch.equal(full, full.bfloat16().float())
    assert (full * 32 - (full * 32).round()).abs().max() > 0.2


@pytest.mark.parametrize('learning', STAGES, ids=lambda parts: parts[0])
def test_weights_go_where_those_in_float32_go(learning):
    start = build().state_dict()
    # Statistics of a few values would blow up their rounding errors.
    half, full = (
        train(wrapper, learning, freeze_norm=True)[0].state_dict()
        for wrapper in (BFloat16OptimWrapper, OptimWrapper)
    )
    for part in learning:
        keys = [
            key
            for key in start
            if key.startswith(part) and key.endswith('weight')
        ]
        steps = [
            torch.cat([(state[key] - start[key]).flatten() for key in keys])
            for state in (half, full)
        ]
        assert torch.nn.functional.cosine_similarity(*steps, dim=0) > 0.97
        assert steps[0].norm().item() == pytest.approx(
            steps[1].norm().item(), rel=0.1
        )


def test_all_stages_train_in_bfloat16_on_a_cpu(tmp_path):
    cfg = tiny_config(tmp_path)
    for stage in cfg.custom_hooks[0].stages:
        stage.update(epochs=1, param_scheduler=None)
    cfg.custom_hooks[0].stages[1].components = ['generator', 'discriminator']
    use_amp(cfg.optim_wrapper, 'bfloat16')
    start = MODELS.build(cfg.model).state_dict()
    runner = run_training(cfg)
    assert all(
        type(wrapper) is BFloat16OptimWrapper
        for wrapper in runner.optim_wrapper.values()
    )
    weights = torch.load(tmp_path / 'epoch_3.pth', weights_only=True)[
        'state_dict'
    ]
    for key, value in weights.items():
        assert value.dtype == start[key].dtype
        assert value.isfinite().all()
    assert {
        key.split('.')[0]
        for key, value in weights.items()
        if not torch.equal(value, start[key])
    } == {'flow_regressor', 'generator', 'pixel_warping', 'discriminator'}


def test_float16_on_a_cpu_is_refused():
    cfg = tiny_config('unused')
    with pytest.raises(ValueError, match='use bfloat16'):
        use_amp(cfg.optim_wrapper, 'float16')


# ------------------------------------------------- scaled losses, of float16


@pytest.fixture
def scaling(monkeypatch):
    """MMEngine's wrapper with its scaler, made to run on the CPU."""
    if not hasattr(torch.amp, 'GradScaler'):
        pytest.skip('needs torch >= 2.3, whose GradScaler takes the CPU')
    monkeypatch.setattr(
        amp_optimizer_wrapper, 'is_cuda_available', lambda: True
    )
    monkeypatch.setattr(
        amp_optimizer_wrapper,
        'GradScaler',
        partial(torch.amp.GradScaler, 'cpu'),
    )
    return partial(AmpOptimWrapper, dtype='bfloat16')


@pytest.mark.parametrize('learning', STAGES, ids=lambda parts: parts[0])
def test_scaling_the_losses_does_not_change_the_weights(scaling, learning):
    """Each part's gradients are scaled once and by its own scaler."""
    scaled, wrappers, _ = train(scaling, learning, steps=2)
    plain, _, _ = train(BFloat16OptimWrapper, learning, steps=2)
    # Two powers of two undo each other, but for what they round to zero.
    assert_near(scaled.state_dict(), plain.state_dict())
    for wrapper in wrappers.values():
        assert wrapper.loss_scaler.get_scale() == 2**16


def test_an_overflow_skips_the_step_of_its_own_part_only(scaling):
    learning = ['generator', 'discriminator']

    def overflow(model):
        weight = next(model.discriminator.parameters())
        weight.register_hook(lambda gradient: gradient * torch.inf)

    model, wrappers, _ = train(scaling, learning, before=overflow)
    start = dict(build().named_parameters())
    changed = {
        key.split('.')[0]
        for key, value in model.named_parameters()
        if not torch.equal(value, start[key])
    }
    assert changed == {'generator'}
    assert wrappers['generator'].loss_scaler.get_scale() == 2**16
    assert wrappers['discriminator'].loss_scaler.get_scale() == 2**15
