"""What is missing, damaged or inconsistent is found, and nothing else."""

import json
import pickle
import re
import shutil
import struct

import cv2
import numpy as np
import pytest

from mmposetransfer.datasets import (
    parse_deepfashion_name,
    read_flow,
    write_flow,
    write_keypoint_csv,
)
from mmposetransfer.datasets.layouts import LAYOUTS, find_layout
from mmposetransfer.datasets.verification import verify_dataset

LAYOUT = LAYOUTS['deepfashion']


@pytest.fixture
def root(exported, tmp_path):
    """A copy that may be damaged."""
    return shutil.copytree(exported, tmp_path / 'data')


def verify(root, **kwargs):
    return verify_dataset(root, LAYOUT, (64, 64), **kwargs)


def some(root, folder):
    return sorted((root / folder).iterdir())[0]


def cut(path):
    path.write_bytes(path.read_bytes()[:-50])


def edit_pickle(path, change):
    table = pickle.loads(path.read_bytes())
    change(table)
    path.write_bytes(pickle.dumps(table))


def edit_json(path, change):
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def paint(path, value, size=(64, 64)):
    cv2.imwrite(str(path), np.full(size, value, np.uint8))


# What is done to a file -> the only problems that are to be found.
DAMAGES = {
    'an image is missing': (
        'Img/img', lambda p: p.unlink(), 'missing', 'no such file'),
    'an image is cut off': ('Img/img', cut, 'corrupt', 'cut off|damaged'),
    'an image is empty': (
        'Img/img', lambda p: p.write_bytes(b''), 'corrupt', 'empty'),
    'an image is of another size': (
        'Img/img', lambda p: paint(p, 1, (64, 63)), 'inconsistent',
        '64x63 pixels, expected 64x64'),
    'body parts are missing': (
        'Img/seg', lambda p: p.unlink(), 'missing', 'no such file'),
    'body parts are no image': (
        'Img/seg', lambda p: p.write_bytes(b'x'), 'corrupt', 'cannot be read'),
    'body parts are of seven kinds': (
        'Img/seg', lambda p: paint(p, 7), 'inconsistent', 'from 0 to 6'),
    'body parts are of another size': (
        'Img/seg', lambda p: paint(p, 1, (32, 32)), 'inconsistent', '32x32'),
    'flow is cut off': ('3d/hmr/corr', cut, 'corrupt', 'should have'),
    'flow is not a number': (
        '3d/hmr/corr', lambda p: p.write_bytes(
            struct.pack('<ii', 64, 64) + struct.pack('<f', np.nan) * 8192
            + bytes(4096)), 'corrupt', 'damaged.*nan'),
    'visibility is of a fourth class': (
        '3d/hmr/corr', lambda p: p.write_bytes(
            struct.pack('<ii', 64, 64) + bytes(4 * 8192) + b'\3' * 4096),
        'corrupt', 'damaged|class'),
    'flow is of another size': (
        '3d/hmr/corr', lambda p: p.write_bytes(
            struct.pack('<ii', 2, 2) + bytes(9 * 4)), 'inconsistent', '2x2'),
}  # yapf: disable


@pytest.mark.parametrize('what', DAMAGES)
def test_damaged_files_are_named(root, what):
    folder, damage, kind, message = DAMAGES[what]
    path = some(root, folder)
    damage(path)
    (problem,) = verify(root).problems
    assert (problem.kind, problem.file) == (kind, str(path))
    assert re.search(message, problem.message)


def first(root):
    return json.loads((root / 'Label/pair_split.json').read_text())['train'][0]


def test_keypoints_of_an_image_are_missing(root):
    name = first(root)[0]
    edit_pickle(root / 'Label/pose_label.pkl', lambda t: t.pop(name))
    found = verify(root).problems
    assert found and {p.kind for p in found} == {'missing'}
    assert all(name in p.file and 'pose_label.pkl' in p.file for p in found)


def test_keypoints_outside_or_all_missing(root):
    ref, tgt = first(root)

    def change(table):
        table[ref] = [[-1, -1]] * 18
        table[tgt] = [[3000, 10]] * 18

    edit_pickle(root / 'Label/pose_label.pkl', change)
    messages = {
        (p.file.split(': ')[1], p.message) for p in verify(root).problems
    }
    assert (ref, 'all joints are missing') in messages
    assert any(
        name == tgt and '18 of 18 joints lie outside' in text
        for name, text in messages
    )


def test_keypoints_of_another_size_are_reported_per_picture(root):
    """Those of 512x512; PATN's are about 256x176."""
    names = first(root)

    def change(table):
        for name in names:
            table[name] = [[30 * k, 500 - 28 * k] for k in range(18)]

    edit_pickle(root / 'Label/pose_label.pkl', change)
    problems = verify(root).problems
    assert {p.kind for p in problems} == {'inconsistent'}
    for name in names:
        found = [p for p in problems if p.file.endswith(f'.pkl: {name}')]
        assert len(found) == 1
        assert '2.0 times as large' in found[0].message


