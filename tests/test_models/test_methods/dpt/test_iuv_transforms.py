"""Surface coordinates in the data: fitted, of fits, of DensePose's files."""

import cv2
import numpy as np
import pytest
import torch
from known_fits import known_fits

from mmposetransfer.datasets.transforms import (
    PackPoseTransferInputs,
    RandomFlipPair,
    move_target,
    shrink_pair,
)
from mmposetransfer.errors import UserValueError
from mmposetransfer.geometry import FlowSynthesizer, part_map
from mmposetransfer.geometry.fitting import save_fits
from mmposetransfer.models.methods.dpt import (
    FitIUV,
    IUVFromFits,
    LoadIUV,
    SurfaceCharts,
)
from mmposetransfer.registry import TRANSFORMS
from mmposetransfer.structures import PoseTransferDataSample
from mmposetransfer.visualization import make_panels

SIZE = (64, 64)
# The six body parts of the library, of DensePose's 24.
BODY_PARTS = np.array(
    [0, 2, 2, 4, 3, 5, 6, 6, 5, 6, 5, 6, 5, 6, 5, 3, 4, 3, 4, 3, 4, 3, 4, 1, 1]
)


@pytest.fixture(scope='module')
def people():
    return FlowSynthesizer(known_fits(2, SIZE))


@pytest.fixture(scope='module')
def pair(people):
    return dict(
        ref_id='person_0',
        tgt_id='person_1',
        ref_img=np.zeros((*SIZE, 3), np.uint8),
        tgt_img=np.zeros((*SIZE, 3), np.uint8),
        ref_keypoints=people.keypoints(0),
        tgt_keypoints=people.keypoints(1),
    )


@pytest.fixture(scope='module')
def fitted(pair):
    return FitIUV()(dict(pair))


def shown(people, row):
    return SurfaceCharts().iuv(people.raster(row))


def test_a_fit_shows_nearly_the_body_that_the_pose_is_of(people, fitted):
    for row, side in enumerate(('ref', 'tgt')):
        got, truth = fitted[f'{side}_iuv'], shown(people, row)
        parts = part_map(people.raster(row), people.projector.face_parts)
        either = (got[0] > 0) | (parts > 0)
        assert (BODY_PARTS[got[0]] == parts)[either].mean() > 0.6
        same = (got[0] == truth[0]) & (truth[0] > 0)
        off = np.abs(got[1:].astype(int) - truth[1:])[:, same]
        assert np.median(off) < 20  # of 255


def test_the_six_parts_of_the_library_are_those_of_the_24(people):
    parts = part_map(people.raster(0), people.projector.face_parts)
    np.testing.assert_array_equal(BODY_PARTS[shown(people, 0)[0]], parts)


def test_prepared_pairs_are_fitted_at_once(pair, fitted, monkeypatch):
    transform = FitIUV()
    transform.prepare([dict(pair)])
    fitter = transform.surface.fitter.fitter
    monkeypatch.setattr(type(fitter), '__call__', lambda *_, **__: 1 / 0)
    again = transform(dict(pair))
    for side in ('ref_iuv', 'tgt_iuv'):
        np.testing.assert_array_equal(again[side], fitted[side])


def test_without_poses_it_says_so():
    img = np.zeros((*SIZE, 3), np.uint8)
    with pytest.raises(KeyError, match='a -> b'):
        FitIUV()(dict(ref_id='a', tgt_id='b', tgt_img=img))


def test_who_cannot_be_fitted_has_no_surface(pair):
    nobody = np.zeros((18, 3), np.float32)
    results = FitIUV()(dict(pair, tgt_keypoints=nobody))
    assert results['ref_iuv'].any() and not results['tgt_iuv'].any()


def test_fits_on_disk_are_drawn(people, pair, tmp_path):
    save_fits(tmp_path / 'fits.npz', people.fits)
    transform = TRANSFORMS.build(
        dict(type='IUVFromFits', fits_file=str(tmp_path / 'fits.npz'))
    )
    results = transform(dict(pair))
    for row, side in enumerate(('ref', 'tgt')):
        got, wanted = results[f'{side}_iuv'], shown(people, row)
        assert (got == wanted).all(0).mean() > 0.95  # poses in half floats
    results = transform(dict(pair, tgt_id='somebody'))
    assert not results['tgt_iuv'].any()
    strict = IUVFromFits(str(tmp_path / 'fits.npz'), missing='error')
    with pytest.raises(ValueError, match="no fit of 'somebody'"):
        strict(dict(pair, tgt_id='somebody'))


