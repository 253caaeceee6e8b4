"""Fits made elsewhere, against the formulas of those who made them."""

import pickle

import numpy as np
import pytest
from test_geometry.fitted_people import free_body
from test_geometry.hmr_people import (
    BOXES,
    N,
    check,
    matrices,
    parameters,
    seen,
)

from mmposetransfer.geometry.fitting import (
    FitProjector,
    fits_from_hmr,
    fits_from_paper,
    read_hmr_fits,
)


@pytest.mark.parametrize('form', ['(N, 72)', '(N, 24, 3)', 'rotations'])
def test_projects_where_hmr_does(form):
    pose, betas, cam = parameters()
    given = {
        '(N, 72)': pose.reshape(N, 72),
        '(N, 24, 3)': pose,
        'rotations': matrices(pose),
    }[form]
    fits = fits_from_hmr(
        free_body(), given, betas, cam, BOXES, sizes=(480, 640)
    )
    check(fits, pose, betas, cam)
    assert fits.success.all() and fits.sizes[0].tolist() == [480, 640]


def theta(pose, betas, cam):
    return np.concatenate([cam, pose.reshape(N, 72), betas], 1)


def layouts():
    """Files of several projects, as dicts, of the same people."""
    pose, betas, cam = parameters()
    rotations = matrices(pose)
    box_fields = dict(box_center=BOXES[:, :2], box_size=BOXES[:, 2])
    return {
        'HMR': dict(theta=theta(pose, betas, cam), bboxes=BOXES),
        'SPIN': dict(
            pred_rotmat=rotations,
            pred_betas=betas,
            pred_camera=cam,
            center=BOXES[:, :2],
            scale=BOXES[:, 2] / 200,
        ),
        'VIBE': dict(
            pose=pose.reshape(N, 72),
            betas=betas,
            pred_cam=cam,
            bboxes=BOXES[:, [0, 1, 2, 2]],
        ),
        '4D-Humans': dict(
            global_orient=rotations[:, :1],
            body_pose=rotations[:, 1:],
            betas=betas,
            pred_cam=cam,
            **box_fields,
        ),
        'axis-angle': dict(
            global_orient=pose[:, 0],
            body_pose=pose[:, 1:].reshape(N, 69),
            betas=betas,
            pred_cam=cam,
            **box_fields,
        ),
    }


@pytest.mark.parametrize('layout', layouts())
@pytest.mark.parametrize('ending', ['npz', 'pkl'])
def test_files_of_several_projects(tmp_path, layout, ending):
    content, path = layouts()[layout], tmp_path / f'fits.{ending}'
    content['imgname'] = np.array(['a.jpg', 'b.jpg', 'c.jpg'])
    if ending == 'npz':
        np.savez(path, **content)
    else:
        content['imgname'] = content['imgname'].tolist()
        path.write_bytes(pickle.dumps(content))
    fits = read_hmr_fits(path, free_body())
    assert fits.names.tolist() == ['a.jpg', 'b.jpg', 'c.jpg']
    check(fits, *parameters())


def test_nested_parameters_and_sizes_of_4d_humans(tmp_path):
    content = layouts()['4D-Humans']
    inner = {
        key: content.pop(key)
        for key in ('global_orient', 'body_pose', 'betas')
    }
    content.update(
        pred_smpl_params=inner, img_size=np.tile([640, 480], (N, 1))
    )
    path = tmp_path / 'fits.pkl'
    path.write_bytes(pickle.dumps(content))
    fits = read_hmr_fits(path, free_body())
    check(fits, *parameters())
    assert fits.sizes[0].tolist() == [480, 640]
    assert fits.names.tolist() == ['fits#0', 'fits#1', 'fits#2']


def test_pictures_by_name_in_one_pickle(tmp_path):
    values = theta(*parameters())
    path = tmp_path / 'hmr.pkl'
    path.write_bytes(
        pickle.dumps(
            {f'p{n}': {'theta': values[n]} for n in range(N)}, protocol=2
        )
    )
    fits = read_hmr_fits(path, free_body(), box=(128, 128, 256))
    assert fits.names.tolist() == ['p0', 'p1', 'p2']
    check(fits, *parameters(), boxes=np.array([128, 128, 256.0]))


