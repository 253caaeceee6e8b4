"""Fitting in parts: killed and resumed, or by several processes."""

import numpy as np
import pytest
from test_geometry.fitted_people import free_fitter, people

from mmposetransfer.geometry.fitting import load_fits
from mmposetransfer.geometry.fitting.fit_job import fit_to_file

COUNT = 7


@pytest.fixture(scope='module')
def job():
    return dict(
        keypoints=people(COUNT)[0],
        batch_size=3,
        sizes=(256, 176),
        names=[f'{n}.jpg' for n in range(COUNT)],
    )


@pytest.fixture(scope='module')
def whole(job, tmp_path_factory):
    """The file of a job that nothing happened to."""
    path = tmp_path_factory.mktemp('whole') / 'fits.npz'
    done = []
    fit_to_file(path, progress=done.append, **job)
    assert done == [3, 6, 7]
    return path


def test_holds_what_the_fitter_finds(job, whole):
    fits = load_fits(whole)
    assert fits.names.tolist() == job['names']
    assert fits.sizes[0].tolist() == [256, 176]
    expected = free_fitter()(job['keypoints'][:3])
    assert abs(fits.body_pose[:3] - expected.body_pose).max() < 2e-3
    assert [p.name for p in whole.parent.iterdir()] == ['fits.npz']


class Killed(Exception):  # noqa: N818
    pass


def kill(done):
    if done >= 3:
        raise Killed


def test_goes_on_where_it_was_killed(job, whole, tmp_path):
    path = tmp_path / 'fits.npz'
    with pytest.raises(Killed):
        fit_to_file(path, progress=kill, **job)
    assert not path.exists()
    parts = tmp_path / 'fits.npz.parts'
    first = parts / '000000000.npz'
    assert len(load_fits(first)) == 3
    time = first.stat().st_mtime_ns
    done = []

    def progress(count):
        done.append(count)
        assert first.stat().st_mtime_ns == time  # not made again

    fit_to_file(path, progress=progress, **job)
    assert done == [3, 6, 7]
    assert path.read_bytes() == whole.read_bytes()
    assert not parts.exists()


def test_parts_of_another_job_are_not_mixed_in(job, tmp_path):
    path = tmp_path / 'fits.npz'
    with pytest.raises(Killed):
        fit_to_file(path, progress=kill, **job)
    with pytest.raises(ValueError, match='other settings .*noise'):
        fit_to_file(path, noise=0.03, **job)
    assert not path.exists()


def test_several_processes_find_the_same(job, whole, tmp_path):
    """But for the rounding of other numbers of threads."""
    path = tmp_path / 'fits.npz'
    fit_to_file(path, workers=2, **job)
    got, wanted = load_fits(path), load_fits(whole)
    assert got.names.tolist() == wanted.names.tolist()
    for name in ('success', 'sizes'):
        assert getattr(got, name).tolist() == getattr(wanted, name).tolist()
    for name in ('betas', 'body_pose', 'global_orient', 'camera', 'errors'):
        # Half floats in the file, and an iteration that ends early.
        np.testing.assert_allclose(
            getattr(got, name), getattr(wanted, name), rtol=2e-3, atol=2e-3
        )


def test_nobody(tmp_path):
    fits = fit_to_file(tmp_path / 'fits.npz', people(1)[0][:0], [])
    assert len(fits) == 0
    assert len(load_fits(tmp_path / 'fits.npz')) == 0
