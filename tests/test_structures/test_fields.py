"""The table of what a pair may hold, from a dataset to a data sample."""

import numpy as np
import pytest
import torch
from closeness import assert_near
from synthetic_batch import make_batch

from mmposetransfer.datasets.image_sizes import fit_field
from mmposetransfer.datasets.transforms import (
    PackPoseTransferInputs,
    RandomAffineTarget,
    mirror_pair,
    move_target,
)
from mmposetransfer.geometry.skeletons import SKELETONS
from mmposetransfer.models import (
    BaseTransferer,
    PoseTransferDataPreprocessor,
    flow_warp,
)
from mmposetransfer.structures import (
    FIELDS,
    PoseTransferDataSample,
    register_field,
)
from mmposetransfer.visualization import make_panels


@pytest.fixture
def normals():
    """Somebody's own field: a map of three channels on the target."""
    field = register_field('tgt_normals', 'soft_map', 'tgt', fill=-1)
    yield field
    del FIELDS['tgt_normals']


@pytest.fixture
def labels():
    field = register_field(
        'tgt_clothes', 'class_map', 'tgt', fill=9, swap=((1, 2),)
    )
    yield field
    del FIELDS['tgt_clothes']


def pair(height=24, width=20, seed=0):
    rng = np.random.default_rng(seed)
    joints = rng.uniform(2, 18, (18, 3)).astype(np.float32)
    shape = (height, width)
    return dict(
        ref_img=rng.integers(0, 256, (*shape, 3), np.uint8),
        tgt_img=rng.integers(0, 256, (*shape, 3), np.uint8),
        ref_keypoints=joints,
        tgt_keypoints=joints + 1,
        tgt_normals=rng.uniform(-1, 1, (3, *shape)).astype(np.float32),
        tgt_clothes=rng.integers(0, 5, shape, np.uint8),
    )


class Copies(BaseTransferer):
    """Predicts the reference, and the map that it was given."""

    def transfer(self, inputs):
        return dict(pred_img=inputs['ref_img'])

    def updates(self, inputs):
        yield from ()


def test_a_field_of_ones_own_travels_from_dataset_to_sample(normals, labels):
    data = pair()
    packed = PackPoseTransferInputs()(data)
    assert_near(packed['inputs']['tgt_normals'].numpy(), data['tgt_normals'])
    batch = dict(
        inputs={key: [value] for key, value in packed['inputs'].items()}
    )
    inputs = PoseTransferDataPreprocessor(pad_size_divisor=16)(batch)['inputs']
    assert inputs['canvas'].box == (6, 4, 20, 24)
    for key, fill in (('tgt_normals', -1), ('tgt_clothes', 9)):
        canvas = inputs[key]
        assert canvas.shape[-2:] == (32, 32)
        assert_near(
            canvas[0, :, 4:28, 6:26].numpy(), data[key].reshape(-1, 24, 20)
        )
        assert (canvas[..., :4, :] == fill).all()
    (sample,) = Copies().predict(inputs)
    assert_near(sample.tgt_normals.numpy(), data['tgt_normals'])
    assert_near(sample.tgt_clothes[0].numpy(), data['tgt_clothes'])


def test_it_is_moved_with_the_target(normals, labels):
    data = pair()
    moved = move_target(data, (3, -2))
    for key, fill in (('tgt_normals', -1), ('tgt_clothes', 9)):
        old, new = data[key], moved[key]
        assert new.dtype == old.dtype and new.shape == old.shape
        np.testing.assert_allclose(
            new[..., :-2, 3:], old[..., 2:, :-3], atol=1e-5
        )
        assert (new[..., -2:, :] == fill).all()
        assert (new[..., :3] == fill).all()
    assert_near(
        moved['tgt_keypoints'][:, :2],
        data['tgt_keypoints'][:, :2] + np.float32([3, -2]),
    )
    assert_near(moved['ref_keypoints'], data['ref_keypoints'])
    RandomAffineTarget(max_scale=1.2)(data)


def test_it_is_brought_to_another_size(normals, labels):
    data = pair(32, 32)
    for size in ((64, 64), (64, 44), (32, 22)):
        assert fit_field(normals, data['tgt_normals'], size).shape == (
            3,
            *size,
        )
        classes = fit_field(labels, data['tgt_clothes'], size)
        assert classes.shape == size
        assert set(np.unique(classes)) <= set(range(5))
    # Twice the size of labels repeats them.
    assert_near(
        fit_field(labels, data['tgt_clothes'], (64, 64)),
        data['tgt_clothes'].repeat(2, 0).repeat(2, 1),
    )
    with pytest.raises(ValueError, match='fit_flow'):
        fit_field(FIELDS['flow'], data['tgt_normals'][:2], (64, 64))


