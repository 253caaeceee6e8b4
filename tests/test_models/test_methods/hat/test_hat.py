"""HAT: what is copied, what is synthesised, what learns."""

import numpy as np
import pytest
import torch
from closeness import assert_near
from known_fits import known_fits
from method_steps import changed_by_a_step, optimizers
from scipy.ndimage import map_coordinates
from synthetic_batch import make_batch

from mmposetransfer.geometry import FlowSynthesizer
from mmposetransfer.models import FlowPrediction
from mmposetransfer.models.methods import HAT
from mmposetransfer.structures.visibility import BACKGROUND, VISIBLE

SIZE = 32
UNET = dict(base_channels=4, max_channels=8, num_levels=2, num_blocks=1)
FIT_FIELDS = (
    'fit_flow',
    'fit_visibility',
    'twin_flow',
    'twin_visibility',
    'near_flow',
    'near_trust',
)
STAGES = (['surface_net'], ['generator', 'discriminator'])


def build(**changes):
    torch.manual_seed(0)
    config = dict(
        surface_net=dict(type='HATSurfaceNet', **UNET),
        generator=dict(type='HATGenerator', **UNET),
        discriminator=dict(
            type='PatchDiscriminator', base_channels=4, num_conv=2
        ),
        data_preprocessor=dict(
            type='PoseTransferDataPreprocessor',
            derived=dict(ref_mask=dict(type='LimbMask', radius=1, closing=1)),
        ),
    )
    return HAT(**{**config, **changes})


def batch_of(**more):
    """A batch that brings fits along, of noise."""
    batch = make_batch(2, SIZE)
    batch['inputs'].update(more)
    return batch


def inputs_of(model, **more):
    return model.data_preprocessor(batch_of(**more))['inputs']


def transfer(model, **more):
    with torch.no_grad():
        return model.eval().transfer(inputs_of(model, **more))


# -------------------------------------------------------------------- copying


def gradient(size):
    """A picture whose colours tell the place, (1, 3, H, W) in [-1, 1]."""
    ys, xs = np.mgrid[: size[0], : size[1]]
    places = np.stack([xs / size[1], ys / size[0], 0 * xs])
    return torch.from_numpy(2 * places - 1)[None].float()


def test_vertices_bring_their_colours_along():
    """Of bodies in two poses, by where their vertices are projected to."""
    size = (64, 64)
    bodies = FlowSynthesizer(known_fits(2, size))
    flow, visibility = bodies(0, 1)
    prediction = FlowPrediction(
        torch.from_numpy(flow)[None],
        torch.from_numpy(visibility)[None],
        *[None] * 3,
    )
    picture = gradient(size)
    copied = HAT.copy_surface(dict(ref_img=picture), prediction)
    ref, tgt = bodies.vertices(0), bodies.vertices(1)
    inside = (np.rint(tgt[:, :2]) >= 0).all(1)
    inside &= (np.rint(tgt[:, :2]) < 64).all(1)
    errors = []
    for vertex in np.flatnonzero(inside)[::7]:
        near = np.abs(tgt[:, :2] - tgt[vertex, :2]).max(1) < 1.5
        column, row = np.rint(tgt[vertex, :2]).astype(int)
        shared = copied.shared[0, 0, row, column] == 1
        if not shared or tgt[vertex, 2] > tgt[near, 2].min() + 0.01:
            continue  # another vertex is in front of it
        colour = (copied.colours[0, :2, row, column].numpy() + 1) / 2 * 64
        errors.append(np.abs(colour - ref[vertex, :2]).max())
    assert len(errors) > 50
    # Pixels of the reference by which the colour's place is off.
    assert np.median(errors) < 1 and np.percentile(errors, 90) < 2.5


def test_hidden_places_get_no_colour():
    """Pixel by pixel: the reference there, and nothing where it hides it."""
    model = build()
    inputs = inputs_of(model)
    flow, visibility = inputs['fit_flow'], inputs['fit_visibility']
    prediction = model.predict_flow(inputs)
    copied = model.copy_surface(inputs, prediction)
    ys, xs = np.mgrid[:SIZE, :SIZE]
    for n in range(2):
        at = [ys + flow[n, 1].numpy(), xs + flow[n, 0].numpy()]
        seen = visibility[n, 0].numpy() == VISIBLE
        for channel in range(3):
            warped = map_coordinates(
                inputs['ref_img'][n, channel].double().numpy(),
                at,
                order=1,
                mode='grid-constant',
            )
            np.testing.assert_allclose(
                copied.colours[n, channel],
                np.where(seen, warped, 0),
                atol=1e-4,
            )
        assert (copied.shared[n, 0].numpy() == seen).all()
    assert torch.equal(copied.body > 0, visibility != BACKGROUND)


# ----------------------------------------------------------------- composition


def test_the_rendered_body_is_copied_made_and_in_front_of_the_wall():
    model = build(generator=None, discriminator=None)
    results = transfer(model)
    inputs = inputs_of(model)
    prediction = model.predict_flow(inputs)
    with torch.no_grad():
        copied = model.copy_surface(inputs, prediction)
        made = model.synthesise_surface(copied, inputs)
    shown, hidden, wall = (
        (inputs['fit_visibility'] == kind).float() for kind in range(3)
    )
    assert_near(
        results['pred_img'],
        shown * copied.colours
        + hidden * made
        + wall * results['background_img'],
    )
    assert_near(results['pred_img'], results['generated_img'])


