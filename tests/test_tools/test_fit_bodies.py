"""The command that fits bodies to a keypoint file."""

import json

import cv2
import numpy as np
import pytest
from test_geometry.fitted_people import people

from mmposetransfer.cli.fit_bodies import main, read_people
from mmposetransfer.datasets.keypoint_files import CSV_HEADER
from mmposetransfer.geometry.fitting import load_fits

NAMES = ['a.png', 'b.png']


@pytest.fixture
def folder(tmp_path):
    """Pictures and their keypoints, as CSV and as OpenPose has them."""
    keypoints = people(2)[0]
    lines = [CSV_HEADER]
    (tmp_path / 'images').mkdir()
    (tmp_path / 'openpose').mkdir()
    for name, person in zip(NAMES, keypoints, strict=True):
        xs, ys = person[:, :2].T.round(1).tolist()
        lines.append(f'{name}:{json.dumps(ys)}:{json.dumps(xs)}')
        cv2.imwrite(str(tmp_path / 'images' / name),
                    np.full((256, 200, 3), 255, np.uint8))
        stem = name.split('.')[0]
        nobody = dict(pose_keypoints_2d=[0] * 54)
        weak = person.copy()
        weak[0, 2] = 0.05
        (tmp_path / 'openpose' / f'{stem}_keypoints.json').write_text(
            json.dumps(dict(people=[
                nobody, dict(pose_keypoints_2d=weak.ravel().tolist())])))
    (tmp_path / 'poses.csv').write_text('\n'.join(lines))
    return tmp_path


def run(folder, *arguments):
    main([str(folder / 'poses.csv'), str(folder / 'fits.npz'), *arguments])


def test_fits_and_draws(folder, capsys):
    run(folder, '--images', str(folder / 'images'),
        '--overlay', str(folder / 'drawn'))
    fits = load_fits(folder / 'fits.npz')
    assert fits.names.tolist() == NAMES
    assert fits.success.all() and fits.mean_errors().max() < 2
    assert fits.sizes.tolist() == [[256, 200]] * 2
    assert '2 people, 2 fitted' in capsys.readouterr().out
    drawn = cv2.imread(str(folder / 'drawn' / 'a.png'))
    assert drawn.shape == (256, 200, 3)
    covered = (drawn != 255).any(2)
    assert 0.03 < covered.mean() < 0.5
    x, y = people(2)[0][0, 1, :2].round().astype(int)  # the neck
    assert covered[y, x]


def test_nothing_is_replaced_unasked(folder):
    (folder / 'fits.npz').write_text('mine')
    with pytest.raises(SystemExit, match='--overwrite'):
        run(folder)
    assert (folder / 'fits.npz').read_text() == 'mine'
    run(folder, '--overwrite', '--size', '256', '200')
    assert len(load_fits(folder / 'fits.npz')) == 2


def test_reads_folders_of_openpose_and_its_least_score(folder):
    found = read_people(folder / 'openpose')
    assert list(found) == ['a', 'b']
    assert found['a'][0, 2] == 0 and found['a'][1, 2] == 1
    everybody = read_people(folder / 'openpose', True, 0)
    assert list(everybody) == ['a#0', 'a#1', 'b#0', 'b#1']
    assert everybody['a#1'][0, 2] > 0
    one = read_people(folder / 'openpose' / 'b_keypoints.json')
    np.testing.assert_array_equal(one['b'], found['b'])


@pytest.mark.parametrize('arguments, message', [
    (['--overlay', 'drawn'], 'needs --images'),
    (['--images', 'nowhere'], "no folder 'nowhere'"),
    (['--body', 'smpl.npz'], 'smpl.npz'),
])
def test_mistakes_are_told_plainly(folder, arguments, message):
    with pytest.raises(SystemExit, match=message):
        run(folder, *arguments)
    assert not (folder / 'fits.npz').exists()


def test_a_missing_image_is_named(folder):
    (folder / 'images' / 'b.png').unlink()
    with pytest.raises(SystemExit, match='b.png'):
        run(folder, '--images', str(folder / 'images'))


def test_a_file_of_nobody(tmp_path):
    (tmp_path / 'poses.csv').write_text(CSV_HEADER)
    with pytest.raises(SystemExit, match='nobody'):
        main([str(tmp_path / 'poses.csv'), str(tmp_path / 'fits.npz')])
