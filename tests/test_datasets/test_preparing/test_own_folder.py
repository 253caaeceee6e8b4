"""A person's own photographs."""

import json
import shutil

import cv2
import numpy as np
import pytest
from mmengine.registry import init_default_scope

from mmposetransfer.apis.framing import fit_frame
from mmposetransfer.datasets import (
    PoseTransferDataset,
    load_keypoints,
    read_keypoint_table,
)
from mmposetransfer.datasets.keypoints import KeypointTable, KeypointWarning
from mmposetransfer.datasets.layouts import LAYOUTS
from mmposetransfer.datasets.preparing.own_folder import (
    prepare_folder,
    split_people,
)
from mmposetransfer.datasets.preparing.own_names import find_identities
from mmposetransfer.datasets.verification import verify_dataset

SIZE = (128, 96)


def pose(x=100.0, y=40.0, height=120.0):
    """Eighteen joints of somebody who stands."""
    rng = np.random.default_rng(0)
    points = rng.uniform(0, 1, (18, 2)) * [height / 4, height] + [x, y]
    points[1] = [x, y + 20]
    points[8], points[11] = [x, y + 60], [x + 9, y + 60]
    return np.concatenate([points, np.ones((18, 1))], 1).astype(np.float32)


@pytest.fixture
def photos(tmp_path):
    """Two people in folders of their own, photographs of several sizes."""
    rng = np.random.default_rng(0)
    poses = {}
    for who, count in (('anna', 3), ('ben', 2)):
        for k in range(count):
            size = (200 + 10 * k, 240)
            path = tmp_path / 'photos' / who / f'{k}.jpg'
            path.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(
                str(path), rng.integers(0, 255, (*size, 3), dtype=np.uint8)
            )
            poses[f'{who}/{k}.jpg'] = pose(60 + 20 * k)
    return tmp_path / 'photos', poses


def prepare(photos, root, **changes):
    folder, poses = photos
    arguments = dict(
        keypoints=poses, size=SIZE, fit_frame=fit_frame, test_share=0.5
    )
    return prepare_folder(folder, root, **{**arguments, **changes})


def dataset(root, **changes):
    init_default_scope('mmposetransfer')
    arguments = dict(
        data_root=str(root),
        ann_file='train.csv',
        keypoints_file='keypoints.csv',
        data_prefix=dict(img='images'),
        pipeline=[dict(type='LoadPair')],
    )
    return PoseTransferDataset(**{**arguments, **changes})


def test_from_photographs_to_pairs(photos, tmp_path):
    root = tmp_path / 'mine'
    report = prepare(photos, root)
    assert (report.images, report.people, report.kept) == (5, 2, 0)
    # All ordered pairs of three images and of two.
    assert sorted([report.train_pairs, report.test_pairs]) == [2, 6]
    assert report.problems == report.without_pose == []
    for split in ('train', 'test'):
        read = dataset(root, ann_file=f'{split}.csv')
        assert len(read) == getattr(report, f'{split}_pairs')
        for pair in read:
            assert pair['ref_img'].shape == pair['tgt_img'].shape == (*SIZE, 3)
            assert pair['ref_id'] != pair['tgt_id']
            who = {pair[key].split('_')[0] for key in ('ref_id', 'tgt_id')}
            assert len(who) == 1
            assert (pair['ref_keypoints'][:, 2] > 0).sum() > 9
    assert len(dataset(root, ann_file='identities.csv')) == 8
    report = verify_dataset(root, LAYOUTS['folder'], SIZE)
    assert report.problems == [] and report.counts['images'][0] == 5


def test_an_archive_gives_the_same(photos, tmp_path):
    prepare(photos, tmp_path / 'a')
    shutil.make_archive(tmp_path / 'zipped', 'zip', photos[0])
    shutil.make_archive(tmp_path / 'packed', 'gztar', photos[0])
    for name in ('zipped.zip', 'packed.tar.gz'):
        out = tmp_path / name.split('.')[0]
        prepare((tmp_path / name, photos[1]), out)
        for path in (tmp_path / 'a').rglob('*.png'):
            assert (
                path.read_bytes() == (out / 'images' / path.name).read_bytes()
            )