def test_keypoints_scaled_to_shares_are_reported_per_picture(root):
    def change(table):
        for name in first(root):
            table[name] = [[0.05 * k, 1 - 0.05 * k] for k in range(18)]

    edit_pickle(root / 'Label/pose_label.pkl', change)
    problems = verify(root).problems
    assert {p.kind for p in problems} == {'inconsistent'}
    assert {p.file.split(': ')[1] for p in problems} == {*first(root)}
    assert 'not scaled to [0, 1]' in problems[0].message


def test_single_joints_outside_are_a_note(root):
    def change(table):
        for name in first(root):
            table[name] = [[300 if k < 2 else 9, 9] for k in range(18)]

    edit_pickle(root / 'Label/pose_label.pkl', change)
    report = verify(root)
    assert report.problems == []
    assert '2 images have single joints outside' in report.notes[-1]


def test_pictures_tell_the_size_where_no_layout_does(tmp_path):
    (tmp_path / 'images').mkdir()
    ys = {'a': range(2, 38, 2), 'b': range(2, 74, 4), 'c': range(20, 56, 2)}
    lines = ['name:keypoints_y:keypoints_x']
    for name, y in ys.items():
        paint(tmp_path / f'images/{name}.png', 9, (40, 30))
        lines.append(f'{name}.png:{list(y)}:{[9] * 18}')
    (tmp_path / 'keypoints.csv').write_text('\n'.join(lines))
    (tmp_path / 'train.csv').write_text('from,to\na.png,b.png\na.png,c.png\n')
    report = verify_dataset(tmp_path, LAYOUTS['folder'])
    wrong = {p.file: p.message for p in report.problems}
    assert list(wrong) == [
        str(tmp_path / 'images/b.png'),
        str(tmp_path / 'images/c.png'),
    ]
    assert '8 of 18 joints' in wrong[str(tmp_path / 'images/b.png')]
    assert '2.0 times as large' in wrong[str(tmp_path / 'images/b.png')]
    assert '7 of 18 joints' in wrong[str(tmp_path / 'images/c.png')]


def test_fitted_keypoints_are_missing(root):
    name = first(root)[0]
    edit_pickle(root / 'Label/pose_label_adapt.pkl', lambda t: t.pop(name))
    assert [name in p.file for p in verify(root).problems] == [True]
    (root / 'Label/pose_label_adapt.pkl').unlink()
    found = [p for p in verify(root).problems]
    assert found and all(p.kind == 'missing' for p in found)


@pytest.mark.parametrize(
    'file',
    [
        'pair_split.json',
        'pose_label.pkl',
        'fasion-resize-pairs-test.csv',
        'fasion-resize-annotation-train.csv',
    ],
)
def test_lists_that_cannot_be_read(root, file):
    (root / 'Label' / file).write_bytes(b'\x80 not this')
    found = [p for p in verify(root).problems if p.kind == 'corrupt']
    assert found and all(file in p.file for p in found)


def test_pairs_that_make_no_sense(root):
    ref, tgt = first(root)

    def change(splits):
        other = splits['test'][0][0]
        splits['train'] += [[ref, tgt], [ref, ref], [ref, other]]

    edit_json(root / 'Label/pair_split.json', change)
    messages = '\n'.join(p.message for p in verify(root).problems)
    assert f'{ref} -> {tgt} is there 2 times' in messages
    assert f'{ref} is paired with itself' in messages
    assert 'show different people' in messages


def test_people_in_both_splits_are_a_note(root):
    edit_json(
        root / 'Label/pair_split.json',
        lambda s: s['test'].append(s['train'][0]),
    )
    report = verify(root)
    assert report.problems == []
    assert '1 people are in training and test' in report.notes[0]


def test_absent_flow_is_a_note(root):
    some(root, '3d/hmr/corr').unlink()
    report = verify(root)
    assert report.problems == [] and '1 of 10 pairs' in report.notes[0]


def test_quick_reads_no_files(root):
    cut(some(root, 'Img/img'))
    assert verify(root, quick=True).problems == []
    some(root, 'Img/img').unlink()
    assert len(verify(root, quick=True).problems) == 1


def test_report_is_plain_and_the_same_with_threads(root):
    cut(some(root, 'Img/img'))
    some(root, 'Img/seg').unlink()
    report = verify(root)
    again = verify(root, jobs=4).as_dict()
    assert json.loads(json.dumps(report.as_dict())) == json.loads(
        json.dumps(again)
    )
    assert 'images' in again['differing_counts']


