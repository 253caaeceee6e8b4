"""The CSV of PATN and its line, as people have it."""

import numpy as np
import pytest
from keypoint_samples import HEADER, XS, YS, write_csv

from mmposetransfer.datasets.keypoints import (
    load_keypoints,
    read_keypoint_table,
    write_keypoint_csv,
)

JOINTS = np.stack([XS, YS, np.ones(18)], axis=1)


def test_csv_with_missing_joints_and_odd_names(tmp_path):
    ys, xs = YS.copy(), XS.copy()
    ys[9] = xs[9] = -1
    path = write_csv(
        tmp_path / 'k.csv',
        f'a.jpg:{YS}:{XS}',
        f'C:\\new\\b.jpg:{ys}:{xs}',
        '',
    )
    got = load_keypoints(path, 'some/folder/a.jpg')
    np.testing.assert_allclose(got, JOINTS)
    keypoints = read_keypoint_table(path)
    assert list(keypoints) == ['a.jpg', 'C:\\new\\b.jpg']
    assert not keypoints['C:\\new\\b.jpg'][9].any()
    # a result of the same image as .png
    np.testing.assert_allclose(load_keypoints(str(path), 'a.png'), got)


@pytest.mark.parametrize(
    ('line', 'message'),
    [
        (
            f'b.jpg:{YS[:17]}:{XS}',
            r'line 3 \(b.jpg\).*18 .*_y, got 17',
        ),
        (f'b.jpg:{YS}', r'line 3: expected name:'),
        (f'b.jpg:{YS}:[1, oops]', r'line 3 \(b.jpg\): keypoints_x is no list'),
        (f'b.jpg:{YS}:[null]', r'keypoints_x is no list of numbers'),
        (
            f'b.jpg:{YS}:{XS}'.replace('102', 'NaN'),
            r'line 3 \(b.jpg\): the x of joint 2',
        ),
        (f'a.jpg:{YS}:{XS}', r"line 3: 'a.jpg' is there a second time"),
    ],
)
def test_broken_csv_lines_are_named(tmp_path, line, message):
    path = write_csv(tmp_path / 'k.csv', f'a.jpg:{YS}:{XS}', line)
    with pytest.raises(ValueError, match=message) as error:
        read_keypoint_table(path)
    assert 'k.csv' in str(error.value)


def test_csv_without_header_or_image(tmp_path):
    path = tmp_path / 'k.csv'
    path.write_text(f'a.jpg:{YS}:{XS}\n')
    np.testing.assert_allclose(load_keypoints(path), JOINTS)
    path.write_text('')
    with pytest.raises(ValueError, match=f"line 1: expected .*'{HEADER}'"):
        load_keypoints(path)
    write_csv(path, f'a.jpg:{YS}:{XS}', f'b.jpg:{YS}:{XS}')
    with pytest.raises(ValueError, match="'c.jpg'; it knows 2 images: a.jpg"):
        load_keypoints(path, 'c.jpg')
    with pytest.raises(ValueError, match='2 images: pass image_name'):
        load_keypoints(path)
    write_csv(path, f'x/a.jpg:{YS}:{XS}', f'y/a.jpg:{YS}:{XS}')
    with pytest.raises(ValueError, match='several images called a.jpg'):
        load_keypoints(path, 'a.jpg')


def test_csv_with_all_joints_missing(tmp_path):
    nothing = [-1] * 18
    path = write_csv(tmp_path / 'k.csv', f'a.jpg:{nothing}:{nothing}')
    with pytest.raises(ValueError, match=r"k.csv' \(a.jpg\): all 18 joints"):
        load_keypoints(path)
    assert read_keypoint_table(path).empty == ['a.jpg']


NUMPY_YS = str([np.int64(y) for y in YS])
NUMPY_XS = str([np.float64(x) for x in XS])


