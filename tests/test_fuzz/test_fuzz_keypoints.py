"""Poses out of damaged files and strange arrays."""

import io
import json
import pickle

import joblib
import numpy as np
import pytest
import torch
from fuzzing import (  # noqa: F401
    TIMES,
    examples,
    junk,
    mutated,
    outcome,
    places,
    replaced,
)
from hypothesis import given
from hypothesis import strategies as st

from mmposetransfer.datasets import (
    load_keypoints,
    read_keypoint_table,
    read_pairs,
)

POSE = np.arange(36).reshape(18, 2) * 3 + 5
FLAT = [[int(x), int(y), 2] for x, y in POSE]
CSV = 'name:keypoints_y:keypoints_x\n' + ''.join(
    f'{name}:{POSE[:, 1].tolist()}:{POSE[:, 0].tolist()}\n'
    for name in ('a.jpg', 'b:c.jpg')
)
OPENPOSE = dict(people=[dict(pose_keypoints_2d=sum(FLAT, []))])
COCO = dict(
    images=[dict(id=1, file_name='a.jpg'), dict(id='2', file_name='b.jpg')],
    annotations=[dict(image_id=1, keypoints=sum(FLAT[:17], []))],
)
INSTANCE = dict(
    keypoints=POSE[:17].tolist(),
    keypoint_scores=[0.9] * 17,
    bbox=[[1.0, 2.0, 3.0, 4.0]],
    bbox_score=0.9,
)
INFERENCER = [INSTANCE, INSTANCE]
DEMO = dict(
    meta_info=dict(dataset_name='coco'),
    instance_info=[dict(frame_id=1, instances=[INSTANCE])],
)
ALPHAPOSE = [
    dict(
        image_id='a.jpg',
        category_id=1,
        score=2.5,
        idx=[0.0],
        box=[1.0, 2.0, 3.0, 4.0],
        keypoints=sum([[x, y, 0.9] for x, y, _ in FLAT[:17]], []),
    )
]
ALPHAPOSE_CMU = {
    'a.jpg': dict(
        version='AlphaPose v0.3', bodies=[dict(joints=sum(FLAT, []))]
    )
}
CONTROLNET = [
    dict(
        canvas_height=128,
        canvas_width=128,
        people=[
            dict(
                pose_keypoints_2d=sum(
                    [[x / 128, y / 128, 1] for x, y, _ in FLAT], []
                ),
                face_keypoints_2d=None,
            )
        ],
    )
]
PAIRS = dict(train=[['a', 'b'], ['b', 'c']], test=[])
TABLE = pickle.dumps(
    {'a': POSE.tolist(), 'b': POSE, 'c': POSE.astype(np.float32)}, 2
)


def _npy():
    buffer = io.BytesIO()
    np.save(buffer, POSE)
    return buffer.getvalue()


def _joblib(compress):
    buffer = io.BytesIO()
    joblib.dump(pickle.loads(TABLE), buffer, compress=compress)
    return buffer.getvalue()


JSONS = {
    'openpose.json': OPENPOSE,
    'coco.json': COCO,
    'inferencer.json': INFERENCER,
    'demo.json': DEMO,
    'alphapose.json': ALPHAPOSE,
    'cmu.json': ALPHAPOSE_CMU,
    'controlnet.json': CONTROLNET,
}
FILES = {
    'poses.csv': CSV.encode(),
    'numpy.csv': CSV.replace(', ', '), np.int64(')
    .replace('[', '[np.int64(')
    .replace(']', ')]')
    .encode(),
    'poses.npy': _npy(),
    'content': json.dumps(OPENPOSE).encode(),
    **{name: json.dumps(content).encode() for name, content in JSONS.items()},
}
# The picture that each knows; all others know 'a.jpg', or do not ask.
PICTURES = {'demo.json': '1'}


def _is_pose(read):
    assert read.shape == (18, 3) and read.dtype == np.float32
    assert np.isfinite(read).all() and (read[:, 2] >= 0).all()
    assert (read[read[:, 2] == 0] == 0).all() and read.any()
    return True


@pytest.mark.parametrize('name', FILES)
def test_damaged_files(name, tmp_path_factory):
    path = tmp_path_factory.mktemp('fuzz') / name
    path.write_bytes(FILES[name])
    picture = PICTURES.get(name, 'a.jpg')
    assert _is_pose(load_keypoints(path, picture))

    @examples(120)
    @given(mutated(FILES[name]), st.sampled_from([None, picture, 'é']))
    def check(data, image_name):
        path.write_bytes(data)
        read = outcome(lambda: load_keypoints(path, image_name), name)
        assert read is None or _is_pose(read)

    check()