def test_keypoints_move_with_the_picture(photos, tmp_path):
    """Joints are where the photograph's frame puts them, in whole pixels."""
    prepare(photos, tmp_path / 'mine')
    table = read_keypoint_table(tmp_path / 'mine/keypoints.csv')
    for name, points in photos[1].items():
        image = cv2.imread(str(photos[0] / name))
        wanted = fit_frame(image.shape[:2], SIZE, points).place_keypoints(
            points
        )
        got = table[name.replace('/', '_').replace('.jpg', '.png')]
        there = got[:, 2] > 0
        assert there.any()
        np.testing.assert_allclose(
            got[there, :2], wanted[there, :2], atol=0.51
        )


def test_again_keeps_the_images_and_overwrite_does_not(photos, tmp_path):
    root = tmp_path / 'mine'
    prepare(photos, root)
    before = {p: p.read_bytes() for p in root.rglob('*') if p.is_file()}
    times = {p: p.stat().st_mtime_ns for p in root.glob('images/*')}
    report = prepare(photos, root)
    assert report.kept == report.images == 5
    assert times == {p: p.stat().st_mtime_ns for p in root.glob('images/*')}
    assert before == {
        p: p.read_bytes() for p in root.rglob('*') if p.is_file()
    }
    assert prepare(photos, root, overwrite=True).kept == 0


def test_images_without_a_person_or_damaged_are_left_out(photos, tmp_path):
    folder, poses = photos
    del poses['anna/0.jpg']
    (folder / 'ben/0.jpg').write_bytes(b'damaged')
    poses['anna/1.jpg'] = pose(5000)
    (folder / 'notes.txt').write_text('no image')
    for who in ('anna', 'ben'):
        for k in (5, 6):
            cv2.imwrite(
                str(folder / who / f'{k}.png'),
                np.full((99, 88, 3), 9, np.uint8),
            )
            poses[f'{who}/{k}.png'] = pose(20, 10, 60)
    report = prepare(photos, tmp_path / 'mine')
    assert report.without_pose == ['anna/0.jpg']
    assert [
        'anna/1.jpg' in report.problems[0],
        'ben/0.jpg' in report.problems[1],
    ] == [True, True]
    assert report.images == 6 and report.train_pairs + report.test_pairs == 12


@pytest.mark.parametrize('written', ['anna/0.jpg', 'anna_0.jpg', 'anna_0'])
def test_identities_by_a_table(tmp_path, written):
    table = tmp_path / 'who.csv'
    table.write_text(f'name,identity\n{written},x\n1.jpg,y\n')
    assert find_identities(['anna/0.jpg', 'ben/1.jpg'], table) == {
        'anna/0.jpg': 'x',
        'ben/1.jpg': 'y',
    }
    with pytest.raises(ValueError, match=r"who.csv' does not say.* c.jpg"):
        find_identities(['1.jpg', 'c.jpg'], table)
    with pytest.raises(ValueError, match=r'who is in c.jpg.* 2 images: anna'):
        find_identities(['c.jpg'], table)


def test_identities_by_names_and_folders():
    assert find_identities(
        [
            'a/1.jpg',
            'a/2.jpg',
            'b/1.jpg',
            '1.jpg',
            '2.jpg',
            'a/0007_c1s1_000001_01.jpg',
        ]
    ) == {
        'a/1.jpg': 'a',
        'a/2.jpg': 'a',
        'b/1.jpg': 'b',
        '1.jpg': '.',
        '2.jpg': '.',
        'a/0007_c1s1_000001_01.jpg': '0007',
    }


def test_people_are_split_and_never_in_both():
    people = [f'{k}' for k in range(20)] * 2
    assert len(split_people(people, 0.1)) == 2
    assert split_people(people, 0.1) == split_people(people[::-1], 0.1)
    assert split_people(people, 0) == set()
    assert len(split_people(['a', 'b'], 0.01)) == 1
    assert len(split_people(['a', 'b'], 0.99)) == 1
    assert split_people(['a'], 0.5) == set()


