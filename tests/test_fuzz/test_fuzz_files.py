"""Damaged checkpoints, flow, bodies and fits."""

import io
import pickle
import struct

import joblib
import numpy as np
import pytest
import torch
from fuzzing import TIMES, examples, mutated, outcome  # noqa: F401
from hypothesis import given
from scipy import sparse
from test_geometry.fitted_people import free_body

from mmposetransfer.datasets.flow_io import read_corr
from mmposetransfer.geometry.fitting import read_hmr_fits
from mmposetransfer.geometry.smpl_file import read_smpl_file
from mmposetransfer.io.checkpoint import read_checkpoint, read_state_dict

VERTICES = 5


def _checkpoint(zipped):
    buffer = io.BytesIO()
    content = dict(
        state_dict={'a.weight': torch.ones(2, 3), 'a.bias': torch.zeros(2)},
        meta=dict(epoch=3, seed=None, names=['x', 'y']),
    )
    torch.save(content, buffer, _use_new_zipfile_serialization=zipped)
    return buffer.getvalue()


def _body():
    return dict(
        v_template=np.zeros((VERTICES, 3)),
        f=np.array([[0, 1, 2]], 'u4'),
        weights=np.full((VERTICES, 24), 1 / 24),
        J_regressor=np.full((24, VERTICES), 1 / VERTICES),
        shapedirs=np.zeros((VERTICES, 3, 2), 'f4'),
        posedirs=np.zeros((VERTICES, 3, 207), 'f2'),
        kintree_table=np.zeros((2, 24), 'u1'),
    )


def _npz(save):
    buffer = io.BytesIO()
    save(buffer, **_body())
    return buffer.getvalue()


def _corr():
    position = np.zeros((4, 3, 2), '<f4')
    visibility = np.arange(12).reshape(4, 3) % 3
    return (
        struct.pack('<ii', 3, 4)
        + position.tobytes()
        + visibility.astype('u1').tobytes()
    )


def _check_flow(read):
    flow, visibility = read
    assert flow.dtype == np.float32 and visibility.dtype == np.uint8
    assert flow.shape == (2, *visibility.shape[1:]) and np.isfinite(flow).all()
    assert visibility.max() <= 2 and not flow[:, visibility[0] == 2].any()


def _check_body(read):
    assert read['v_template'].shape == (len(read['v_template']), 3)
    assert all(np.isfinite(read[key]).all() for key in _body())


def _check_weights(read):
    assert read and all(isinstance(v, torch.Tensor) for v in read.values())


def _joblib(content, compress):
    buffer = io.BytesIO()
    joblib.dump(content, buffer, compress)
    return buffer.getvalue()


def _vibe():
    return {
        1: dict(
            pred_cam=np.ones((2, 3), 'f4'),
            pose=np.zeros((2, 72), 'f4'),
            betas=np.zeros((2, 10), 'f4'),
            bboxes=np.full((2, 4), 100.0),
            joints2d=None,
            frame_ids=np.arange(2),
        )
    }


def _phalp():
    smpl = dict(
        global_orient=np.eye(3, dtype='f4')[None],
        body_pose=np.tile(np.eye(3, dtype='f4'), (23, 1, 1)),
        betas=np.zeros(10, 'f4'),
    )
    return {
        'img/000001.jpg': dict(
            time=0,
            tid=[1],
            tracked_time=[0],
            size=[[480, 640]],
            smpl=[smpl],
            camera=[np.float32([0, 0, 40])],
        )
    }


def _read_fits(path):
    return read_hmr_fits(path, free_body())


def _check_fits(fits):
    assert len(fits) and np.isfinite(fits.camera[:, :3]).all()
    assert (fits.camera[:, 0] > 0).all()


PICKLED = dict(_body(), J_regressor=sparse.csc_matrix(_body()['J_regressor']))
# File -> (content, reader, check of what was read)
FILES = {
    'zip.pth': (_checkpoint(True), read_state_dict, _check_weights),
    'old.pth': (_checkpoint(False), read_state_dict, _check_weights),
    'any.pth': (_checkpoint(False), read_checkpoint, lambda read: None),
    'flow.corr': (_corr(), read_corr, _check_flow),
    'body.npz': (_npz(np.savez), read_smpl_file, _check_body),
    'small.npz': (_npz(np.savez_compressed), read_smpl_file, _check_body),
    'body.pkl': (pickle.dumps(PICKLED, 2), read_smpl_file, _check_body),
    'new.pkl': (pickle.dumps(PICKLED, 4), read_smpl_file, _check_body),
    'vibe.pkl': (_joblib(_vibe(), 0), _read_fits, _check_fits),
    'phalp.pkl': (_joblib(_phalp(), 0), _read_fits, _check_fits),
    'packed.pkl': (_joblib(_phalp(), 3), _read_fits, _check_fits),
}


@pytest.mark.parametrize('name', FILES)
def test_damaged_files(name, tmp_path_factory):
    path = tmp_path_factory.mktemp('fuzz') / name
    data, reader, check_read = FILES[name]
    path.write_bytes(data)
    check_read(reader(path))

    @examples(150)
    @given(mutated(data))
    def check(data):
        path.write_bytes(data)
        read = outcome(lambda: reader(path), name)
        if read is not None:
            check_read(read)

    check()
