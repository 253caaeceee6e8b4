"""The completion as a whole: mixing, masks, training."""

import math

import pytest
import torch
from closeness import assert_near
from mmengine.optim import OptimWrapper, OptimWrapperDict
from synthetic_batch import make_batch

from mmposetransfer.registry import MODELS
from mmposetransfer.structures.visibility import BACKGROUND

SIZE = 32


def build(**changes):
    torch.manual_seed(0)
    config = dict(
        type='CompletionDIPT',
        data_preprocessor=dict(
            type='PoseTransferDataPreprocessor',
            pose_encoder=dict(type='GaussianPoses', sigma=2),
        ),
        flow_regressor=dict(type='FittedFlow'),
        generator=dict(
            type='CompletionGenerator',
            channels=(8, 16),
            blocks=(1, 1),
            heads=2,
        ),
        outline=dict(type='LimbMask', radius=2),
        loss_gan=None,
    )
    return MODELS.build({**config, **changes})


def fitted_batch(**more):
    """A batch that brings the flow of fits along."""
    batch = make_batch(2, SIZE)
    inputs, generator = batch['inputs'], torch.Generator().manual_seed(1)
    trust = torch.rand(2, 1, SIZE, SIZE, generator=generator)
    trust[..., : SIZE // 2] = 0
    inputs.update(
        fit_flow=inputs['flow'],
        fit_visibility=[
            torch.where(one > 0, 1, BACKGROUND).byte() for one in trust
        ],
        twin_flow=inputs['flow'],
        twin_visibility=inputs['visibility'],
        near_flow=inputs['flow'],
        near_trust=list(trust),
        ref_person=[torch.ones(1, SIZE, SIZE)] * 2,
        tgt_person=list((trust > 0).float()),
    )
    inputs.update(more)
    return batch


def transfer(model, batch):
    with torch.no_grad():
        return model.eval().transfer(model.data_preprocessor(batch)['inputs'])


def test_the_result_is_a_mixture_of_its_sources():
    results = transfer(build(), fitted_batch())
    copied, background = results['weight_map'], results['background_weight']
    made = 1 - copied - background
    for weight in (copied, background, made):
        assert weight.min() >= -1e-6 and weight.max() <= 1 + 1e-6
    assert_near(
        results['pred_img'],
        made * results['generated_img']
        + copied * results['warped_img']
        + background * results['background_img'],
    )


def test_the_outline_is_sharper_than_what_is_likely():
    """Odds of the person to the power of ``decision``."""
    batch = fitted_batch()
    likely, decided = (
        transfer(build(decision=decision), batch)['pred_person']
        for decision in (1.0, 3.0)
    )
    odds = (likely / (1 - likely)) ** 3
    assert_near(decided, odds / (1 + odds))


def test_a_picture_shows_the_copy_or_what_is_made():
    """Odds of copying, e times as good, to the power of ``decision``."""
    model, batch = build(decision=3.0), fitted_batch()
    inputs = model.data_preprocessor(batch, True)['inputs']
    with torch.no_grad():
        prediction = model.predict_flow(inputs)
        learning = model.train().generate(inputs, prediction)
        using = model.eval().generate(inputs, prediction)
    person = 1 - using['background_weight']
    share = learning['weight_map'] / person
    odds = (math.e * share / (1 - share)) ** 3
    assert_near(using['weight_map'], person * odds / (1 + odds))


def test_what_is_made_is_judged_on_the_person_alone():
    model, batch = build(), fitted_batch()
    batch['inputs']['tgt_person'] = [torch.zeros(1, SIZE, SIZE)] * 2
    inputs = model.data_preprocessor(batch, True)['inputs']
    results = model.generate(inputs, model.predict_flow(inputs))
    losses = model.image_losses(results, inputs)
    assert losses['loss_l1_made'] == 0
    assert losses['loss_l1'] > 0


def test_it_begins_with_the_colours_that_geometry_knows():
    """Of a plain reference: its colour everywhere."""
    plain = torch.full((3, SIZE, SIZE), 200, dtype=torch.uint8)
    results = transfer(build(), fitted_batch(ref_img=[plain] * 2))
    error = results['generated_img'] - (200 / 127.5 - 1)
    inside = error[..., 4:-4, 4:-4]  # flow leads out of the picture
    assert inside.abs().median() < 0.02


def test_little_is_copied_where_the_body_is_not():
    results = transfer(build(margin=0), fitted_batch())
    weights = results['weight_map']
    outside, inside = weights[..., : SIZE // 2], weights[..., SIZE // 2 :]
    assert outside.mean() < inside.mean() / 20


def test_beside_the_body_the_person_alone_is_copied():
    """What moves with the surface it hangs on, such as hair; not the wall."""
    person = torch.zeros(1, SIZE, SIZE)
    person[:, : SIZE // 2] = 1
    still = [torch.full((2, SIZE, SIZE), 1e-3)] * 2
    results = transfer(
        build(margin=0.25),
        fitted_batch(near_flow=still, ref_person=[person] * 2),
    )
    weights = results['weight_map'][..., : SIZE // 2]
    within, wall, beyond = (
        weights[..., : SIZE // 2, 8:],
        weights[..., SIZE // 2 :, 8:],
        weights[..., :8],
    )
    assert within.mean() > 20 * max(wall.mean(), beyond.mean())


def test_without_a_mask_the_person_is_drawn_of_the_joints():
    batch = fitted_batch()
    del batch['inputs']['ref_person']
    results = transfer(build(), batch)
    assert results['pred_img'].isfinite().all()
    # Joints are within the picture: something of it is covered, not all.
    kept = (
        results['background_img']
        == transfer(
            build(), fitted_batch(ref_person=[torch.zeros(1, SIZE, SIZE)] * 2)
        )['background_img']
    )
    assert 0.05 < kept.float().mean() < 0.999


def test_poses_that_no_body_fits_are_completed_from_nothing():
    batch = fitted_batch()
    inputs = batch['inputs']
    inputs['near_trust'] = [torch.zeros(1, SIZE, SIZE)] * 2
    inputs['fit_visibility'] = [
        torch.full((1, SIZE, SIZE), BACKGROUND, dtype=torch.uint8)
    ] * 2
    results = transfer(build(), batch)
    assert results['pred_img'].isfinite().all()
    assert results['weight_map'].max() < 0.1


def test_fits_that_come_without_the_surface_are_refused():
    batch = fitted_batch()
    del batch['inputs']['tgt_surface']
    with pytest.raises(KeyError, match='tgt_surface'):
        transfer(build(), batch)


def test_a_pair_is_learnt():
    """The picture and the person's mask come nearer to the truth."""
    halves = torch.zeros(3, SIZE, SIZE, dtype=torch.uint8)
    halves[..., SIZE // 2 :] = 200
    model, batch = build(), fitted_batch(tgt_img=[halves, 255 - halves])
    model.set_learning(['generator'])
    model.train()
    optimizers = OptimWrapperDict(
        generator=OptimWrapper(
            torch.optim.Adam(model.generator.parameters(), 3e-3)
        )
    )
    logs = [model.train_step(batch, optimizers) for _ in range(40)]
    names = {'loss_l1', 'loss_l1_made', 'loss_l1_prior', 'loss_person'}
    assert set(logs[0]) == names
    for name, first in logs[0].items():
        assert logs[-1][name] < 0.8 * first, name
