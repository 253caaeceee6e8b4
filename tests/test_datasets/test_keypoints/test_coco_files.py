"""COCO's annotations and results, and AlphaPose's lists."""

import numpy as np
import pytest
from keypoint_samples import COCO_IN_OPENPOSE, coco, flat, pose, write_json

from mmposetransfer.datasets.keypoints import (
    KeypointWarning,
    load_keypoints,
    read_keypoint_file,
    read_keypoint_table,
)


def test_coco_takes_the_largest_person_or_the_named(tmp_path):
    small, large, other = (pose(17, 2) for _ in range(3))
    large[:, :2] *= 3
    large[9, 2] = 1  # labelled, but hidden
    large[10] = 0
    nobody = np.zeros((17, 3))
    path = write_json(
        tmp_path / 'coco.json',
        coco((7, nobody), (7, small), (9, other), (7, large)),
    )
    got = load_keypoints(path, 'one.jpg')
    assert got[0] == pytest.approx([150, 60, 1])
    assert got[7, 2] == 0.5 and not got[4].any()
    named = load_keypoints(path, 'one.jpg', person=1)
    np.testing.assert_allclose(named[0], [50, 20, 1])
    people = read_keypoint_file(path).people
    assert {k: len(v) for k, v in people.items()} == {
        'dir/one.jpg': 3,
        'two.jpg': 1,
    }
    with pytest.raises(ValueError, match=r'\(dir/one.jpg\), person 0: all 18'):
        load_keypoints(path, 'one.jpg', person=0)


@pytest.mark.parametrize('place', ['info', 'images', 'top'])
def test_coco_files_that_speak_of_people(tmp_path, place):
    content = coco((7, pose(17, 2)))
    if place == 'info':
        content = {'info': {'people': 'and "people"'}, **content}
    elif place == 'images':
        content['images'][0]['people'] = []
    else:
        content['people'] = 'two'
    path = write_json(tmp_path / 'coco.json', content)
    got = load_keypoints(path, 'one.jpg')
    np.testing.assert_allclose(got[0], [50, 20, 1])


def test_broken_coco_files(tmp_path):
    path = tmp_path / 'k.json'
    write_json(path, {'images': []})
    with pytest.raises(ValueError, match="no COCO file: it has no 'annot"):
        load_keypoints(path)
    write_json(path, coco((7, pose(18, 2))))
    with pytest.raises(ValueError, match='annotation 0.*136 joints, got 18'):
        load_keypoints(path)
    write_json(path, coco((8, pose(17, 2))))
    with pytest.raises(ValueError, match='image_id 8 is not in'):
        load_keypoints(path)
    write_json(path, coco((7, pose(17, 3))))
    with pytest.raises(ValueError, match='visibility must be 0, 1 or 2'):
        load_keypoints(path)
    content = coco((7, pose(17, 2)))
    del content['annotations'][0]['keypoints']
    write_json(path, content)
    with pytest.raises(ValueError, match='none of the 1 annot.*person_key'):
        load_keypoints(path)
    del content['annotations'][0]['image_id']
    write_json(path, content)
    with pytest.raises(ValueError, match="annotation 0: the key 'image_id'"):
        load_keypoints(path)
    content['images'][1]['id'] = 7
    write_json(path, content)
    with pytest.raises(ValueError, match='image 1: the id 7 is there a sec'):
        load_keypoints(path)
    del content['images'][1]
    content['annotations'] = ['what']
    write_json(path, content)
    with pytest.raises(ValueError, match='annotation 0'):
        load_keypoints(path)


@pytest.mark.parametrize('folder', ['deepfashion', 'market1501'])
def test_real_csv(shared, folder):
    path = shared / 'real' / folder / 'keypoints.csv'
    size = {'deepfashion': (256, 256), 'market1501': (64, 128)}[folder]
    keypoints = read_keypoint_table(path)
    assert len(keypoints) >= 24
    for points in keypoints.values():
        there = points[:, 2] > 0
        assert there.sum() > 4
        inside = (points[there, :2] <= size) & (points[there, :2] >= 0)
        assert inside.mean() > 0.9  # x and y are not mixed up


