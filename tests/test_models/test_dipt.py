"""DIPT as a module: parts, losses, gradients, predictions."""

import copy

import pytest
import torch
from mmengine.optim import OptimWrapper, OptimWrapperDict
from mmengine.utils import digit_version
from synthetic_batch import make_batch

from mmposetransfer.registry import MODELS

SIZE = 32


def config(**changes):
    model = dict(
        type='DIPT',
        data_preprocessor=dict(
            type='PoseTransferDataPreprocessor',
            pose_encoder=dict(type='DiscPoses', radius=2),
        ),
        flow_regressor=dict(
            type='FlowRegressor',
            backbone=dict(
                type='FlowUNet', base_channels=4, max_channels=16, num_levels=3
            ),
        ),
        generator=dict(
            type='DualPathGenerator',
            base_channels=4,
            max_channels=8,
            num_levels=3,
            num_warp_levels=2,
        ),
        pixel_warping=dict(
            type='PixelWarping', base_channels=4, max_channels=8, num_levels=3
        ),
        discriminator=dict(
            type='PatchDiscriminator', base_channels=4, num_conv=2
        ),
    )
    return {**model, **changes}


def build(**changes):
    torch.manual_seed(0)
    return MODELS.build(config(**changes))


def optimizers(model):
    return OptimWrapperDict(
        **{
            part: OptimWrapper(
                torch.optim.SGD(getattr(model, part).parameters(), lr=0.01)
            )
            for part in model.components
        }
    )


def changed_by_a_step(model, learning):
    model.set_learning(learning)
    model.train()
    before = copy.deepcopy(model.state_dict())
    log = model.train_step(make_batch(), optimizers(model))
    changed = {
        key.split('.')[0]
        for key, value in model.state_dict().items()
        if not torch.equal(value, before[key])
    }
    return changed, log


@pytest.mark.parametrize(
    'learning, losses',
    [
        (['flow_regressor'], {'epe', 'visibility', 'segmentation'}),
        (['generator'], {'l1'}),
        (['generator', 'discriminator'], {'l1', 'gan', 'd_real', 'd_fake'}),
        (
            ['pixel_warping', 'discriminator'],
            {'l1', 'gan', 'd_real', 'd_fake'},
        ),
        (
            ['flow_regressor', 'generator'],
            {'epe', 'visibility', 'segmentation', 'l1'},
        ),
    ],
)
def test_a_step_changes_just_the_parts_that_learn(learning, losses):
    changed, log = changed_by_a_step(build(), learning)
    assert changed == set(learning)
    assert set(log) == {f'loss_{name}' for name in losses}
    assert all(value.isfinite() for value in log.values())


def test_frozen_parts_are_in_eval_mode_and_still_require_grad():
    model = build()
    model.set_learning(['pixel_warping'])
    model.train()
    assert model.pixel_warping.training
    assert not model.generator.training
    assert not any(m.training for m in model.flow_regressor.modules())
    assert all(p.requires_grad for p in model.generator.parameters())


def test_frozen_statistics_do_not_move_while_the_weights_do():
    model = build()
    model.freeze_norm = True
    before = {
        key: value.clone()
        for key, value in model.state_dict().items()
        if 'running_' in key and not key.startswith('discriminator')
    }
    changed, _ = changed_by_a_step(model, ['generator', 'discriminator'])
    assert changed == {'generator', 'discriminator'}
    after = model.state_dict()
    assert all(torch.equal(after[key], before[key]) for key in before)
    assert model.generator.training


def test_a_critic_learns_while_the_statistics_of_the_others_are_frozen():
    """It is used nowhere else, and normalises by its batch as ever."""
    model = build()
    model.freeze_norm = True
    model.set_learning(['generator', 'discriminator'])
    model.train()
    norms = [
        m
        for m in model.discriminator.modules()
        if isinstance(m, torch.nn.BatchNorm2d)
    ]
    assert norms and all(norm.training for norm in norms)
    wrappers = OptimWrapperDict(
        **{
            part: OptimWrapper(
                torch.optim.Adam(getattr(model, part).parameters(), lr=1e-2)
            )
            for part in ('generator', 'discriminator')
        }
    )
    batch = make_batch()
    logs = [model.train_step(batch, wrappers) for _ in range(20)]
    # From an even chance to telling this one pair of batches apart.
    first, last = (
        sum(log[f'loss_d_{kind}'].item() for kind in ('real', 'fake'))
        for log in (logs[0], logs[-1])
    )
    assert last < 0.25 * first


