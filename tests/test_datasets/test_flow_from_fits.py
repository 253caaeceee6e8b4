"""Flow on the fly is the flow of the files."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from closeness import assert_near
from known_fits import all_pairs, known_fits

from mmposetransfer.datasets.flow_files import read_flow
from mmposetransfer.datasets.flow_truth import FlowJob, FlowMaker, plan_work
from mmposetransfer.datasets.listed_pictures import ListedPictures
from mmposetransfer.datasets.transforms import FlowFromFits
from mmposetransfer.geometry import FlowSynthesizer
from mmposetransfer.geometry.fitting import save_fits
from mmposetransfer.registry import TRANSFORMS


def pair(ref, tgt, size=(64, 64)):
    image = np.zeros((*size, 3), np.uint8)
    return dict(
        ref_id=f'person_{ref}',
        tgt_id=f'person_{tgt}',
        ref_img=image,
        tgt_img=image,
    )


@pytest.fixture
def fits_file(tmp_path):
    fits = known_fits(4)
    fits.success[3] = False
    save_fits(tmp_path / 'fits.npz', fits)
    return str(tmp_path / 'fits.npz')


def test_gives_what_the_files_hold(tmp_path, fits_file):
    transform = TRANSFORMS.build(
        dict(type='FlowFromFits', fits_file=fits_file, median=5)
    )
    job = FlowJob(transform.fits, str(tmp_path), median=5)
    work, _ = plan_work(all_pairs(3), transform.fits)
    FlowMaker(job, work)(0)
    for ref, tgt in ((0, 1), (2, 0)):
        results = transform(pair(ref, tgt))
        flow, visibility = read_flow(
            tmp_path / f'person_{tgt}_person_{ref}.corr'
        )
        np.testing.assert_array_equal(results['visibility'], visibility)
        np.testing.assert_allclose(
            results['flow'].clip(-64, 64), flow, atol=1e-4
        )


def test_parts_and_joints_lie_on_the_body(fits_file):
    results = FlowFromFits(fits_file, with_keypoints=True)(pair(0, 1))
    body = results['visibility'][0] != 2
    np.testing.assert_array_equal(results['tgt_parts'] > 0, body)
    assert results['ref_parts'].shape == (64, 64)
    for side in ('ref', 'tgt'):
        keypoints = results[f'{side}_fitted_keypoints']
        inside = keypoints[keypoints[:, 2] > 0]
        column, row = np.rint(inside[:, :2].T).astype(int)
        on_body = results[f'{side}_parts'][row, column] > 0
        assert len(inside) > 8 and on_body.mean() > 0.8
    assert 'ref_fitted_keypoints' not in FlowFromFits(fits_file)(pair(0, 1))


def test_follows_pictures_to_another_size(fits_file):
    small = FlowFromFits(fits_file)(pair(0, 1))
    large = FlowFromFits(fits_file)(pair(0, 1, (128, 128)))
    # Every second pixel shows nearly the same point, twice as far.
    half = large['flow'][:, ::2, ::2] / 2
    both = (small['visibility'][0] == 0) & (
        large['visibility'][0, ::2, ::2] == 0
    )
    error = np.abs(half - small['flow']).max(0)[both]
    assert both.sum() > 300 and np.median(error) < 0.5


def test_sizes_may_alternate(fits_file):
    transform = FlowFromFits(fits_file)
    first = transform(pair(0, 1))['flow']
    assert transform(pair(0, 1, (128, 96)))['flow'].shape == (2, 128, 96)
    assert_near(transform(pair(0, 1))['flow'], first)


@pytest.mark.parametrize('tgt', [3, 9])
def test_without_a_trusted_fit_all_is_background(fits_file, tgt):
    results = FlowFromFits(fits_file, with_keypoints=True)(pair(0, tgt))
    assert (results['visibility'] == 2).all() and not results['flow'].any()
    assert not results['ref_parts'].any() and not results['tgt_parts'].any()
    with pytest.raises(ValueError, match=f"fit of 'person_{tgt}'"):
        FlowFromFits(fits_file, missing='error')(pair(0, tgt))


def test_is_sent_to_workers(fits_file):
    transform = FlowFromFits(fits_file)
    expected = transform(pair(0, 1))
    got = pickle.loads(pickle.dumps(transform))(pair(0, 1))
    assert_near(got['flow'], expected['flow'])


def test_reads_several_files(tmp_path, fits_file):
    other = known_fits(2, seed=1)
    names = np.array(['person_8', 'person_9'], object)
    save_fits(tmp_path / 'more.npz', replace(other, names=names))
    transform = FlowFromFits([fits_file, tmp_path / 'more.npz'])
    assert (transform(pair(0, 9))['visibility'] != 2).any()


def test_pictures_of_a_data_set_are_looked_up_together(tmp_path):
    """By their names, which say more than ids; nobody gets another's fit."""
    fits = known_fits(3)
    names = ['x.jpg.png', 'anna/1.jpg', 'ben\\1.jpg']
    save_fits(
        tmp_path / 'fits.npz', replace(fits, names=np.array(names, object))
    )
    transform = FlowFromFits(tmp_path / 'fits.npz', missing='error')
    images = tmp_path / 'img'
    for name in (*names[:2], 'ben/1.jpg', '1.jpg'):
        path = images / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b'\xff\xd8\xff')
    listed = ListedPictures(['x.jpg.png', 'anna/1', 'ben/1', '1.jpg'], images)
    transform.find_fits(listed)
    image = np.zeros((64, 64, 3), np.uint8)
    synthesize = FlowSynthesizer(transform.fits)

    def made(ref, tgt):
        return transform(
            dict(
                ref_name=ref,
                tgt_name=tgt,
                ref_id='-',
                tgt_id='-',
                ref_img=image,
                tgt_img=image,
            )
        )['flow']

    np.testing.assert_array_equal(
        made('x.jpg.png', 'ben/1'), synthesize(0, 2)[0]
    )
    np.testing.assert_array_equal(
        made('anna/1', 'x.jpg.png'), synthesize(1, 0)[0]
    )
    with pytest.raises(ValueError, match="no fit of '1.jpg'"):
        made('anna/1', '1.jpg')
    save_fits(tmp_path / 'other.npz', fits)
    other = FlowFromFits(tmp_path / 'other.npz')
    with pytest.raises(ValueError, match="called 'person_0.jpg', .*'x.jpg.p"):
        other.find_fits(listed)


def test_mistakes_are_named(tmp_path, fits_file):
    with pytest.raises(FileNotFoundError, match='none.npz'):
        FlowFromFits(str(tmp_path / 'none.npz'))
    with pytest.raises(ValueError, match="'nothing'"):
        FlowFromFits(fits_file, missing='nothing')
    with pytest.raises(ValueError, match="'near'"):
        FlowFromFits(fits_file, rule='near')
