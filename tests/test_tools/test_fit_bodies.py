"""The command that fits bodies to a keypoint file."""

import collections
import json
import pickle

import cv2
import numpy as np
import pytest
from test_geometry.fitted_people import people

from mmposetransfer.cli.fit_bodies import main, read_people
from mmposetransfer.datasets import write_keypoint_csv, write_openpose_json
from mmposetransfer.datasets.keypoints import CSV_HEADER
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
        cv2.imwrite(
            str(tmp_path / 'images' / name),
            np.full((256, 200, 3), 255, np.uint8),
        )
        stem = name.split('.')[0]
        nobody = dict(pose_keypoints_2d=[0] * 54)
        weak = person.copy()
        weak[0, 2] = 0.05
        (tmp_path / 'openpose' / f'{stem}_keypoints.json').write_text(
            json.dumps(
                dict(
                    people=[
                        nobody,
                        dict(pose_keypoints_2d=weak.ravel().tolist()),
                    ]
                )
            )
        )
    (tmp_path / 'poses.csv').write_text('\n'.join(lines))
    return tmp_path


def run(folder, *arguments):
    main([str(folder / 'poses.csv'), str(folder / 'fits.npz'), *arguments])


def test_fits_and_draws(folder, capsys):
    run(
        folder,
        '--images',
        str(folder / 'images'),
        '--overlay',
        str(folder / 'drawn'),
    )
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
    assert list(everybody) == ['a#1', 'b#1']  # the first is nobody
    assert everybody['a#1'][0, 2] > 0
    one = read_people(folder / 'openpose' / 'b_keypoints.json')
    np.testing.assert_array_equal(one['b'], found['b'])


@pytest.mark.parametrize(
    'arguments, message',
    [
        (['--overlay', 'drawn'], 'needs --images'),
        (['--images', 'nowhere'], "no folder 'nowhere'"),
        (['--body', 'smpl.npz'], 'smpl.npz'),
        (['--min-score', '-1'], '--min-score must be'),
    ],
)
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


def test_the_paper_s_pickle_and_pictures_of_nobody(tmp_path, capsys):
    person = people(1)[0][0]
    table = collections.OrderedDict(
        a=person[:, :2].tolist(), b=[[-1, -1]] * 18
    )
    path = tmp_path / 'pose_label.pkl'
    path.write_bytes(pickle.dumps(table, 2))
    main([str(path), str(tmp_path / 'fits.npz'), '--size', '256', '256'])
    fits = load_fits(tmp_path / 'fits.npz')
    assert fits.names.tolist() == ['a'] and fits.success.all()
    assert '1 pictures without a person are left out: b' in (
        capsys.readouterr().out
    )


def test_predictions_of_mmpose(tmp_path):
    order = [0, 15, 14, 17, 16, 5, 2, 6, 3, 7, 4, 11, 8, 12, 9, 13, 10]
    joints = people(1)[0][0][order]
    path = tmp_path / 'me.json'
    path.write_text(
        json.dumps(
            [
                [
                    dict(
                        keypoints=joints[:, :2].tolist(),
                        keypoint_scores=[0.9] * 17,
                    )
                ]
            ]
        )
    )
    main([str(path), str(tmp_path / 'fits.npz')])
    fits = load_fits(tmp_path / 'fits.npz')
    assert fits.names.tolist() == ['me'] and fits.success.all()


def test_keypoints_of_another_size_are_refused(folder):
    with pytest.raises(
        SystemExit,
        match=(
            "keypoints of 'a.png': .* joints lie outside .* has 100x128 .*"
            '2.0 times as large; scale them'
        ),
    ):
        run(folder, '--size', '128', '100')
    assert not (folder / 'fits.npz').exists()


def test_single_joints_outside_are_told_in_one_line(folder, capsys):
    run(folder, '--size', '256', '150')
    told = capsys.readouterr().out
    assert '2 pictures have single joints outside of them: a.png, b' in told


def test_pictures_of_any_names_in_sub_folders(tmp_path, capsys):
    """Fits and overlays are each picture's own, whatever it is called."""
    names = ['anna#1/1.png', 'ben/1.PNG', "a,b 'c'.png", 'a.png', 'a.jpg']
    keypoints = people(5)[0]
    for k, name in enumerate(names):
        path = tmp_path / 'in' / name
        path.parent.mkdir(parents=True, exist_ok=True)
        kind = '.jpg' if name.endswith('jpg') else '.png'
        path.write_bytes(
            cv2.imencode(kind, np.full((256, 200 + k, 3), 255, np.uint8))[
                1
            ].tobytes()
        )
    (tmp_path / 'in/more.heic').write_bytes(b'\0\0\0\x18ftypheic')
    (tmp_path / 'in/other.png').write_bytes(
        (tmp_path / 'in/a.png').read_bytes()
    )
    write_keypoint_csv(
        tmp_path / 'poses.csv',
        dict(
            zip(
                [name.replace('/', '\\') for name in names],
                keypoints,
                strict=True,
            )
        ),
    )
    main(
        [
            str(tmp_path / 'poses.csv'),
            str(tmp_path / 'fits.npz'),
            '--images',
            str(tmp_path / 'in'),
            '--overlay',
            str(tmp_path / 'drawn'),
        ]
    )
    told = capsys.readouterr().err
    assert '5 pictures taken, 2 left out' in told
    assert 'nobody in the keypoint file (1): other.png' in told
    assert 'HEIC is not read: convert it to JPEG or PNG (1): more' in told
    fits = load_fits(tmp_path / 'fits.npz')
    assert fits.sizes.tolist() == [[256, 200 + k] for k in range(5)]
    drawn = {
        p.relative_to(tmp_path / 'drawn').as_posix(): cv2.imdecode(
            np.fromfile(p, np.uint8), 1
        ).shape[1]
        for p in (tmp_path / 'drawn').rglob('*')
        if p.is_file()
    }
    # Two pictures called 'a' keep their endings.
    assert drawn == {
        'anna#1/1.png': 200,
        'ben/1.png': 201,
        "a,b 'c'.png": 202,
        'a.png.png': 203,
        'a.jpg.png': 204,
    }


def test_everybody_in_pictures_with_numbers_in_their_names(tmp_path):
    keypoints = people(2)[0]
    for k, name in enumerate(['a#0', 'a']):
        cv2.imwrite(
            str(tmp_path / f'{name}.png'),
            np.full((256, 200 + k, 3), 255, np.uint8),
        )
        write_openpose_json(tmp_path / f'op/{name}_keypoints.json', keypoints)
    main(
        [
            str(tmp_path / 'op'),
            str(tmp_path / 'fits.npz'),
            '--images',
            str(tmp_path),
            '--all-people',
            '--overlay',
            str(tmp_path / 'out'),
        ]
    )
    fits = load_fits(tmp_path / 'fits.npz')
    assert fits.sizes[:, 1].tolist() == [200, 200, 201, 201]
    assert fits.names.tolist() == ['a#0#0', 'a#0#1', 'a#0', 'a#1']
    assert sorted(p.name for p in (tmp_path / 'out').iterdir()) == [
        'a#0#0.png',
        'a#0#1.png',
        'a#0.png',
        'a#1.png',
    ]