@pytest.mark.parametrize('name', JSONS)
def test_json_of_another_kind(name, tmp_path_factory):
    path = tmp_path_factory.mktemp('fuzz') / name
    content = json.loads(FILES[name])

    @examples(150)
    @given(st.sampled_from(list(places(content))), junk())
    def check(place, new):
        try:
            path.write_text(json.dumps(replaced(content, place, new)))
        except ValueError:  # numbers that Python does not write
            return
        picture = PICTURES.get(name, 'a.jpg')
        read = outcome(lambda: load_keypoints(path, picture), name)
        assert read is None or _is_pose(read)
        table = outcome(lambda: read_keypoint_table(path), name) or {}
        assert all(
            pose.shape == (18, 3) and np.isfinite(pose).all()
            for pose in table.values()
        )

    check()


@pytest.mark.parametrize(
    ('name', 'text'),
    [
        ('deep.json', '[' * 100_000),
        ('deep.csv', CSV + 'a:' + '[' * 100_000),
        ('long.json', '{"people": ' + '9' * 10_000 + '}'),
        ('long.csv', CSV + 'x:[' + '9' * 10_000 + ']:[1]'),
        ('nul.json', '\0'),
        ('nul.csv', '\0'),
        ('empty.json', ''),
        ('empty.csv', ''),
        ('empty.npy', ''),
        ('empty', ''),
        ('empty.pkl', ''),
        ('blank.csv', CSV + ' ' * 200_000),
        ('tabs.csv', 'a:' + '\t' * 200_000),
        ('lists.csv', ':[1]' * 50_000),
        ('quotes.csv', '"' * 200_000),
        ('commas.csv', 'a:[' + '1,' * 100_000),
        ('colons', ':' * 200_000),
        ('numbers.csv', 'a:[' + 'np.int64(' * 20_000 + ']:[1]'),
    ],
)
def test_files_made_to_break_readers(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    assert outcome(lambda: load_keypoints(tmp_path / name), name) is None


@examples(300)
@given(
    st.sampled_from([0, 1, 17, 18, 25, 33]),
    st.sampled_from([1, 2, 3, 4]),
    st.lists(st.floats(), min_size=12, max_size=12),
    st.sampled_from(['array', 'tensor', 'bfloat16', 'list', 'float32']),
)
def test_arrays_of_any_numbers(joints, axes, values, kind):
    pose = (
        np.resize(values, (joints, axes))
        * np.arange(1, joints + 1)[:, None].astype(float)
        if joints
        else np.zeros((0, axes))
    )
    if kind == 'tensor':
        pose = torch.from_numpy(pose)
    elif kind == 'bfloat16':
        pose = torch.from_numpy(pose).bfloat16()
    elif kind == 'list':
        pose = pose.tolist()
    elif kind == 'float32':
        with np.errstate(all='ignore'):
            pose = pose.astype(np.float32)
    read = outcome(lambda: load_keypoints(pose), '')
    assert read is None or _is_pose(read)


@examples(200)
@given(junk(), st.one_of(st.none(), junk()), junk())
def test_arguments_of_any_kind(source, person, min_score):
    read = outcome(
        lambda: load_keypoints(source, person=person, min_score=min_score), ''
    )
    assert read is None or _is_pose(read)


@pytest.mark.parametrize(
    ('name', 'data'),
    [
        ('pairs.json', json.dumps(PAIRS).encode()),
        ('pairs.csv', b'from,to\na.jpg,b.jpg\nb.jpg,c.jpg\n'),
    ],
)
def test_damaged_files_of_pairs(name, data, tmp_path_factory):
    path = tmp_path_factory.mktemp('fuzz') / name

    @examples(150)
    @given(mutated(data))
    def check(data):
        path.write_bytes(data)
        read = outcome(lambda: read_pairs(path, 'train'), name)
        for pair in read or ():
            assert len(pair) == 2
            assert all(name and isinstance(name, str) for name in pair)

    check()


@pytest.mark.parametrize(
    ('name', 'data'),
    [
        ('table.csv', CSV.encode()),
        ('table.pkl', TABLE),
        ('joblib.pkl', _joblib(0)),
        ('zlib.pkl', _joblib(3)),
        ('xz.pkl', _joblib(('xz', 3))),
    ],
)
def test_damaged_tables(name, data, tmp_path_factory):
    path = tmp_path_factory.mktemp('fuzz') / name
    path.write_bytes(data)
    assert len(read_keypoint_table(path)) >= 2

    @examples(300)
    @given(mutated(data))
    def check(data):
        path.write_bytes(data)
        read = outcome(lambda: read_keypoint_table(path), name) or {}
        for pose in read.values():
            assert pose.shape == (18, 3) and pose.dtype == np.float32
            assert np.isfinite(pose).all()

    check()