def test_real_coco(shared):
    path = shared / 'real' / 'coco' / 'person_keypoints.json'
    skier = load_keypoints(path, '000000000785.jpg')
    assert skier[0] == pytest.approx([367, 81, 1])  # the nose
    assert skier[10] == pytest.approx([396, 341, 1])  # the right ankle
    one = load_keypoints(path, '000000196141.jpg')
    other = load_keypoints(path, '000000196141.jpg', person=4)
    assert np.ptp(one[one[:, 2] > 0], axis=0)[1] > 200 > np.ptp(other[:, 1])


def test_annotations_of_other_things_are_passed_over_and_counted(tmp_path):
    """Boxes, masks, empty lists, null, and joints of a dog."""
    person = pose(17, 2)
    content = coco(
        (7, person),
        (7, np.zeros((0, 3))),
        (9, pose(17, 2, 7)),
        categories=[
            dict(id=1, name='person', supercategory='person'),
            dict(id=18, name='dog', supercategory='animal'),
        ],
    )
    rle = dict(counts='PPYo0', size=[480, 640])
    content['annotations'] += [
        dict(
            id=5,
            image_id=7,
            category_id=1,
            bbox=[1, 2, 3, 4],
            iscrowd=1,
            segmentation=rle,
        ),
        dict(id=6, image_id=7, category_id=1, keypoints=None),
        None,
        dict(id=7, image_id=9, category_id=18, keypoints=flat(pose(17, 2, 9))),
    ]
    path = write_json(tmp_path / 'coco.json', content)
    with pytest.warns(
        KeypointWarning,
        match=(
            r'coco.json.: passed over annotations without keypoints \(4\), '
            r'annotations of other things \(1\)'
        ),
    ):
        table = read_keypoint_table(path)
    assert list(table) == ['dir/one.jpg', 'two.jpg']
    assert table['dir/one.jpg'][0].tolist() == [50, 20, 1]
    assert table['two.jpg'][0].tolist() == [350, 140, 1]


def test_numbers_of_images_may_be_texts(tmp_path):
    content = coco((7, pose(17, 2)))
    content['annotations'][0]['image_id'] = '7'
    path = write_json(tmp_path / 'coco.json', content)
    assert load_keypoints(path, 'one.jpg')[0].tolist() == [50, 20, 1]


def test_scores_in_place_of_visibilities(tmp_path):
    """As a detector's results are written into COCO's form."""
    person = pose(17, 0.9)
    person[5, 2], person[6, 2], person[9, 2] = 0.2, 0.31, -0.01
    content = coco((7, person))
    content['annotations'][0]['num_keypoints'] = 0
    path = write_json(tmp_path / 'coco.json', content)
    got = load_keypoints(path, 'one.jpg')
    assert got[0] == pytest.approx([50, 20, 0.9])
    assert not got[5].any()  # the left shoulder is unsure
    assert got[2] == pytest.approx([68, 32, 0.31])
    assert not got[1].any()  # so is the neck
    assert not got[7].any()  # SimCC says so of what it does not see
    everything = load_keypoints(path, 'one.jpg', min_score=0)
    assert everything[5] == pytest.approx([65, 30, 0.2])
    assert everything[1] == pytest.approx([66.5, 31, 0.2])
    assert not everything[7].any()


@pytest.mark.parametrize('count', [26, 133, 136])
def test_annotations_of_whole_bodies(tmp_path, count):
    path = write_json(tmp_path / 'coco.json', coco((7, pose(count, 2))))
    got = load_keypoints(path, 'one.jpg')
    np.testing.assert_allclose(got[COCO_IN_OPENPOSE], pose(17))
    neck = [104, 56, 1] if count != 133 else [66.5, 31, 1]
    assert got[1] == pytest.approx(neck)


def test_keypoints_in_threes(tmp_path):
    content = coco((7, pose(17, 2)))
    content['annotations'][0]['keypoints'] = pose(17, 2).tolist()
    path = write_json(tmp_path / 'coco.json', content)
    assert load_keypoints(path, 'one.jpg')[0].tolist() == [50, 20, 1]


