"""Files that VIBE's and PHALP's demos write, by the real joblib."""

import joblib
import numpy as np
import pytest
from test_geometry.fitted_people import free_body
from test_geometry.hmr_people import BOXES, N, check, matrices, parameters

from mmposetransfer.geometry.fitting import FitProjector, read_hmr_fits

COMPRESSIONS = [0, 3, ('gzip', 3), ('xz', 3), ('bz2', 3), ('lzma', 3)]
SIZE = (480, 640)  # height, width


def vibe(first=0, joints=None):
    """A person of `vibe_output.pkl`, seen in N frames from the first on."""
    pose, betas, cam = parameters()
    return dict(
        pred_cam=cam.astype('f4'),
        orig_cam=np.zeros((N, 4), 'f4'),
        verts=np.zeros((N, 6890, 3), 'f4'),
        pose=pose.reshape(N, 72).astype('f4'),
        betas=betas.astype('f4'),
        joints3d=np.zeros((N, 49, 3), 'f4'),
        joints2d=joints,
        bboxes=BOXES[:, [0, 1, 2, 2]],
        frame_ids=np.arange(first, first + N),
    )


@pytest.mark.parametrize('compress', COMPRESSIONS)
def test_vibe_s_output(tmp_path, compress):
    path = tmp_path / 'vibe_output.pkl'
    joblib.dump({1: vibe(130)}, path, compress)
    fits = read_hmr_fits(path, free_body(), size=SIZE)
    assert fits.names.tolist() == ['130', '131', '132']
    check(fits, *parameters())


def test_people_of_vibe_have_their_numbers(tmp_path):
    path = tmp_path / 'vibe_output.pkl'
    joblib.dump({2: vibe(0), -1: vibe(2, np.zeros((N, 21, 3)))}, path)
    fits = read_hmr_fits(path, free_body())
    assert fits.names.tolist() == ['0#2', '1#2', '2#2', '2#-1', '3#-1', '4#-1']
    check(fits[:N], *parameters())
    check(fits[N:], *parameters())


def test_frames_have_the_names_of_the_pictures(tmp_path):
    path = tmp_path / 'vibe_output.pkl'
    joblib.dump({1: vibe(1)}, path)
    frames = [f'{k:06d}.png' for k in range(1, 5)]
    fits = read_hmr_fits(path, free_body(), frames=frames)
    assert fits.names.tolist() == ['000002.png', '000003.png', '000004.png']
    with pytest.raises(
        ValueError,
        match=r'vibe_output.pkl. \(1\): there is a '
        'frame 2, but only 2 names',
    ):
        read_hmr_fits(path, free_body(), frames=frames[:2])
    joblib.dump(vibe(1), path)  # one person alone
    fits = read_hmr_fits(path, free_body())
    assert fits.names.tolist() == ['1', '2', '3']
    joblib.dump({1: dict(vibe(), frame_ids=np.zeros(N))}, path)
    with pytest.raises(ValueError, match='frame_ids: expected a list of num'):
        read_hmr_fits(path, free_body())