def test_the_paper_s_fields(tmp_path):
    pose, betas, cam = parameters(1)
    pixels, vertices = seen(pose, betas, cam, BOXES)
    wrong_camera = np.ones_like(cam)  # of whatever crop
    path = tmp_path / 'id.pkl'
    path.write_bytes(
        pickle.dumps(
            dict(
                theta=theta(pose, betas, wrong_camera)[1],
                verts2d=pixels[1].astype(np.float32),
                verts_z=vertices[1, :, 2],
                visibility=np.zeros(len(free_body().faces)),
            ),
            protocol=2,
        )
    )
    fits = read_hmr_fits(path, free_body(), size=(256, 256))
    assert fits.names.tolist() == ['id']
    found = FitProjector(free_body())(fits)[0]
    np.testing.assert_allclose(found[:, :2], pixels[1], atol=0.02)
    whole = fits_from_paper(
        free_body(), theta(pose, betas, wrong_camera), pixels
    )
    check(whole, pose, betas, cam)


def test_fewer_betas_are_filled_up():
    pose, betas, cam = parameters()
    fits = fits_from_hmr(free_body(), pose, betas[:, :4], cam, BOXES)
    betas[:, 4:] = 0
    check(fits, pose, betas, cam)


@pytest.mark.parametrize(
    'change, message',
    [
        (dict(pose=np.zeros((N, 70))), 'pose: expected'),
        (dict(pose=np.full((N, 72), np.nan)), 'finite'),
        (dict(betas=np.zeros((N, 300))), 'at most 10'),
        (dict(cam=np.zeros((N, 3))), 'positive scale'),
        (dict(cam=np.ones((N + 1, 3))), 'cam: expected'),
        (dict(boxes=np.array(['a', 'b', 'c'])), 'boxes: expected numbers'),
        (dict(names=['a']), 'names: expected 3'),
    ],
)
def test_bad_parameters(change, message):
    pose, betas, cam = parameters()
    given = dict(pose=pose, betas=betas, cam=cam, boxes=BOXES)
    with pytest.raises(ValueError, match=message):
        fits_from_hmr(free_body(), **{**given, **change})


@pytest.mark.parametrize(
    'change, message',
    [
        ('theta', 'none of the fields pose'),
        ('bboxes', 'none of the fields bboxes'),
        (dict(theta=np.zeros((N, 82))), 'theta: expected'),
        (dict(verts2d=np.zeros((N, 5, 2))), 'verts2d: expected'),
        (dict(verts2d=np.zeros((N, 8149, 2))), 'no camera'),
    ],
)
def test_bad_files_are_named(tmp_path, change, message):
    content = layouts()['HMR']
    if isinstance(change, str):
        del content[change]
    else:
        content.update(change)
    path = tmp_path / 'fits.npz'
    np.savez(path, **content)
    with pytest.raises(ValueError, match=message) as error:
        read_hmr_fits(path, free_body())
    assert 'fits.npz' in str(error.value)


class _Hostile:
    def __reduce__(self):
        return print, ('executed',)


def test_pickles_are_not_executed(tmp_path, capsys):
    path = tmp_path / 'fits.pkl'
    path.write_bytes(pickle.dumps(dict(theta=_Hostile())))
    with pytest.raises(ValueError, match='plain data'):
        read_hmr_fits(path, free_body())
    assert 'executed' not in capsys.readouterr().out
    path = tmp_path / 'fits.npz'
    np.savez(path, theta=np.array([_Hostile()], object))
    with pytest.raises(ValueError, match='plain arrays'):
        read_hmr_fits(path, free_body())
    assert 'executed' not in capsys.readouterr().out


def test_no_such_file(tmp_path):
    for name in ('a.npz', 'a.pkl'):
        with pytest.raises(FileNotFoundError):
            read_hmr_fits(tmp_path / name, free_body())
    (tmp_path / 'a.txt').write_text('theta')
    with pytest.raises(ValueError, match='neither'):
        read_hmr_fits(tmp_path / 'a.txt', free_body())