# Lists of results -----------------------------------------------------------


def results(*entries):
    return [
        dict(image_id=image, category_id=1, keypoints=flat(p), score=score)
        for image, p, score in entries
    ]


@pytest.mark.parametrize('count', [17, 26, 133, 136])
def test_alphapose_s_list(tmp_path, count):
    """`alphapose-results.json`, of a tracked video."""
    small, large = pose(count, 0.8), pose(count, 0.8, 3)
    content = results(
        ('1.jpg', small, 3.1), ('2.jpg', small, 2.9), ('1.jpg', large, 2.2)
    )
    for entry in content:
        entry.update(box=[240.0, 56.2, 20.1, 38.7], idx=[0.0])
    path = write_json(tmp_path / 'alphapose-results.json', content)
    table = read_keypoint_table(path)
    assert list(table) == ['1.jpg', '2.jpg']
    np.testing.assert_allclose(
        table['1.jpg'][COCO_IN_OPENPOSE], large[:17], rtol=1e-6
    )
    np.testing.assert_allclose(
        table['2.jpg'][COCO_IN_OPENPOSE], small[:17], rtol=1e-6
    )
    second = load_keypoints(path, '1.jpg', person=1)
    np.testing.assert_allclose(second[0], large[0], rtol=1e-6)
    # Halpe's own neck, COCO's between the shoulders.
    neck = [104, 56] if count in (26, 136) else [66.5, 31]
    assert table['2.jpg'][1, :2] == pytest.approx(neck)


def test_results_of_coco_by_number_say_what_to_do(tmp_path):
    content = results((785, pose(17, 0.9), 0.98))
    path = write_json(tmp_path / 'results.json', content)
    with pytest.raises(
        ValueError,
        match=(
            "results.json', result 0: the number 785 does not tell which "
            "picture .*'images': "
        ),
    ):
        read_keypoint_table(path)
    # What it says to do works.
    truth = dict(
        images=[dict(id=785, file_name='000000000785.jpg')],
        annotations=content,
    )
    write_json(path, truth)
    got = load_keypoints(path, '000000000785.jpg')
    assert got[0] == pytest.approx([50, 20, 0.9])


def test_results_without_keypoints(tmp_path):
    boxes = [
        dict(image_id='a.jpg', category_id=3, bbox=[1, 2, 3, 4], score=0.5)
    ]
    path = write_json(tmp_path / 'results.json', boxes)
    with pytest.raises(ValueError, match='none of the 1 .* has keypoints'):
        read_keypoint_table(path)
    write_json(path, [None, *boxes, *results(('a.jpg', pose(17, 1), 1))])
    with pytest.warns(KeypointWarning, match=r'results without keypoints \(2'):
        table = read_keypoint_table(path)
    assert table['a.jpg'][0].tolist() == [50, 20, 1]


def test_results_of_mpii_are_refused(tmp_path):
    path = write_json(
        tmp_path / 'results.json', results(('a.jpg', pose(16, 0.9), 1))
    )
    with pytest.raises(ValueError, match='result 0.*17 or 26 .*got 16'):
        read_keypoint_table(path)


def test_persons_without_sure_joints_are_nobody(tmp_path):
    path = write_json(
        tmp_path / 'results.json',
        results(
            ('a.jpg', pose(17, 0.1, 5), 1),
            ('a.jpg', pose(17, 0.8), 1),
            ('b.jpg', pose(17, 0.1), 1),
        ),
    )
    table = read_keypoint_table(path)
    assert table['a.jpg'][0] == pytest.approx([50, 20, 0.8])
    assert not table['b.jpg'].any() and table.empty == ['b.jpg']
    assert read_keypoint_table(path, min_score=0)['b.jpg'].any()
    assert load_keypoints(path, 'a.jpg')[0, 2] == pytest.approx(0.8)
    with pytest.raises(ValueError, match='no joint has a score of min_score'):
        load_keypoints(path, 'b.jpg')
