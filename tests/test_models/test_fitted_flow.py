"""FittedFlow: fits in the place of a flow regressor."""

import numpy as np
import pytest
import torch
from closeness import assert_near, assert_same_classes
from known_fits import known_fits
from smallest_models import FLOW_UNET, UNET

from mmposetransfer.errors import UserValueError
from mmposetransfer.geometry import FlowSynthesizer
from mmposetransfer.models import (
    DIPT,
    Canvas,
    FittedFlow,
    PoseTransferDataPreprocessor,
    warp_image,
)

SIZE = (64, 64)
GENERATOR = dict(type='DualPathGenerator', num_warp_levels=1, **UNET)
REGRESSOR = dict(type='FlowRegressor', backbone=FLOW_UNET)


@pytest.fixture(scope='module')
def truth():
    """People whose poses and flow are known."""
    return FlowSynthesizer(known_fits(4, SIZE))


@pytest.fixture(scope='module')
def poses(truth):
    poses = torch.from_numpy(np.stack([truth.keypoints(n) for n in range(4)]))
    return poses[[0, 0, 2]], poses[[1, 3, 1]]


@pytest.fixture(scope='module')
def fitted():
    return FittedFlow(margin=0)


@pytest.fixture(scope='module')
def prediction(fitted, poses):
    return fitted(*poses, SIZE)


def nobody(poses):
    """The second pair's target has two joints."""
    ref, tgt = poses[0].clone(), poses[1].clone()
    tgt[1, 2:, 2] = 0
    return ref, tgt


def test_flow_is_near_that_of_the_bodies(truth, prediction):
    assert prediction.trusted.all()
    for n, (ref, tgt) in enumerate([(0, 1), (0, 3), (2, 1)]):
        flow, visibility = truth(ref, tgt)
        same = visibility == prediction.visibility[n].numpy()
        assert same.mean() > 0.9
        both = (visibility[0] == 0) & same[0]
        error = np.abs(flow - prediction.flow[n].numpy())[:, both]
        assert np.median(error) < 1


def test_logits_say_the_class(prediction):
    likely = prediction.logits.argmax(1, keepdim=True)
    assert torch.equal(likely.to(torch.uint8), prediction.visibility)


def test_a_batch_is_its_pairs(prediction, poses):
    for n in range(3):
        ref, tgt = (pose[n : n + 1] for pose in poses)
        one = FittedFlow(margin=0)(ref, tgt, SIZE)
        # Rounding may move a pixel at an outline.
        both = (one.visibility < 2) & (prediction.visibility[n : n + 1] < 2)
        both = both.expand(-1, 2, -1, -1)
        torch.testing.assert_close(
            one.flow[both],
            prediction.flow[n : n + 1][both],
            atol=0.05,
            rtol=0,
        )
        same = one.visibility == prediction.visibility[n : n + 1]
        assert same.float().mean() > 0.99


def test_what_lies_outside_of_the_frame_is_invisible(fitted, poses):
    """Also with a border: the frame is the picture, not the canvas."""
    ref = poses[0][:1] + torch.tensor([30.0, 0, 0])  # its right half is out
    alone = fitted(ref, poses[1][:1], SIZE)
    columns = torch.arange(64) + alone.flow[:, 0]
    beyond = (alone.visibility[:, 0] < 2) & (columns >= 63.5)
    assert beyond.any() and (alone.visibility[:, 0][beyond] == 1).all()
    border = torch.tensor([16.0, 8, 0])
    canvas = Canvas((64, 64), (16, 8, 64, 64), (80, 96))
    padded = fitted(
        ref + border, poses[1][:1] + border, canvas.size, canvas=canvas
    )
    cut = (..., slice(8, 72), slice(16, 80))
    assert_same_classes(padded.visibility[cut], alone.visibility)
    both = (padded.visibility[cut] < 2) & (alone.visibility < 2)
    both = both.expand(-1, 2, -1, -1)
    torch.testing.assert_close(
        padded.flow[cut][both], alone.flow[both], atol=0.05, rtol=0
    )
    border = padded.visibility.clone()
    border[cut] = 2
    assert (border == 2).all()
    border = padded.surface.clone()
    border[cut] = 0
    assert (border == 0).all()


def test_bodies_are_fitted_to_what_was_not_stretched(fitted, poses):
    """And what they say is stretched as all else is."""
    canvas = Canvas.of(SIZE, (64, 96), divisor=40)
    joints = dict(ref_keypoints=poses[0], tgt_keypoints=poses[1])
    wide = fitted(*canvas.place(joints).values(), canvas.size, canvas=canvas)
    found = canvas.restore_predictions(
        dict(pred_flow=wide.flow, pred_visibility=wide.visibility)
    )
    alone = fitted(*poses, SIZE)
    same = found['pred_visibility'] == alone.visibility
    assert same.float().mean() > 0.99
    both = ((alone.visibility < 2) & same).expand(-1, 2, -1, -1)
    assert both.any()
    torch.testing.assert_close(
        found['pred_flow'][both], alone.flow[both], atol=0.05, rtol=0
    )


@pytest.mark.parametrize('name', ['ref_person', 'ref_frame'])
def test_visible_points_lie_on_the_person(fitted, poses, prediction, name):
    share = torch.zeros(3, 1, *SIZE)
    share[..., :30, :] = 1
    limited = fitted(*poses, SIZE, **{name: share})
    rows = torch.arange(64)[:, None] + prediction.flow[:, 1]
    visible = prediction.visibility[:, 0] == 0
    below = visible & (rows > 30)
    assert below.any() and (limited.visibility[:, 0][below] == 1).all()
    above = visible & (rows < 28.9)
    assert above.any() and (limited.visibility[:, 0][above] == 0).all()