def full_camera(cam, box, size=SIZE):
    """PHALP's: (tx, ty, tz) of a lens of 5000 pixels in the padded picture.

    As its HMAR computes it, from the crop's camera and box.
    """
    height, width = size
    side = max(size)
    ratio = 256 / side
    centre = (box[:2] + [(side - width) // 2, (side - height) // 2]) * ratio
    tz = 2 * 5000 / (cam[0] * box[2] * ratio + 1e-9)
    return np.float32([*(cam[1:] + (centre - 128) * tz / 5000), tz])


def phalp(people=(0, 1, 2), **changes):
    """Frames with one person each of the N, as PHALP keeps them."""
    pose, betas, cam = parameters()
    rotations = matrices(pose).astype('f4')
    frames = {}
    for k in people:
        frames[f'outputs/_DEMO/clip/img/{k + 1:06d}.jpg'] = dict(
            time=k,
            shot=0,
            tracked_ids=[5],
            tid=[5],
            tracked_time=[0],
            bbox=[np.zeros(4, 'f4')],
            center=[BOXES[k, :2]],
            size=[list(SIZE)],
            camera=[full_camera(cam[k], BOXES[k])],
            camera_bbox=[cam[k].astype('f4')],
            conf=[np.float32(0.9)],
            img_name=[f'{k + 1:06d}.jpg'],
            mask=[[dict(size=list(SIZE), counts='PPYo0')]],
            class_name=[np.int64(0)],
            annotations=[[]],
            smpl=[
                dict(
                    global_orient=rotations[k, :1],
                    body_pose=rotations[k, 1:],
                    betas=betas[k].astype('f4'),
                )
            ],
        )
    frames['outputs/_DEMO/clip/img/000009.jpg'] = {
        'time': 8,
        'shot': 0,
        **{
            key: []
            for key in ('tid', 'tracked_time', 'size', 'camera', 'smpl')
        },
    }
    return frames


@pytest.mark.parametrize('compress', COMPRESSIONS)
def test_phalp_s_output(tmp_path, compress):
    path = tmp_path / 'demo_clip.pkl'
    joblib.dump(phalp(), path, compress)
    fits = read_hmr_fits(path, free_body())
    assert fits.names.tolist() == [
        f'outputs/_DEMO/clip/img/{k:06d}.jpg' for k in (1, 2, 3)
    ]
    assert fits.sizes.tolist() == [list(SIZE)] * N and fits.success.all()
    check(fits, *parameters())
    named = read_hmr_fits(path, free_body(), frames=list('abcdefghi'))
    assert named.names.tolist() == ['a', 'b', 'c']


@pytest.mark.parametrize('size', [(640, 480), (481, 640), (300, 300)])
def test_pictures_of_any_shape(tmp_path, size):
    """The padding is to the sides of tall pictures, and rounded."""
    cam = parameters()[2]
    frames = phalp()
    for k, frame in enumerate(list(frames.values())[:N]):
        frame.update(
            size=[list(size)], camera=[full_camera(cam[k], BOXES[k], size)]
        )
    joblib.dump(frames, tmp_path / 'clip.pkl')
    check(read_hmr_fits(tmp_path / 'clip.pkl', free_body()), *parameters())


def test_people_of_phalp_and_those_it_only_remembers(tmp_path):
    frames = phalp()
    first, second = list(frames.values())[:2]
    for key in ('tid', 'size', 'camera', 'smpl'):
        first[key] = first[key] + second[key]
    first.update(tid=[5, 7], tracked_time=[0, 3])
    joblib.dump(frames, tmp_path / 'clip.pkl', compress=3)
    fits = read_hmr_fits(tmp_path / 'clip.pkl', free_body())
    assert [name[-8:] for name in fits.names] == [
        '01.jpg#5',
        '01.jpg#7',
        '02.jpg#5',
        '03.jpg#5',
    ]
    assert fits.success.tolist() == [True, False, True, True]
    projected = FitProjector(free_body())(fits)
    np.testing.assert_allclose(
        projected[1][:, :2], projected[2][:, :2], atol=1e-3
    )


def test_frames_by_number(tmp_path):
    """A video that was not taken apart has (its path, a time stamp)."""
    frames = {
        ('clip.mp4', k * 512): frame
        for k, frame in enumerate(phalp().values())
    }
    joblib.dump(frames, tmp_path / 'clip.pkl')
    fits = read_hmr_fits(tmp_path / 'clip.pkl', free_body())
    assert fits.names.tolist() == ['0', '1', '2']


@pytest.mark.parametrize(
    'change, message',
    [
        (
            dict(camera=[[0, 0, -1]]),
            '1.jpg, person 5: expected a positive dist',
        ),
        (dict(camera=[[0, 0]]), '1.jpg, person 5: '),
        (dict(size=[[0, 640]]), '1.jpg, person 5: .* 0x640'),
        (dict(camera=[]), "1.jpg: 0 entries of 'camera' for 1 people"),
        (dict(smpl=[dict(betas=np.zeros(10))]), "person 5: 'global_orient'"),
    ],
)
def test_bad_frames_are_named(tmp_path, change, message):
    frames = phalp()
    next(iter(frames.values())).update(change)
    joblib.dump(frames, tmp_path / 'clip.pkl')
    with pytest.raises(ValueError, match=message) as error:
        read_hmr_fits(tmp_path / 'clip.pkl', free_body())
    assert "clip.pkl'" in str(error.value)


def test_frames_of_nobody(tmp_path):
    joblib.dump(phalp(people=()), tmp_path / 'clip.pkl')
    with pytest.raises(ValueError, match='clip.pkl.: nobody was found'):
        read_hmr_fits(tmp_path / 'clip.pkl', free_body())