def test_layouts_are_found(root, tmp_path):
    assert find_layout(root) is LAYOUT
    assert find_layout('x', 'market1501').size == (128, 64)
    with pytest.raises(ValueError, match='none of the folders of images'):
        find_layout(tmp_path)
    with pytest.raises(ValueError, match="no layout 'coco'"):
        find_layout(root, 'coco')
    with pytest.raises(FileNotFoundError, match='nowhere'):
        find_layout(tmp_path / 'nowhere')


def test_a_folder_without_lists(tmp_path):
    (tmp_path / 'Img/img').mkdir(parents=True)
    (problem,) = verify(tmp_path).problems
    assert problem.kind == 'missing' and 'pair_split.json' in problem.message


def as_npz(root):
    """All files of flow in the other format."""
    for path in (root / '3d/hmr/corr').iterdir():
        write_flow(path.with_suffix('.npz'), *read_flow(path))
        path.unlink()
    return root


def test_flow_in_either_format_is_flow(root):
    before = verify(root)
    report = verify(as_npz(root))
    assert report.problems == [] and report.notes == before.notes == []
    assert report.checked == before.checked and report.checked['flow'] == 10
    path = some(root, '3d/hmr/corr')
    assert path.suffix == '.npz'
    cut(path)
    (problem,) = verify(root).problems
    assert (problem.kind, problem.file) == ('corrupt', str(path))
    write_flow(path, np.zeros((2, 2, 2), 'f4'), np.zeros((1, 2, 2), 'u1'))
    (problem,) = verify(root).problems
    assert problem.file == str(path) and '2x2' in problem.message
    path.unlink()
    report = verify(root)
    assert report.problems == [] and '1 of 10 pairs' in report.notes[0]


def test_flow_of_other_names_is_told(root):
    for path in (root / '3d/hmr/corr').iterdir():
        path.rename(path.with_name(f'x{path.name}'))
    (problem,) = verify(root).problems
    assert "is called 'xfashion" in problem.message
    assert "that of a pair 'fashion" in problem.message


def test_names_are_found_in_any_form(root):
    """Lists, keypoints and body parts of three ways of writing."""

    def archive(table):
        names = {name: parse_deepfashion_name(name).archive for name in table}
        for name, other in names.items():
            table[f'somewhere\\{other}.JPEG'] = table.pop(name)

    edit_pickle(root / 'Label/pose_label.pkl', archive)
    for path in (root / 'Img/seg').iterdir():
        parsed = parse_deepfashion_name(path.name)
        other = root / 'Img/seg/deep' / parsed.archive
        other.parent.mkdir(parents=True, exist_ok=True)
        path.rename(other)
    assert verify(root).problems == []


def test_one_ambiguous_name_is_one_problem(root):
    """What is clear is checked all the same."""
    image = some(root, 'Img/img')
    image.with_suffix('.gif').write_bytes(image.read_bytes())
    found = verify(root).problems
    ambiguous = [p for p in found if 'has several images' in p.message]
    assert len(ambiguous) == 1 and image.stem in ambiguous[0].message
    assert not [p for p in found if p.kind in ('missing', 'corrupt')]


def test_images_of_other_names_are_one_problem(root):
    for path in list((root / 'Img/img').iterdir()):
        path.rename(path.with_name(f'other{path.name}'))
    found = [
        p for p in verify(root).problems if str(root / 'Img/img') in p.file
    ]
    assert len(found) == 1 and "'otherfashion" in found[0].message


def test_files_that_are_left_out_are_noted(root):
    (root / 'Img/img/a.heic').write_bytes(b'\0\0\0\x18ftypheic')
    (root / 'Img/img/.DS_Store').write_bytes(b'x')
    report = verify(root)
    assert report.problems == [] and report.counts['images'][0] == 20
    assert 'HEIC is not read' in report.notes[0]
    assert len(report.notes) == 1


def test_flow_of_ones_own_folder_is_checked_where_it_is(tmp_path):
    for name in 'ab':
        path = tmp_path / 'images' / f'{name}.png'
        path.parent.mkdir(exist_ok=True)
        paint(path, 9)
    points = np.random.default_rng(0).uniform(1, 60, (18, 3))
    write_keypoint_csv(
        tmp_path / 'keypoints.csv', dict.fromkeys(['a.png', 'b.png'], points)
    )
    (tmp_path / 'train.csv').write_text('from,to\na.png,b.png\n')
    layout = LAYOUTS['folder']
    assert verify_dataset(tmp_path, layout).checked['flow'] == 0
    (tmp_path / 'corr').mkdir()
    write_flow(
        tmp_path / 'corr/b_a.npz',
        np.zeros((2, 64, 64), 'f4'),
        np.zeros((1, 64, 64), 'u1'),
    )
    report = verify_dataset(tmp_path, layout, (64, 64))
    assert report.problems == [] and report.checked['flow'] == 1
    cut(tmp_path / 'corr/b_a.npz')
    (problem,) = verify_dataset(tmp_path, layout, (64, 64)).problems
    assert problem.kind == 'corrupt'