def test_flow_goes_on_and_visibility_does_not(poses, prediction):
    wide = FittedFlow(margin=0.05)(*poses, SIZE)
    assert torch.equal(wide.visibility, prediction.visibility)
    beyond = (wide.visibility == 2) & (wide.flow != 0).any(1, keepdim=True)
    assert beyond.sum() > 100
    on_body = (wide.visibility < 2).expand_as(wide.flow)
    assert torch.equal(wide.flow[on_body], prediction.flow[on_body])


def test_nothing_is_copied_of_a_body_that_is_not_trusted(
    fitted, poses, prediction, monkeypatch
):
    told = []
    monkeypatch.setattr(
        'mmposetransfer.models.flow_heads.fitted_flow.print_log',
        lambda message, *_: told.append(message),
    )
    doubtful = fitted(*nobody(poses), SIZE)
    assert doubtful.trusted.tolist() == [True, False, True]
    assert (doubtful.visibility[1] == 2).all() and not doubtful.flow[1].any()
    assert (doubtful.twin_visibility[1] == 2).all()
    for n in (0, 2):
        assert torch.equal(doubtful.flow[n], prediction.flow[n])
    assert 'target of pair 1' in told[0] and 'too few joints' in told[0]


def test_a_trained_regressor_takes_over_what_is_not_trusted(poses, prediction):
    trained = DIPT(flow_regressor=REGRESSOR).eval()
    model = DIPT(
        flow_regressor=dict(type='FittedFlow', margin=0, fallback=REGRESSOR)
    )
    # Its weights are those of a model without fits.
    model.load_state_dict(trained.state_dict())
    ref, tgt = nobody(poses)
    batch = dict(
        inputs=dict(
            ref_keypoints=ref,
            tgt_keypoints=tgt,
            ref_img=torch.zeros(3, 3, *SIZE, dtype=torch.uint8),
        )
    )
    inputs = model.data_preprocessor(batch)['inputs']
    mixed = model.eval().predict_flow(inputs)
    with torch.no_grad():
        other = trained.predict_flow(inputs)
    for name in ('flow', 'visibility', 'logits'):
        assert_near(getattr(mixed, name)[1], getattr(other, name)[1])
    # In another batch, a fit differs by rounding.
    assert_near(mixed.flow[0], prediction.flow[0], steps=4096)


def test_without_a_generator_the_picture_is_the_warped_one(poses, prediction):
    model = DIPT(flow_regressor=dict(type='FittedFlow', margin=0)).eval()
    image = torch.randint(0, 256, (3, 3, *SIZE), dtype=torch.uint8)
    batch = dict(
        inputs=dict(
            ref_img=image, ref_keypoints=poses[0], tgt_keypoints=poses[1]
        )
    )
    inputs = PoseTransferDataPreprocessor()(batch)['inputs']
    assert_near(
        model(inputs),
        warp_image(inputs['ref_img'], prediction.flow, prediction.visibility),
    )
    sample = model(inputs, mode='predict')[0]
    assert sample.pred_twin_flow.shape == (2, *SIZE)
    assert not list(model.flow_regressor.parameters())


def test_fits_that_the_data_bring_are_taken(fitted, poses):
    brought = dict(
        fit_flow=torch.full((3, 2, *SIZE), 3.0),
        fit_visibility=torch.zeros(3, 1, *SIZE, dtype=torch.uint8),
        twin_flow=torch.full((3, 2, *SIZE), -2.0),
        twin_visibility=torch.ones(3, 1, *SIZE, dtype=torch.uint8),
        near_flow=torch.full((3, 2, *SIZE), 4.0),
        near_trust=torch.full((3, 1, *SIZE), 0.5),
    )
    brought['fit_visibility'][2] = 2
    taken = fitted(*poses, SIZE, **brought)
    assert torch.equal(taken.flow, brought['fit_flow'])
    assert torch.equal(taken.twin_visibility, brought['twin_visibility'])
    assert torch.equal(taken.near_flow, brought['near_flow'])
    assert torch.equal(taken.near_trust, brought['near_trust'])
    assert taken.trusted.tolist() == [True, True, False]


def test_it_never_learns_and_needs_no_training():
    model = DIPT(flow_regressor=dict(type='FittedFlow'), generator=GENERATOR)
    assert model.needed_by(['generator']) == set()
    model.set_learning(['generator'])
    with pytest.raises(UserValueError, match='FittedFlow, which learns no'):
        model.set_learning(['flow_regressor'])
    with_weights = DIPT(
        flow_regressor=dict(type='FittedFlow', fallback=REGRESSOR),
        generator=GENERATOR,
    )
    assert with_weights.needed_by(['generator']) == {'flow_regressor'}


def test_a_generator_learns_from_its_flow(poses):
    model = DIPT(
        flow_regressor=dict(type='FittedFlow'),
        generator=GENERATOR,
    )
    model.set_learning(['generator'])
    image = torch.randint(0, 256, (3, 3, *SIZE), dtype=torch.uint8)
    inputs = model.data_preprocessor(
        dict(
            inputs=dict(
                ref_img=image,
                tgt_img=image,
                ref_keypoints=poses[0],
                tgt_keypoints=poses[1],
            )
        )
    )['inputs']
    losses = model.train()(inputs, mode='loss')
    sum(losses.values()).backward()
    grads = [p.grad for p in model.generator.parameters()]
    assert all(g is not None and g.isfinite().all() for g in grads)


def test_a_negative_margin_is_refused():
    with pytest.raises(UserValueError, match='margin'):
        FittedFlow(margin=-1)