def test_the_generators_step_leaves_no_gradient_in_the_discriminator():
    model = build()
    model.set_learning(['generator', 'discriminator'])
    inputs = model.data_preprocessor(make_batch())['inputs']
    model.generator.zero_grad()
    img = model.generate(inputs, model.predict_flow(inputs))['pred_img']
    model.image_losses(dict(pred_img=img), inputs)['loss_gan'].backward()
    assert all(p.grad is None for p in model.discriminator.parameters())
    assert all(p.requires_grad for p in model.discriminator.parameters())
    assert any(p.grad.abs().sum() > 0 for p in model.generator.parameters())


def test_discriminator_loss_is_weighted_binary_cross_entropy():
    model = build()
    model.set_learning(['discriminator', 'generator'])
    inputs = model.data_preprocessor(make_batch())['inputs']
    model.discriminator.eval()
    losses = model.discriminator_losses(
        'discriminator', inputs['ref_img'], inputs
    )

    def logit(img):
        return model.discriminator(
            torch.cat([inputs['ref_img'], img, inputs['tgt_pose']], 1)
        )

    real, fake = logit(inputs['tgt_img']), logit(inputs['ref_img'])
    torch.testing.assert_close(
        losses['loss_d_real'], -0.005 * real.sigmoid().log().mean()
    )
    torch.testing.assert_close(
        losses['loss_d_fake'], -0.005 * (1 - fake.sigmoid()).log().mean()
    )


def test_predictions_fill_the_data_samples():
    model = build().eval()
    samples = model.test_step(make_batch())
    assert len(samples) == 2
    sample = samples[0]
    shapes = dict(
        pred_img=3,
        gt_img=3,
        ref_img=3,
        generated_img=3,
        warped_img=3,
        weight_map=1,
        pred_flow=2,
        gt_flow=2,
        pred_visibility=1,
    )
    for field, channels in shapes.items():
        assert getattr(sample, field).shape == (channels, SIZE, SIZE), field
    z = sample.weight_map
    torch.testing.assert_close(
        sample.pred_img, z * sample.warped_img + (1 - z) * sample.generated_img
    )
    assert not sample.pred_img.requires_grad


def test_modes_agree():
    model = build().eval()
    data = model.data_preprocessor(make_batch())
    image = model(**data, mode='tensor')
    predicted = model(**data, mode='predict')
    torch.testing.assert_close(image[1], predicted[1].pred_img)
    with pytest.raises(RuntimeError, match='StagedTrainingHook'):
        model(**data, mode='loss')
    model.set_learning(['generator'])
    assert set(model(**data, mode='loss')) == {'loss_l1'}
    with pytest.raises(ValueError, match="'predict'"):
        model(**data, mode='train')


@pytest.mark.parametrize(
    'changes, parts',
    [
        (
            dict(pixel_warping=None),
            ('flow_regressor', 'generator', 'discriminator'),
        ),
        (
            dict(generator=None, pixel_warping=None, discriminator=None),
            ('flow_regressor',),
        ),
        (
            dict(
                flow_regressor=None,
                pixel_warping=None,
                generator=dict(
                    type='DualPathGenerator',
                    warping=None,
                    base_channels=4,
                    max_channels=8,
                    num_levels=3,
                ),
            ),
            ('generator', 'discriminator'),
        ),
        (
            dict(
                flow_regressor=None,
                pixel_warping=None,
                generator=dict(
                    type='SinglePathGenerator',
                    base_channels=4,
                    max_channels=8,
                    num_levels=3,
                ),
            ),
            ('generator', 'discriminator'),
        ),
    ],
)
def test_ablations(changes, parts):
    model = build(**changes)
    assert model.components == parts
    assert model(**model.data_preprocessor(make_batch())).shape == (
        2,
        3,
        SIZE,
        SIZE,
    )
    learning = parts[:1] if parts[0] == 'flow_regressor' else parts
    changed, _ = changed_by_a_step(model, learning)
    assert changed == set(learning)


