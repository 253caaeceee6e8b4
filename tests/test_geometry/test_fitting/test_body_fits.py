"""Fits: their file, their cameras, their vertices."""

import dataclasses

import numpy as np
import pytest
from test_geometry.bodies import random_body
from test_geometry.fitted_people import free_body

from mmposetransfer.geometry import BodyModel, WeakPerspectiveCamera
from mmposetransfer.geometry.fitting import (
    BodyFits,
    FitProjector,
    body_name,
    load_fits,
    save_fits,
)


def random_fits(body, count=5, distance=4.0, seed=0):
    rng = np.random.default_rng(seed)

    def reals(*shape, scale=0.3):
        return rng.normal(0, scale, (count, *shape)).astype(np.float32)

    camera = np.column_stack(
        [
            rng.uniform(90, 200, count),
            rng.uniform(80, 160, (count, 2)),
            np.full(count, distance),
        ]
    ).astype(np.float32)
    errors = np.abs(reals(18, scale=3))
    errors[:, 4] = np.nan
    names = np.array([f'höhe/person{n}.jpg' for n in range(count)], object)
    return BodyFits(
        names,
        reals(body.num_betas),
        reals(69),
        reals(3, scale=1),
        camera,
        np.tile(np.int32([256, 176]), (count, 1)),
        errors,
        np.linspace(3, 200, count).astype(np.float32),
        np.arange(count) < 4,
        body_name(body),
    )


def test_a_file_holds_them(tmp_path):
    fits = random_fits(free_body())
    path = tmp_path / 'deep' / 'fits.npz'
    save_fits(path, fits)
    read = load_fits(path)
    assert read.body == fits.body
    assert read.names.tolist() == fits.names.tolist()
    for field in dataclasses.fields(BodyFits)[1:-1]:
        there, back = getattr(fits, field.name), getattr(read, field.name)
        assert back.dtype == there.dtype
        np.testing.assert_allclose(back, there, rtol=1e-3, atol=1e-4)
    for name in ('global_orient', 'camera', 'sizes', 'success', 'energy'):
        np.testing.assert_array_equal(getattr(read, name), getattr(fits, name))


def test_rounding_moves_nobody(tmp_path):
    fits = random_fits(free_body())
    save_fits(tmp_path / 'fits.npz', fits)
    projector = FitProjector(free_body())
    moved = projector(load_fits(tmp_path / 'fits.npz')) - projector(fits)
    assert np.abs(moved[..., :2]).max() < 0.25  # pixels


def test_a_person_takes_less_than_a_kilobyte(tmp_path):
    save_fits(tmp_path / 'fits.npz', random_fits(free_body(), 1000))
    assert (tmp_path / 'fits.npz').stat().st_size < 300 * 1000


def test_nobody_at_all(tmp_path):
    none = random_fits(free_body())[:0]
    save_fits(tmp_path / 'fits.npz', none)
    assert len(load_fits(tmp_path / 'fits.npz')) == 0
    assert FitProjector(free_body())(none).shape == (
        0,
        free_body().num_vertices,
        3,
    )


def test_choosing_and_joining():
    fits = random_fits(free_body())
    assert fits[2].names.tolist() == [fits.names[2]]
    np.testing.assert_array_equal(
        fits['höhe/person3.jpg'].betas[0], fits.betas[3]
    )
    assert len(fits[fits.success]) == 4
    both = BodyFits.concatenate([fits[:2], fits[2:]])
    np.testing.assert_array_equal(both.camera, fits.camera)
    with pytest.raises(KeyError, match='nobody'):
        fits.index('nobody')
    with pytest.raises(ValueError, match='one body'):
        BodyFits.concatenate([fits, dataclasses.replace(fits, body='x')])


def test_mean_errors_leave_missing_joints_out():
    fits = random_fits(free_body())
    np.testing.assert_allclose(
        fits.mean_errors(), np.nanmean(fits.errors, 1), rtol=1e-6
    )
    fits.errors[0] = np.nan
    assert np.isnan(fits.mean_errors()[0])


@pytest.mark.parametrize('distance', [4.0, np.inf])
@pytest.mark.parametrize('corrective', [False, True])
def test_vertices_are_those_of_smplx(tmp_path, distance, corrective):
    body = free_body()
    if corrective:
        np.savez(tmp_path / 'body.npz', **random_body())
        body = BodyModel(tmp_path / 'body.npz')
    fits = random_fits(body, 3, distance)
    vertices = FitProjector(body)(fits, [2, 0])
    output = body.forward(fits.betas, fits.body_pose, fits.global_orient)
    for place, row in enumerate([2, 0]):
        camera = fits.camera_of(row)
        assert isinstance(camera, WeakPerspectiveCamera) == np.isinf(distance)
        expected = camera.project(output.vertices[row])
        # the projector's depth starts at the world's origin
        expected[:, 2] = -output.vertices[row, :, 2]
        np.testing.assert_allclose(vertices[place], expected, atol=2e-3)


def test_fits_of_another_body_are_refused():
    fits = dataclasses.replace(random_fits(free_body()), body='SMPL:6890:10')
    with pytest.raises(ValueError, match='SMPL:6890:10'):
        FitProjector(free_body())(fits)


def changed(tmp_path, **arrays):
    """A file of fits with other arrays; None leaves one out."""
    path = tmp_path / 'fits.npz'
    save_fits(path, random_fits(free_body()))
    with np.load(path) as file:
        content = {**dict(file), **arrays}
    np.savez(path, **{k: v for k, v in content.items() if v is not None})
    return path


@pytest.mark.parametrize(
    'arrays, message',
    [
        (dict(betas=None), "no key 'betas'"),
        (dict(version=7), 'version 1'),
        (
            dict(body_pose=np.zeros((5, 72), np.float16)),
            "'body_pose' should be",
        ),
        (dict(energy=np.zeros(4, np.float32)), "'energy' should be"),
        (
            dict(betas=np.full((5, 10), np.nan, np.float16)),
            "'betas' holds NaN",
        ),
        (dict(camera=np.zeros((5, 4), np.float32)), 'not positive'),
        (
            dict(camera=np.full((5, 4), np.nan, np.float32)),
            "'camera' holds NaN",
        ),
        (dict(success=np.zeros(5)), "'success' should be"),
        (dict(names=np.arange(5)), "'names'"),
        (dict(names=np.array([{}], object)), "'names' cannot be read"),
    ],
)
def test_broken_files(tmp_path, arrays, message):
    with pytest.raises(ValueError, match=message) as error:
        load_fits(changed(tmp_path, **arrays))
    assert 'fits.npz' in str(error.value)


def test_files_that_are_none(tmp_path):
    with pytest.raises(FileNotFoundError, match='nowhere'):
        load_fits(tmp_path / 'nowhere.npz')
    path = changed(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match='no .npz file of fits'):
        load_fits(path)