def test_the_picture_is_the_person_in_front_of_the_background():
    model = build()
    results = transfer(model)
    person = results['pred_person']
    assert_near(results['background_weight'], 1 - person)
    assert person.min() >= 0 and person.max() <= 1
    with torch.no_grad():
        head = model.generator.head[-1]
        head.weight[3:], head.bias[3:] = 0, -30
    nobody = transfer(model)
    assert_near(nobody['pred_img'], nobody['background_img'])


def test_the_background_is_what_is_around_the_person():
    """By the given outline, else by one that is drawn of the joints."""
    wall = torch.full((3, SIZE, SIZE), 200, dtype=torch.uint8)
    person = torch.zeros(1, SIZE, SIZE)
    person[:, 8:24, 8:24] = 1
    wall[:, 8:24, 8:24] = 0
    results = transfer(build(), ref_img=[wall] * 2, ref_person=[person] * 2)
    clean = torch.full((2, 3, SIZE, SIZE), 200 / 127.5 - 1)
    assert_near(results['background_img'], clean)
    model = build()
    drawn, inputs = transfer(model)['background_img'], inputs_of(model)
    kept = (inputs['ref_mask'] == 0).expand_as(drawn)
    assert 0.1 < kept.float().mean() < 0.9
    assert_near(drawn[kept], inputs['ref_img'][kept])
    assert not torch.equal(drawn[~kept], inputs['ref_img'][~kept])


def test_without_an_outline_the_error_says_what_draws_it():
    plain = build(data_preprocessor=dict(type='PoseTransferDataPreprocessor'))
    with pytest.raises(KeyError, match='LimbMask'):
        transfer(plain)


def test_networks_still_to_be_trained_are_not_used():
    model = build()
    model.set_pending(['surface_net', 'generator', 'discriminator'])
    results = transfer(model)
    hidden = results['weight_map'] + (
        inputs_of(model)['fit_visibility'] == BACKGROUND
    )
    grey = results['pred_img'][(hidden == 0).expand(-1, 3, -1, -1)]
    assert not grey.any() and 'pred_person' not in results
    model.set_pending(['generator', 'discriminator'])
    surface = transfer(model)
    assert_near(surface['pred_img'], surface['generated_img'])
    assert (surface['pred_img'] != results['pred_img']).any()


def test_poses_alone_are_fitted():
    """Without fits in the data; noise is no pose, and nothing is copied."""
    model, batch = build().eval(), make_batch(2, SIZE)
    for name in FIT_FIELDS:
        del batch['inputs'][name]
    with torch.no_grad():
        results = model.transfer(model.data_preprocessor(batch)['inputs'])
    assert results['pred_img'].isfinite().all()
    assert (results['pred_visibility'] == BACKGROUND).all()
    assert not results['weight_map'].any()


# -------------------------------------------------------------------- training


@pytest.mark.parametrize(
    'learning, losses',
    [
        (STAGES[0], {'loss_surface'}),
        (['generator'], {'loss_l1'}),
        (
            STAGES[1],
            {'loss_l1', 'loss_gan', 'loss_d_real', 'loss_d_fake'},
        ),
        (['surface_net', 'generator'], {'loss_surface', 'loss_l1'}),
    ],
)
def test_a_step_changes_just_what_learns(learning, losses):
    changed, log = changed_by_a_step(build(), batch_of(), learning)
    assert changed == set(learning) and set(log) == losses


@pytest.mark.parametrize(
    'learning, name', [(STAGES[0], 'loss_surface'), (['generator'], 'loss_l1')]
)
def test_each_stage_learns(learning, name):
    model = build(discriminator=None)
    model.set_learning(learning)
    model.train()
    flat = torch.full((3, SIZE, SIZE), 200, dtype=torch.uint8)
    wrappers, batch = optimizers(model, 5e-3), batch_of(tgt_img=[flat] * 2)
    log = [model.train_step(batch, wrappers)[name] for _ in range(20)]
    assert log[-1] < 0.7 * log[0]


def test_the_surface_is_judged_on_the_body_alone():
    model = build()
    inputs = inputs_of(model)
    copied = model.copy_surface(inputs, model.predict_flow(inputs))
    made = torch.rand_like(inputs['tgt_img'])
    got = model.surface_losses(made, copied, inputs)['loss_surface']
    body = (inputs['fit_visibility'] != BACKGROUND).expand_as(made)
    error = (made - inputs['tgt_img']).abs()[body].sum() / made.numel()
    assert_near(got, error)


def test_the_picture_does_not_train_the_surface():
    model = build(discriminator=None)
    model.set_learning(['surface_net', 'generator'])
    model.train()
    *_, (name, losses) = model.updates(inputs_of(model))
    assert name == 'generator'
    sum(losses.values()).backward()
    assert all(p.grad is None for p in model.surface_net.parameters())
    assert all(p.grad is not None for p in model.generator.parameters())


def test_bodies_need_no_training_and_the_surface_does():
    assert build().needed_by(STAGES[1]) == {'surface_net'}
    assert build().looks_at('ref_person')


@pytest.mark.parametrize(
    'changes, message',
    [
        (dict(generator=None), "need a 'generator'"),
        (dict(loss_gan=None), "needs a 'loss_gan'"),
    ],
)
def test_a_critic_without_what_it_needs_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        build(**changes)


def test_the_second_network_begins_with_the_rendering():
    model = build()
    model.set_learning(['generator'])
    results = model.transfer(inputs_of(model))
    person = results['pred_person']
    body = results['generated_img'] != results['background_img']
    assert (person[body[:, :1]] > 0.9).all()
    wanted = torch.lerp(
        results['background_img'], results['generated_img'], person
    )
    on_body = body.any(1, keepdim=True).expand_as(wanted)
    torch.testing.assert_close(
        results['pred_img'][on_body], wanted[on_body], rtol=0, atol=0.05
    )