def test_it_is_drawn(normals, labels):
    """As a panel of its own name: a colour for each class, and for none."""
    sample = PoseTransferDataSample()
    sample.tgt_clothes = torch.zeros(1, 8, 8, dtype=torch.uint8)
    sample.tgt_clothes[:, :4] = 2
    sample.tgt_normals = torch.linspace(0, 1, 192).reshape(3, 8, 8)
    drawn = make_panels(sample, ('tgt_clothes', 'tgt_normals'), scale=1)
    assert list(drawn) == ['tgt_clothes', 'tgt_normals']
    clothes = drawn['tgt_clothes'].reshape(-1, 3)
    assert len(np.unique(clothes, axis=0)) == 2
    assert (clothes[0] != clothes[-1]).any()
    assert drawn['tgt_normals'].shape == (8, 8, 3)
    with pytest.raises(ValueError, match=r"'tgt_cloths'.*tgt_clothes"):
        make_panels(sample, ('tgt_cloths',))


def test_the_joints_of_a_mirror_are_the_skeletons():
    flips = np.arange(18)
    for left, right in FIELDS['ref_keypoints'].swap:
        flips[[left, right]] = flips[[right, left]]
    (openpose,) = (s for s in SKELETONS.values() if s.name == 'openpose18')
    assert_near(flips, np.array(openpose.flip_indices))


def test_a_mirrored_pair_still_agrees(labels):
    """Warping and mirroring can be exchanged; twice is as it was."""
    rng = np.random.default_rng(1)
    data = dict(
        pair(),
        flow=rng.normal(0, 3, (2, 24, 20)).astype(np.float32),
        visibility=rng.integers(0, 3, (1, 24, 20), np.uint8),
        tgt_parts=rng.integers(0, 7, (24, 20), np.uint8),
    )
    mirrored = mirror_pair(data)

    def warped(of):
        img = torch.from_numpy(of['ref_img'].transpose(2, 0, 1).copy()).float()
        flow = torch.from_numpy(of['flow'])
        return flow_warp(img[None], flow[None])[0].numpy()

    np.testing.assert_allclose(
        warped(mirrored), warped(data)[..., ::-1], atol=1e-2
    )
    assert_near(
        mirrored['ref_keypoints'][2, 0], 19 - data['ref_keypoints'][5, 0]
    )
    arms = {3: 4, 4: 3, 5: 6, 6: 5}
    wanted = np.vectorize(lambda part: arms.get(part, part))(data['tgt_parts'])
    assert_near(mirrored['tgt_parts'], wanted[:, ::-1].astype(np.uint8))
    clothes = np.vectorize(lambda c: {1: 2, 2: 1}.get(c, c))
    assert_near(
        mirrored['tgt_clothes'],
        clothes(data['tgt_clothes'])[:, ::-1].astype(np.uint8),
    )
    again = mirror_pair(mirrored)
    for key in data.keys() - {'tgt_normals'}:
        np.testing.assert_allclose(again[key], data[key], atol=1e-5)


def test_vectors_stay_as_they_are():
    labels = np.array([0, 1, 1], np.uint8)
    data = dict(pair(), attributes=labels)
    assert_near(mirror_pair(data)['attributes'], labels)
    packed = PackPoseTransferInputs(keys=('attributes',))(data)
    assert packed['inputs']['attributes'].dtype == torch.uint8


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (('tgt_x', 'picture', 'tgt'), 'kind'),
        (('tgt_x', 'image', 'both'), 'grid'),
        (('x', 'vector', 'tgt'), 'grid'),
        (('flow', 'image', 'tgt'), "a field 'flow' already, a flow"),
        (('gt_flow', 'image', 'tgt'), "a field 'gt_flow' already"),
    ],
)
def test_rows_that_do_not_fit_are_refused(arguments, message):
    before = dict(FIELDS)
    with pytest.raises(ValueError, match=message):
        register_field(*arguments)
    assert before == FIELDS


def test_the_same_row_twice_is_no_mistake(normals):
    assert register_field('tgt_normals', 'soft_map', 'tgt', fill=-1) == normals


def test_a_field_of_a_sample_is_a_tensor():
    sample = PoseTransferDataSample()
    with pytest.raises(AssertionError, match='Tensor'):
        sample.gt_img = np.zeros((3, 4, 4))
    sample.frames = 'anything'
    sample.gt_img = torch.zeros(3, 4, 4)
    assert sorted(sample.keys()) == ['frames', 'gt_img']


def test_predictions_of_unknown_kind_cannot_be_cropped():
    class Odd(Copies):
        def transfer(self, inputs):
            return dict(pred_img=inputs['ref_img'], odd=inputs['ref_img'])

    data = make_batch(1, 24)
    inputs = PoseTransferDataPreprocessor(pad_size_divisor=16)(data)['inputs']
    with pytest.raises(KeyError, match=r"\['odd'\].*register_field"):
        Odd().predict(inputs)