def test_one_person_is_trained_and_tested_on(photos, tmp_path):
    folder, poses = photos
    who = tmp_path / 'who.csv'
    who.write_text('name,identity\n' + ''.join(f'{n},me\n' for n in poses))
    report = prepare(
        photos, tmp_path / 'mine', identities_file=who, max_pairs=7
    )
    assert report.people == 1
    assert report.train_pairs == report.test_pairs == 7


def test_nobody_twice(photos, tmp_path):
    who = tmp_path / 'who.csv'
    who.write_text(
        'name,identity\n'
        + ''.join(f'{n},{k}\n' for k, n in enumerate(photos[1]))
    )
    with pytest.raises(ValueError, match='somebody has to be in two images'):
        prepare(photos, tmp_path / 'mine', identities_file=who)


def test_names_that_would_become_one_are_told_apart(photos, tmp_path):
    folder, poses = photos
    for k, name in enumerate(['anna_0.png', 'anna/0.png', 'ANNA/0.jpg']):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        cv2.imwrite(str(path), np.full((200, 240, 3), 60 * k, np.uint8))
        poses[name] = pose(60, 40 + 9 * k)
    prepare(photos, tmp_path / 'mine')
    table = read_keypoint_table(tmp_path / 'mine/keypoints.csv')
    assert len({name.casefold() for name in table}) == len(poses) == 8
    shown = {}
    for name, points in poses.items():
        image = cv2.imread(str(folder / name))
        frame = fit_frame(image.shape[:2], SIZE, points)
        shown[name] = frame.place_image(image), frame.place_keypoints(points)
    for name in table:  # each picture with its own joints
        got = cv2.imread(str(tmp_path / 'mine/images' / name))
        picture, joints = min(
            shown.values(),
            key=lambda pair: np.abs(pair[0].astype(int) - got).mean(),
        )
        np.testing.assert_array_equal(got, picture)
        there = table[name][:, 2] > 0
        np.testing.assert_allclose(
            table[name][there, :2], joints[there, :2], atol=0.51
        )


def test_no_images(tmp_path):
    (tmp_path / 'a').mkdir()
    with pytest.raises(ValueError, match='holds no images'):
        prepare((tmp_path / 'a', {}), tmp_path / 'mine')


def coco(poses):
    """As COCO's annotations, with a smaller person beside each."""
    order = [0, 15, 14, 17, 16, 5, 2, 6, 3, 7, 4, 11, 8, 12, 9, 13, 10]
    content = dict(images=[], annotations=[])
    for k, (name, points) in enumerate(poses.items()):
        content['images'].append(dict(id=k, file_name=name))
        for scale in (0.3, 1.0):
            joints = points[order] * [scale, scale, 2]
            content['annotations'].append(
                dict(image_id=k, keypoints=joints.ravel().tolist())
            )
    return content


def test_keypoints_of_coco_and_openpose(photos, tmp_path):
    folder, poses = photos
    file = tmp_path / 'coco.json'
    file.write_text(json.dumps(coco(poses)))
    table = read_keypoint_table(file)
    assert set(table) == set(poses)
    for name, points in poses.items():
        np.testing.assert_allclose(
            table[name], load_keypoints(file, name), atol=1e-4
        )
        np.testing.assert_allclose(
            table[name][0, :2], points[0, :2], atol=1e-3
        )
    folder = tmp_path / 'openpose'
    folder.mkdir()
    for name, points in poses.items():
        people = [
            dict(pose_keypoints_2d=(points * s).ravel().tolist())
            for s in (0.2, 0.9)
        ]
        stem = name.replace('/', '_').removesuffix('.jpg')
        (folder / f'{stem}_keypoints.json').write_text(
            json.dumps(dict(people=people))
        )
    (folder / 'nobody_keypoints.json').write_text(json.dumps(dict(people=[])))
    table = read_keypoint_table(folder)
    assert set(table) == {
        'nobody',
        *(n.replace('/', '_').removesuffix('.jpg') for n in poses),
    }
    assert table.empty == ['nobody']
    np.testing.assert_allclose(
        table['anna_1'], poses['anna/1.jpg'] * 0.9, atol=1e-3
    )
    (tmp_path / 'empty').mkdir()
    with pytest.raises(ValueError, match='_keypoints.json'):
        read_keypoint_table(tmp_path / 'empty')


