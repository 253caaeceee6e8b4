"""Reading bodies from files, good and bad."""

import os
import pickle

import numpy as np
import pytest
import smplx
from bodies import KEYS, random_body, save_like_smpl
from closeness import assert_near

from mmposetransfer.geometry import BodyModel
from mmposetransfer.geometry.smpl_file import read_smpl_file


def save_npz(path, body):
    np.savez(path, **body)
    return str(path)


def test_pickle_with_chumpy_and_sparse_arrays(tmp_path):
    body = random_body()
    path = tmp_path / 'SMPL_NEUTRAL.pkl'
    save_like_smpl(path, body)
    read = read_smpl_file(path)
    assert set(read) == set(KEYS)
    for key in KEYS:
        np.testing.assert_array_equal(read[key], body[key])


@pytest.mark.parametrize('protocol', [0, 2, 4, 5])
def test_plain_pickle_is_what_smplx_reads(tmp_path, protocol):
    body = random_body()
    path = tmp_path / 'SMPL_NEUTRAL.pkl'
    path.write_bytes(pickle.dumps(body, protocol=protocol))
    theirs = smplx.create(
        str(path),
        model_type='smpl',
        vertex_ids=dict.fromkeys(smplx.vertex_ids.vertex_ids['smplh'], 0),
    )
    ours = BodyModel(path)
    np.testing.assert_allclose(
        ours.forward().vertices[0],
        theirs().vertices[0].detach().numpy(),
        atol=1e-6,
    )


def test_npz_and_pickle_give_the_same_body(tmp_path):
    body = random_body()
    save_like_smpl(tmp_path / 'body.pkl', body)
    from_pickle = BodyModel(tmp_path / 'body.pkl')
    from_npz = BodyModel(save_npz(tmp_path / 'body.npz', body))
    pose = np.random.default_rng(1).normal(0, 0.4, (2, 69))
    assert_near(
        from_pickle.forward(None, pose).vertices,
        from_npz.forward(None, pose).vertices,
    )


class Malicious:
    """Unpickled by pickle itself, this would make a folder."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (self.path,)


@pytest.mark.parametrize('protocol', [0, 2, 4])
def test_pickle_runs_nothing(tmp_path, protocol):
    target = tmp_path / 'made'
    body = dict(random_body(), extra=Malicious(str(target)))
    path = tmp_path / 'body.pkl'
    path.write_bytes(pickle.dumps(body, protocol=protocol))
    with pytest.raises(ValueError, match=r'body\.pkl.*mkdir'):
        BodyModel(path)
    assert not target.exists()
    pickle.loads(path.read_bytes())  # the file does what it says
    assert target.exists()


@pytest.mark.parametrize(
    'call',
    [
        b"cbuiltins\neval\n(S'1'\ntR.",
        b"cos\nsystem\n(S'true'\ntR.",
        b"cnumpy\nload\n(S'x'\ntR.",
        b"cnumpy.testing\nrundocs\n(S'x'\ntR.",
        b'ccopy_reg\n_reconstructor\n(cnumpy\nndarray\nc__builtin__\nobject\n'
        b'NtR.',
    ],
)
def test_pickle_may_call_nothing_else(tmp_path, call):
    path = tmp_path / 'body.pkl'
    path.write_bytes(call)
    with pytest.raises(ValueError, match='not a pickle of plain data'):
        BodyModel(path)


@pytest.mark.parametrize('key', KEYS)
def test_missing_key_is_named(tmp_path, key):
    body = random_body()
    del body[key]
    with pytest.raises(ValueError, match=f'body.npz: no key {key!r}'):
        BodyModel(save_npz(tmp_path / 'body.npz', body))


@pytest.mark.parametrize('key', KEYS)
def test_wrong_shape_is_named(tmp_path, key):
    body = random_body()
    body[key] = body[key][..., :2]
    if key == 'shapedirs':  # any number of shapes will do, but not no axis
        body[key] = body[key][..., 0]
    if key == 'kintree_table':
        body[key] = body[key][:, :2]
    with pytest.raises(ValueError, match=f'{key!r} should have shape'):
        BodyModel(save_npz(tmp_path / 'body.npz', body))


@pytest.mark.parametrize('key', ['v_template', 'weights', 'posedirs'])
def test_not_a_number_is_named(tmp_path, key):
    body = random_body()
    body[key].flat[5] = np.nan
    with pytest.raises(ValueError, match=f'{key!r} holds NaN'):
        BodyModel(save_npz(tmp_path / 'body.npz', body))


def test_face_without_vertex(tmp_path):
    body = random_body(vertices=100)
    body['f'][3, 1] = 100
    with pytest.raises(ValueError, match="'f' names vertex 100"):
        BodyModel(save_npz(tmp_path / 'body.npz', body))


def test_object_array_in_npz(tmp_path):
    body = random_body()
    body['J_regressor'] = np.array([body['J_regressor'], None], dtype=object)
    with pytest.raises(ValueError, match="'J_regressor' is a pickled object"):
        BodyModel(save_npz(tmp_path / 'body.npz', body))


def test_broken_sparse_matrix(tmp_path):
    body = random_body()
    path = tmp_path / 'body.pkl'
    save_like_smpl(path, body)
    content = path.read_bytes()
    assert b'indptr' in content
    path.write_bytes(content.replace(b'indptr', b'indqtr'))
    with pytest.raises(ValueError, match="'J_regressor' is a broken sparse"):
        BodyModel(path)


def test_damaged_npz(tmp_path):
    path = tmp_path / 'body.npz'
    np.savez_compressed(path, **random_body())
    content = bytearray(path.read_bytes())
    content[200:400] = bytes(200)
    path.write_bytes(content)
    with pytest.raises(ValueError, match="'v_template' is damaged"):
        BodyModel(path)


def test_files_that_are_none(tmp_path):
    with pytest.raises(FileNotFoundError, match='nowhere.pkl'):
        BodyModel(tmp_path / 'nowhere.pkl')
    for name in ('body.npz', 'body.pkl'):
        (tmp_path / name).write_bytes(b'something else')
        with pytest.raises(ValueError, match=name):
            BodyModel(tmp_path / name)
    (tmp_path / 'body.txt').write_text('')
    with pytest.raises(ValueError, match='expected a .pkl or .npz'):
        BodyModel(tmp_path / 'body.txt')
    (tmp_path / 'list.pkl').write_bytes(pickle.dumps([1, 2]))
    with pytest.raises(ValueError, match='expected a dict, got list'):
        BodyModel(tmp_path / 'list.pkl')