# ---------------------------------------------------------------------- files


@pytest.fixture
def folder(fitted, tmp_path):
    """As DensePose writes them: part, u and v as blue, green and red."""
    for side in ('ref', 'tgt'):
        img = fitted[f'{side}_iuv'].transpose(1, 2, 0)
        cv2.imwrite(str(tmp_path / f'{fitted[f"{side}_id"]}_IUV.png'), img)
    return tmp_path


def test_files_of_densepose_are_read(pair, fitted, folder):
    results = LoadIUV(str(folder))(dict(pair))
    for side in ('ref_iuv', 'tgt_iuv'):
        np.testing.assert_array_equal(results[side], fitted[side])


def test_files_follow_the_size_of_the_pictures(pair, fitted, folder):
    narrow = np.zeros((64, 44, 3), np.uint8)
    pair = dict(pair, ref_img=narrow, tgt_img=narrow)
    results = LoadIUV(str(folder))(pair)
    np.testing.assert_array_equal(
        results['tgt_iuv'], fitted['tgt_iuv'][..., 10:54]
    )


def test_channels_in_another_order_are_told(pair, fitted, folder):
    with pytest.raises(UserValueError, match='parts_first=True'):
        LoadIUV(str(folder), parts_first=False)(dict(pair))
    for path in folder.glob('*.png'):
        cv2.imwrite(str(path), cv2.imread(str(path))[..., ::-1])
    with pytest.raises(UserValueError, match='parts_first=False'):
        LoadIUV(str(folder))(dict(pair))
    results = LoadIUV(str(folder), parts_first=False)(dict(pair))
    np.testing.assert_array_equal(results['ref_iuv'], fitted['ref_iuv'])


def test_missing_files_are_named(pair, folder):
    with pytest.raises(ValueError, match="surface of the image 'somebody'"):
        LoadIUV(str(folder))(dict(pair, tgt_id='somebody'))
    with pytest.raises(ValueError, match='NAME_dp.png'):
        LoadIUV(str(folder), suffix='_dp')


def test_files_of_any_ending_and_one_a_photograph(pair, fitted, folder):
    path = folder / f'{fitted["ref_id"]}_IUV'
    path.with_suffix('.png').rename(path)  # its content tells
    results = LoadIUV(str(folder))(dict(pair))
    np.testing.assert_array_equal(results['ref_iuv'], fitted['ref_iuv'])
    path.with_suffix('.bmp').write_bytes(b'another one')
    with pytest.raises(UserValueError, match='IUV.bmp.*are both of the photo'):
        LoadIUV(str(folder))


# ---------------------------------------------------------------- as a field


def test_it_travels_as_whole_numbers(fitted):
    inputs = PackPoseTransferInputs(keys=('ref_iuv',))(fitted)['inputs']
    np.testing.assert_array_equal(inputs['ref_iuv'], fitted['ref_iuv'])
    half = shrink_pair(fitted, 2)['ref_iuv']
    np.testing.assert_array_equal(half, fitted['ref_iuv'][:, 1::2, 1::2])
    moved = move_target(fitted, (3, 0))['tgt_iuv']
    np.testing.assert_array_equal(moved[..., 3:], fitted['tgt_iuv'][..., :-3])


def test_its_parts_are_drawn(fitted):
    sample = PoseTransferDataSample()
    sample.tgt_iuv = torch.from_numpy(fitted['tgt_iuv'])
    drawn = make_panels(sample, ('tgt_iuv',), scale=1)['tgt_iuv']
    colours = np.unique(drawn.reshape(-1, 3), axis=0)
    assert len(colours) == len(np.unique(fitted['tgt_iuv'][0]))


def test_a_mirror_behind_it_is_refused(fitted):
    with pytest.raises(ValueError, match="'ref_iuv'.*before the transform"):
        RandomFlipPair(prob=1)(fitted)