def test_nobody_found_is_not_a_problem(photos, tmp_path):
    """Rows of -1 alone say so in a CSV."""
    photos[1]['anna/0.jpg'] = np.zeros((18, 3), np.float32)
    report = prepare(photos, tmp_path / 'mine')
    assert report.without_pose == ['anna/0.jpg'] and report.problems == []
    assert report.images == 4


def test_joints_of_another_size_are_a_problem(photos, tmp_path):
    photos[1]['anna/0.jpg'] *= np.float32([2.5, 2.5, 1])
    photos[1]['anna/1.jpg'][3, :2] = [500, 20]
    with pytest.warns(KeypointWarning, match='anna/1.jpg.: 1 of 18 joints'):
        report = prepare(photos, tmp_path / 'mine')
    (problem,) = report.problems
    assert "'anna/0.jpg'" in problem and 'times as large' in problem


def test_why_none_of_the_images_can_be_used(photos, tmp_path):
    for points in photos[1].values():
        points[:, :2] *= 4
    with pytest.raises(
        ValueError,
        match=(
            "none of the 5 images .* the first: the keypoints of 'anna/0.jpg'"
            ': .* joints lie outside'
        ),
    ):
        prepare(photos, tmp_path / 'mine')
    for points in photos[1].values():
        points[:] = 0
    with pytest.raises(ValueError, match="first: nobody was found in 'anna/0"):
        prepare(photos, tmp_path / 'mine')
    assert not (tmp_path / 'mine').exists()


def test_joints_of_a_canvas_are_brought_to_the_photograph(photos, tmp_path):
    prepare(photos, tmp_path / 'a')
    wanted = read_keypoint_table(tmp_path / 'a/keypoints.csv')
    sizes = {}
    for name, points in photos[1].items():
        height, width = cv2.imread(str(photos[0] / name)).shape[:2]
        sizes[name] = (height // 2, width // 2)
        points[:, :2] /= 2
    table = KeypointTable(photos[1], sizes)
    prepare(photos, tmp_path / 'b', keypoints=table)
    got = read_keypoint_table(tmp_path / 'b/keypoints.csv')
    for name, points in wanted.items():
        np.testing.assert_allclose(got[name], points, atol=0.2)


def test_where_an_archive_lies_says_nothing_of_its_names(
    photos, tmp_path, monkeypatch
):
    """Of a folder it does: anna's pictures are in it."""
    folder, poses = photos
    arguments = dict(identities_file=tmp_path / 'who.csv')
    (tmp_path / 'who.csv').write_text(
        'name,identity\n' + ''.join(f'{name},me\n' for name in poses)
    )
    report = prepare((folder / 'anna', poses), tmp_path / 'a', **arguments)
    assert report.images == 3 and len(report.without_image) == 2
    table = read_keypoint_table(tmp_path / 'a/keypoints.csv')
    image = cv2.imread(str(folder / 'anna/1.jpg'))
    wanted = fit_frame(image.shape[:2], SIZE, poses['anna/1.jpg'])
    np.testing.assert_allclose(
        table['1.png'][1, :2],
        wanted.place_keypoints(poses['anna/1.jpg'])[1, :2],
        atol=0.51,
    )
    shutil.make_archive(tmp_path / 'zipped', 'zip', folder / 'anna')
    monkeypatch.chdir(folder / 'anna')
    with pytest.raises(ValueError, match='several .* 0.jpg: anna/0.jpg, ben'):
        prepare((tmp_path / 'zipped.zip', poses), tmp_path / 'b')