@pytest.mark.parametrize(
    'text',
    [
        f'{HEADER}\na.jpg:{YS}:{XS}\n',
        f'a.jpg:{YS}:{XS}',
        f'\ufeff{HEADER}\na.jpg:{YS}:{XS}',
        f'{HEADER}\r\na.jpg:{YS}:{XS}\r\n',
        f'{HEADER}\ra.jpg:{YS}:{XS}\r',
        f'"name":"keypoints_y":"keypoints_x"\na.jpg:{YS}:{XS}',
        f'"{HEADER}"\na.jpg:{YS}:{XS}',
        f'"name":"keypoints_y":"keypoints_x"\n"a.jpg":"{YS}":"{XS}"',
        f'name,keypoints_y,keypoints_x\na.jpg,"{YS}","{XS}"',
        f'name:keypoints_x:keypoints_y\na.jpg:{XS}:{YS}',
        f'{HEADER}\na.jpg: {YS}: {XS}\n\n',
        f'{HEADER}\na.jpg:{NUMPY_YS}:{NUMPY_XS}',
        f'{HEADER}\na.jpg:{np.array(YS)}:{np.array(XS)}'.replace(
            '\n ', ' '
        ).replace('[ ', '['),
        f'{HEADER}\na.jpg:{YS}:{XS}\n{HEADER}\n',
        f'{HEADER}\na.jpg:{np.array(YS, float).tolist()}:{XS}',
        f'{HEADER}\na.jpg:{NUMPY_YS}:{NUMPY_XS}'.replace('int64', 'longlong'),
    ],
    ids=range(16),
)
def test_csvs_as_people_have_them(tmp_path, text):
    path = tmp_path / 'k.csv'
    path.write_bytes(text.encode())
    table = read_keypoint_table(path)
    assert list(table) == ['a.jpg']
    np.testing.assert_allclose(table['a.jpg'], JOINTS)


def test_what_numpy_2_prints():
    """Held to NumPy itself: the test above is of what it prints."""
    assert NUMPY_YS.startswith(
        '[np.int64(20), '
        if np.lib.NumpyVersion(np.__version__) >= '2.0.0'
        else '[20, '
    )


@pytest.mark.parametrize(
    'line',
    [
        'a.jpg:{ys}:[np.int64(__import__("os").mkdir("hacked"))]',
        'a.jpg:{ys}:[os.mkdir("hacked")]',
        'a.jpg:{ys}:[np.int64(np.int64(3))]',
        'a.jpg:{ys}:[1e5e5, 3]',
        'a.jpg:{ys}:["1", "2"]',
        'a.jpg:{ys}:[1 2, 3]',
        'a.jpg:{ys}:[]',
    ],
)
def test_nothing_is_evaluated(tmp_path, monkeypatch, line):
    monkeypatch.chdir(tmp_path)
    path = write_csv(tmp_path / 'k.csv', line.format(ys=NUMPY_YS))
    with pytest.raises(ValueError, match=r'line 2 \(a.jpg\)'):
        read_keypoint_table(path)
    assert not (tmp_path / 'hacked').exists()


@pytest.mark.parametrize(
    'header',
    [
        ',name,keypoints_y,keypoints_x',
        'keypoints_y:keypoints_x:name',
        'name:keypoints_y:keypoints_x:score',
    ],
)
def test_other_columns_are_named(tmp_path, header):
    path = write_csv(tmp_path / 'k.csv', f'a:{YS}:{XS}', header=header)
    with pytest.raises(ValueError, match='line 1: expected the columns name'):
        read_keypoint_table(path)


NAMES = [
    'a b.jpg',
    'a,b.jpg',
    '"a".jpg',
    '"a.jpg"',
    '""',
    '"',
    "it's.jpg",
    'a:[1]:[2].jpg',
    '#1.jpg',
    '-1.jpg',
    '[1].jpg',
    'Straße 衣 🙂.png',
    ' a.jpg ',
    'a"b"c.jpg',
    'a;b\tc.jpg',
    'keypoints_y',
    'a\u2028b.jpg',
    'a:',
    'a:"',
    'C:\\x\\y.jpg',
    'name:keypoints_y:keypoints_x.jpg',
]


def test_names_of_any_kind_are_read_back(tmp_path):
    poses = {name: JOINTS + [k, 0, 0] for k, name in enumerate(NAMES)}
    write_keypoint_csv(tmp_path / 'k.csv', poses)
    table = read_keypoint_table(tmp_path / 'k.csv')
    assert list(table) == NAMES
    for k, points in enumerate(table.values()):
        np.testing.assert_allclose(points, JOINTS + [k, 0, 0])


def test_coordinates_are_rounded_to_a_tenth(tmp_path):
    points = JOINTS.copy()
    points[0, :2] = [12.34, 56.78]
    points[1, :2] = [-0.96, 5]  # -1 would be missing
    points[2] = [7, 8, 0]
    write_keypoint_csv(tmp_path / 'k.csv', {'a': points})
    assert ':[56.8, 5, -1, ' in (tmp_path / 'k.csv').read_text()
    got = read_keypoint_table(tmp_path / 'k.csv')['a']
    assert got[:3] == pytest.approx(
        np.array([[12.3, 56.8, 1], [-0.9, 5, 1], [0, 0, 0]])
    )