def test_networks_work_without_registry():
    from mmposetransfer.models import DualPathGenerator

    generator = DualPathGenerator(
        base_channels=4, num_levels=2, num_warp_levels=1
    )
    img = generator(
        torch.zeros(1, 18, 16, 16),
        torch.zeros(1, 3, 16, 16),
        torch.zeros(1, 2, 16, 16),
        torch.zeros(1, 1, 16, 16),
    )
    assert img.shape == (1, 3, 16, 16) and img.abs().max() < 1


def test_sizes_that_do_not_divide_are_named():
    model = build()
    with pytest.raises(ValueError, match='multiples of 16, got 40x40'):
        model(**model.data_preprocessor(make_batch(size=40)))


def test_parts_that_wait_for_their_stage_are_not_used():
    model = build().eval()
    data = model.data_preprocessor(make_batch())
    whole = model.transfer(data['inputs'])
    model.set_pending(['pixel_warping'])
    state = model.state_dict()
    again = build().eval()
    again.load_state_dict(state)
    early = again.transfer(data['inputs'])
    assert 'weight_map' in whole and 'weight_map' not in early
    torch.testing.assert_close(early['pred_img'], whole['generated_img'])
    model.set_pending(['generator', 'pixel_warping'])
    torch.testing.assert_close(
        model.transfer(data['inputs'])['pred_img'], whole['warped_img']
    )
    # Weights from elsewhere do not say which parts wait: none do.
    del state['pending_components']
    again.load_state_dict(state, strict=True)
    assert 'weight_map' in again.transfer(data['inputs'])


# Half precision on a CPU came with torch 2.6.
HALVES = [torch.bfloat16] + [torch.float16] * (
    digit_version(torch.__version__) >= digit_version('2.6')
)


@pytest.mark.parametrize('dtype', HALVES)
@pytest.mark.parametrize(
    'part', ['flow_regressor', 'generator', 'pixel_warping']
)
def test_losses_under_autocast_are_finite_and_near(part, dtype):
    model = build()
    model.set_learning([part])
    data = model.data_preprocessor(make_batch())
    exact = model(**data, mode='loss')
    with torch.autocast('cpu', dtype):
        rough = model(**data, mode='loss')
    sum(rough.values()).backward()
    for name, value in exact.items():
        assert rough[name].item() == pytest.approx(value.item(), rel=0.1)
    grads = [p.grad for p in getattr(model, part).parameters()]
    assert all(grad.isfinite().all() for grad in grads)


@pytest.mark.parametrize(
    'changes, message',
    [
        (
            dict(
                generator=None,
                flow_regressor=None,
                pixel_warping=None,
                discriminator=None,
            ),
            'flow_regressor',
        ),
        (dict(flow_regressor=None), "Warping needs a 'flow_regressor'"),
        (dict(generator=None, discriminator=None), "need a 'generator'"),
        (dict(loss_gan=None), 'loss_gan'),
    ],
)
def test_parts_without_what_they_run_on_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        build(**changes)


def test_senseless_stages_are_refused():
    model = build()
    with pytest.raises(ValueError, match='stages of their own'):
        model.set_learning(['generator', 'pixel_warping'])
    with pytest.raises(ValueError, match=r"\['generatr'\]"):
        model.set_learning(['generatr'])
    model.set_learning(())
    with pytest.raises(RuntimeError, match='StagedTrainingHook'):
        model.train_step(make_batch(), optimizers(model))


def test_a_perceptual_loss_alone_trains_and_is_left_out_of_inference():
    """Inference builds the model without what only training needs."""
    perceptual = dict(type='PerceptualLoss', layer_weights=dict(relu1_1=1.0))
    model = build(loss_l1=None, loss_perceptual=perceptual)
    model.set_learning(['generator'])
    inputs = model.data_preprocessor(make_batch())['inputs']
    assert list(model(inputs, mode='loss')) == ['loss_perceptual']
    used = build(loss_l1=None, loss_perceptual=None)
    assert used(inputs).shape == inputs['ref_img'].shape
    with pytest.raises(ValueError, match="'loss_l1' or a 'loss_perceptual'"):
        used.set_learning(['pixel_warping'])
