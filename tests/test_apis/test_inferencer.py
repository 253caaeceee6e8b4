"""The inferencer on pictures of many sizes."""

import gc
import json
import sys
import weakref

import cv2
import numpy as np
import pytest
import torch
from closeness import assert_near, assert_same_picture
from mmengine.config import Config
from tiny_training import tiny_config

from mmposetransfer.apis import PoseTransferInferencer
from mmposetransfer.datasets import write_keypoint_csv
from mmposetransfer.io.image_io import read_image, write_image
from mmposetransfer.models import BaseTransferer
from mmposetransfer.pose_estimators import PoseEstimator
from mmposetransfer.registry import MODELS
from mmposetransfer.utils.dependencies import mediapipe_line


@MODELS.register_module()
class NoseTransferer(BaseTransferer):
    """Shifts the reference so that its nose is where the target's is."""

    def transfer(self, inputs):
        noses = (inputs[f'{s}_keypoints'][:, 0, :2] for s in ('ref', 'tgt'))
        offset = next(noses) - next(noses)
        flow = torch.zeros_like(inputs['ref_img'][:, :2])
        flow = flow + offset[:, :, None, None]
        visibility = torch.zeros_like(flow[:, :1]).to(torch.uint8)
        visibility[..., :4] = 2  # a strip of background on the left
        return dict(
            pred_img=inputs['ref_img'],
            pred_flow=flow * (visibility < 2),
            pred_visibility=visibility,
            weight_map=torch.full_like(flow[:, :1], 0.25),
        )

    def updates(self, inputs):
        yield from ()


@pytest.fixture(scope='module')
def inferencer():
    cfg = Config(dict(model=dict(type='NoseTransferer'), image_size=(96, 64)))
    return PoseTransferInferencer(cfg, device='cpu')


def _person(size, height, left, top):
    """A photograph of a person made of dots, and the pose."""
    xy = np.array(
        [(50, 5), (50, 20), (40, 20), (35, 38), (32, 54), (60, 20), (65, 38)]
        + [(68, 54), (43, 55), (42, 78), (42, 100), (57, 55), (58, 78)]
        + [(58, 100), (48, 2), (52, 2), (45, 3), (55, 3)]
    )
    xy = xy * height / 100 + [left, top]
    image = np.full((*size, 3), 40, np.uint8)
    for joint in xy:
        cv2.circle(image, tuple(map(round, joint)), 3, (0, 0, 250), -1)
    return image, np.concatenate([xy, np.ones((18, 1))], axis=1)


@pytest.mark.parametrize('crop', ['auto', 'none'])
@pytest.mark.parametrize(
    ('reference', 'target'),
    [
        (((200, 160), 150, 0, 20), ((200, 160), 140, 20, 30)),
        (((400, 600), 120, 100, 150), ((256, 256), 200, 30, 30)),
        (((128, 64), 100, -15, 10), ((300, 900), 90, 700, 100)),
    ],
)
def test_flow_leads_from_the_target_to_the_reference(
    inferencer, reference, target, crop
):
    ref_img, ref_pose = _person(*reference)
    tgt_img, tgt_pose = _person(*target)
    result = inferencer(ref_img, ref_pose, tgt_pose, tgt_img, crop=crop)
    prediction = result['predictions'][0]
    left, top, right, bottom = prediction['tgt_box']
    size = (bottom - top, right - left)
    if crop == 'none':
        assert size == tgt_img.shape[:2]
    assert prediction['image'].shape == (*size, 3)
    assert prediction['image'].dtype == np.uint8
    assert prediction['flow'].shape == (2, *size)
    assert prediction['visibility'].shape == (1, *size)
    nose = tgt_pose[0, :2] - [left, top]
    x, y = nose.round().astype(int)
    assert prediction['visibility'][0, y, x] == 0
    arrived = nose + prediction['flow'][:, y, x]
    expected = ref_pose[0, :2] - prediction['ref_box'][:2]
    # to a pixel of the canvas, which may be several of the photograph
    coarse = max(max(ref_img.shape[:2]), max(tgt_img.shape[:2])) / 64
    np.testing.assert_allclose(arrived, expected, atol=1 + coarse / 2)
    background = prediction['visibility'] == 2
    assert background.any()
    assert not prediction['flow'][:, background[0]].any()
    assert prediction['weight_map'] == pytest.approx(0.25)


def test_the_photograph_comes_back_where_it_was(inferencer):
    image, pose = _person((300, 200), 250, -30, 20)
    shifted = pose + [10, 0, 0]
    result = inferencer(image, pose, shifted, crop='none')
    prediction = result['predictions'][0]
    assert prediction['tgt_box'] == (0, 0, 200, 300)
    # the canvas is smaller, so the dots come back blurred, but in place
    returned = prediction['image'][..., 2].astype(float)
    for x, y in pose[:, :2].round().astype(int):
        assert returned[y - 2 : y + 3, x - 2 : x + 3].max() > 110
    assert np.median(returned) == pytest.approx(40, abs=2)
    np.testing.assert_allclose(prediction['flow'][0, 150, 100], -10, atol=1e-2)


def test_a_network_may_see_the_canvas_stretched(inferencer):
    """What the photographs get is the same."""
    preprocess = dict(
        type='PoseTransferDataPreprocessor', network_size=(96, 96)
    )
    model = dict(type='NoseTransferer', data_preprocessor=preprocess)
    cfg = Config(dict(model=model, image_size=(96, 64)))
    stretched = PoseTransferInferencer(cfg, device='cpu')
    image, pose = _person((300, 200), 250, -30, 20)
    wanted, found = (
        one(image, pose, pose + [10, 6, 0], crop='none')['predictions'][0]
        for one in (inferencer, stretched)
    )
    body = (..., slice(16, None))  # the strip is of pixels of the network
    for name in ('flow', 'visibility', 'weight_map'):
        np.testing.assert_allclose(
            found[name][body], wanted[name][body], atol=1e-3
        )
    difference = cv2.absdiff(found['image'], wanted['image'])
    assert difference.mean() < 1


def test_without_a_target_picture_one_box_holds_both_poses(inferencer):
    image, pose = _person((500, 900), 110, 100, 200)
    _, wanted = _person((500, 900), 110, 200, 220)
    prediction = inferencer(image, pose, wanted)['predictions'][0]
    assert prediction['ref_box'] == prediction['tgt_box']
    left, top, right, bottom = prediction['ref_box']
    assert right - left < 900  # it is cropped
    for points in (pose, wanted):
        assert (points[:, :2] >= [left, top]).all()
        assert (points[:, :2] < [right, bottom]).all()


def test_batches_equal_single_pictures(inferencer):
    people = [_person((200 + 30 * i, 160), 150, 10 * i, 20) for i in range(3)]
    images, poses = zip(*people, strict=True)
    many = inferencer(
        list(images), list(poses), people[0][1], people[0][0], batch_size=2
    )
    assert len(many['predictions']) == 3
    for i in range(3):
        one = inferencer(images[i], poses[i], people[0][1], people[0][0])
        single, among = one['predictions'][0], many['predictions'][i]
        assert_same_picture(single['image'], among['image'])
        assert_near(single['flow'], among['flow'])
        np.testing.assert_array_equal(
            single['visibility'], among['visibility']
        )
        assert_same_picture(one['visualization'][0], many['visualization'][i])


def test_out_dir_holds_everything(inferencer, tmp_path):
    folder = tmp_path / 'in'
    lines = ['name:keypoints_y:keypoints_x']
    for i in range(2):
        image, pose = _person((200, 160), 150, 10 * i, 20)
        write_image(folder / f'p{i}.png', image)
        rounded = pose.round().astype(int)
        lines.append(
            f'p{i}.png:{rounded[:, 1].tolist()}:{rounded[:, 0].tolist()}'
        )
    csv = folder / 'poses.csv'  # lies among the images, and is none
    csv.write_text('\n'.join(lines))
    result = inferencer(
        folder, csv, csv, target=folder / 'p0.png', out_dir=tmp_path / 'out'
    )
    first, second = result['predictions']
    assert (second['ref_id'], second['tgt_id']) == ('p1', 'p0')
    assert set(first['paths']) == {
        *('image', 'strip', 'flow', 'visibility', 'weight_map', 'arrays'),
    }
    written = {path.name for path in (tmp_path / 'out').iterdir()}
    assert 'p1_p0.png' in written and 'p1_p0_strip.png' in written
    assert len(written) == 12
    assert (read_image(second['paths']['image']) == second['image']).all()
    strip = read_image(second['paths']['strip'])[..., ::-1]
    assert (strip == result['visualization'][1]).all()
    arrays = np.load(second['paths']['arrays'])
    np.testing.assert_array_equal(arrays['flow'], second['flow'])
    np.testing.assert_array_equal(arrays['visibility'], second['visibility'])
    assert arrays['ref_box'].tolist() == list(second['ref_box'])

    again = inferencer(
        2 * [folder / 'p0.png'], csv, csv, folder / 'p1.png', out_dir=tmp_path
    )
    paths = [p['paths']['image'] for p in again['predictions']]
    assert paths[1].endswith('p0_p1-2.png') and paths[0] != paths[1]


def test_later_calls_overwrite_nothing(inferencer, tmp_path):
    written = []
    for left in range(3):
        image, pose = _person((200, 160), 150, left, 20)
        result = inferencer(2 * [image], pose, pose, out_dir=tmp_path)
        for prediction in result['predictions']:
            written.append((prediction['paths']['image'], prediction['image']))
    for path, image in written:
        np.testing.assert_array_equal(read_image(path), image)


def test_each_batch_is_finished_before_the_next(
    inferencer, tmp_path, monkeypatch
):
    """However many pictures there are, no more than a batch is held."""
    made, alive, on_disk = [], [], []

    def test_step(data):
        gc.collect()
        alive.append(sum(ref() is not None for ref in made))
        on_disk.append(len(list(tmp_path.glob('*.npz'))))
        samples = type(inferencer.model).test_step(inferencer.model, data)
        made.extend(weakref.ref(sample.pred_img) for sample in samples)
        return samples

    monkeypatch.setattr(inferencer.model, 'test_step', test_step)
    image, pose = _person((200, 160), 150, 0, 20)
    result = inferencer(
        7 * [image],
        pose,
        pose,
        out_dir=tmp_path,
        batch_size=2,
        return_arrays=False,
    )
    assert on_disk == [0, 2, 4, 6] and max(alive) <= 2
    assert result['visualization'] == []
    for prediction in result['predictions']:
        assert set(prediction) == {
            *('ref_id', 'tgt_id', 'ref_box', 'tgt_box', 'paths'),
        }
        assert read_image(prediction['paths']['image']).size
    for wrong in (dict(), dict(out_dir=tmp_path, return_datasamples=True)):
        with pytest.raises(ValueError, match='return_arrays=False'):
            inferencer(image, pose, pose, return_arrays=False, **wrong)


def test_a_bad_pose_loses_nothing_made_before(inferencer, tmp_path):
    image, pose = _person((200, 160), 150, 0, 20)
    poses = [*(3 * [pose]), 0 * pose]
    with pytest.raises(ValueError, match='all 18 joints are missing'):
        inferencer(4 * [image], poses, pose, out_dir=tmp_path)
    assert len(list(tmp_path.glob('*.npz'))) == 3


def test_samples_leave_the_device(inferencer, monkeypatch):
    class OnDevice:
        def cpu(self):
            return 'on the CPU'

    monkeypatch.setattr(
        inferencer.model, 'test_step', lambda data: [OnDevice(), OnDevice()]
    )
    assert inferencer.forward({}) == ['on the CPU', 'on the CPU']


def test_every_source_may_be_a_list(inferencer, tmp_path):
    """That is, what the documentation says may be: up to the persons."""
    small, far = (_person((200, 160), 150, left, 20) for left in (0, 10))
    people = [
        {'pose_keypoints_2d': pose.ravel().tolist()}
        for _, pose in (small, far)
    ]
    for name in ('a', 'b'):
        (tmp_path / f'{name}_keypoints.json').write_text(
            json.dumps({'people': people})
        )
        write_image(tmp_path / f'{name}.png', small[0])
    names = ['a.png', 'b.png']
    result = inferencer(
        [tmp_path / name for name in names],
        2 * [tmp_path],
        [tmp_path, str(tmp_path)],
        [None, None],
        target_name=names,
        target_size=[(200, 160), (400, 300)],
        reference_person=[0, 1],
        target_person=[1, 0],
        crop='none',
    )
    assert [p['tgt_id'] for p in result['predictions']] == ['a', 'b']
    sizes = [p['image'].shape[:2] for p in result['predictions']]
    assert sizes == [(200, 160), (400, 300)]
    across = [p['flow'][0, 100, 80] for p in result['predictions']]
    assert across[0] == pytest.approx(-10, abs=0.1)
    single = inferencer(
        tmp_path / 'a.png',
        tmp_path,
        tmp_path,
        target_name='a.png',
        target_size=[200, 160],
        target_person=1,
        crop='none',
    )
    assert single['predictions'][0]['flow'][0, 100, 80] == pytest.approx(
        across[0], abs=1e-4
    )


def test_min_score_leaves_joints_out(inferencer):
    image, pose = _person((200, 160), 150, 0, 20)
    pose[5, 2] = 0.2
    for min_score, seen in ((None, True), (0.3, False)):
        result = inferencer(
            image,
            pose,
            pose,
            min_score=min_score,
            return_datasamples=True,
        )
        sample = result['predictions'][0]
        for keypoints in (sample.ref_keypoints, sample.tgt_keypoints):
            assert bool(keypoints[5].any()) == seen


def test_data_samples_at_the_size_of_the_model(inferencer):
    image, pose = _person((200, 160), 150, 0, 20)
    result = inferencer(image, pose, pose, return_datasamples=True)
    assert result['predictions'][0].pred_img.shape == (3, 96, 64)


def test_bad_calls(inferencer, tmp_path):
    image, pose = _person((200, 160), 150, 0, 20)
    with pytest.raises(ValueError, match="crop must be .*'maybe'"):
        inferencer(image, pose, pose, crop='maybe')
    with pytest.raises(FileNotFoundError, match='no images are in'):
        inferencer(tmp_path, pose, pose)
    with pytest.raises(TypeError, match='refrence_keypoints'):
        inferencer(image, refrence_keypoints=pose)
    with pytest.raises(ValueError, match=r"panels \['flw'\]"):
        inferencer(image, pose, pose, panels=('flw',))
    with pytest.raises(ValueError, match='image_size must be'):
        PoseTransferInferencer(inferencer.cfg, image_size=(64,))
    with pytest.raises(FileNotFoundError, match='no_such_model'):
        PoseTransferInferencer('no_such_model')
    with pytest.raises(ValueError, match='cuda:99'):
        PoseTransferInferencer(inferencer.cfg, device='cuda:99')


@pytest.fixture(scope='module')
def tiny_dipt(tmp_path_factory):
    cfg = tiny_config(tmp_path_factory.mktemp('work'))
    return PoseTransferInferencer(cfg, device='cpu')


def test_dipt_on_a_drawn_person(tiny_dipt):
    image, pose = _person((210, 150), 170, -30, 20)
    result = tiny_dipt(image, pose, pose + [5, 0, 0])
    prediction = result['predictions'][0]
    assert {'image', 'warped_image', 'generated_image'} < set(prediction)
    for key in ('flow', 'visibility', 'weight_map'):
        assert prediction[key].shape[1:] == (210, 150)
        assert np.isfinite(prediction[key]).all()
    # reference, both poses, flow, visibility, warped, weights, before, result
    assert result['visualization'][0].shape[1] == 9 * (192 + 4)


@pytest.mark.parametrize('folder', ['deepfashion', 'market1501', 'coco'])
def test_dipt_on_real_photographs(tiny_dipt, shared, folder):
    folder = shared / 'real' / folder
    (poses,) = folder.glob('*keypoints.*')
    photographs = sorted(folder.glob('*.jpg'))[:4]
    result = tiny_dipt(photographs, poses, poses, photographs[0], batch_size=4)
    assert len(result['predictions']) == len(photographs) > 3
    for prediction in result['predictions']:
        left, top, right, bottom = prediction['tgt_box']
        assert prediction['image'].shape == (bottom - top, right - left, 3)
        assert np.isfinite(prediction['flow']).all()


def photographs(folder, names):
    """Photographs of people who stand in different places; their poses."""
    poses = {}
    for i, name in enumerate(names):
        image, poses[name] = _person((200, 160), 150, 3 * i, 20)
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        ending = path.suffix if path.suffix in ('.png', '.bmp') else '.png'
        path.write_bytes(cv2.imencode(ending, image)[1].tobytes())
    return poses


def test_a_folder_with_all_that_is_in_its_sub_folders(
    inferencer, tmp_path, monkeypatch
):
    lines = []
    monkeypatch.setattr(
        'mmposetransfer.apis.inferencer.print_log',
        lambda text, **kwargs: lines.append(text),
    )
    names = ['1.png', 'anna/1.png', 'ben/x/1.bmp', 'ben/1', "c #1, 'y'.png"]
    poses = photographs(tmp_path / 'in', [*names, 'nobody/2.png'])
    write_keypoint_csv(
        tmp_path / 'k.csv', {name: poses[name] for name in names}
    )
    (tmp_path / 'in/d.heic').write_bytes(b'\0\0\0\x18ftypheic')
    (tmp_path / 'in/.DS_Store').write_bytes(b'1')
    (tmp_path / 'in/notes.txt').write_text('1')
    (tmp_path / 'in/link').symlink_to(tmp_path / 'in/anna')
    result = inferencer(
        tmp_path / 'in',
        tmp_path / 'k.csv',
        poses['1.png'],
        out_dir=tmp_path / 'out',
    )
    made = {p['ref_id']: p for p in result['predictions']}
    assert list(made) == ['1', 'anna/1', 'ben/1', 'ben/x/1', "c #1, 'y'"]
    for i, ref_id in ((0, '1'), (1, 'anna/1'), (2, 'ben/x/1'), (3, 'ben/1')):
        path = tmp_path / f'out/{ref_id}_target{list(made).index(ref_id)}.png'
        assert made[ref_id]['paths']['image'] == str(path) and path.is_file()
        # Each with its own pose, which is 3 pixels from the one before.
        flow = made[ref_id]['flow'][0, 100, 80]
        assert flow == pytest.approx(3 * i, abs=0.3)
    told = '\n'.join(lines)
    assert '6 pictures taken, 3 left out' in told
    assert 'HEIC is not read: convert it to JPEG or PNG (1): d.heic' in told
    assert 'no picture (1): notes.txt' in told and 'DS_Store' not in told
    assert '5 pictures with keypoints, 1 left out' in told
    assert "k.csv' has no keypoints of it (1): nobody/2.png" in told


def test_nobody_gets_the_pose_of_a_namesake(inferencer, tmp_path):
    names = ['a/1.png', 'b/1.png']
    poses = photographs(tmp_path, names)
    files = [tmp_path / name for name in names]
    write_keypoint_csv(tmp_path / 'one.csv', {'1.png': poses[names[0]]})
    write_keypoint_csv(tmp_path / 'a.csv', {'a/1.png': poses[names[0]]})
    pose = poses[names[0]]
    with pytest.raises(ValueError, match="'1.png' could be each of these"):
        inferencer(files, tmp_path / 'one.csv', pose)
    with pytest.raises(ValueError, match="a.csv' has no keypoints of .*b/1"):
        inferencer(files, tmp_path / 'a.csv', pose)
    with pytest.raises(ValueError, match='a/1.png is called alike, but is'):
        inferencer(files[1], tmp_path / 'a.csv', pose)
    for keypoints in ('one.csv', 'a.csv'):
        inferencer(files[0], tmp_path / keypoints, pose)
    inferencer(files[1], tmp_path / 'a.csv', pose, reference_name='a/1.png')
    inferencer(2 * files[:1], tmp_path / 'a.csv', pose)


def test_a_folder_without_pictures_says_what_is_there(inferencer, tmp_path):
    (tmp_path / 'a.avif').write_bytes(b'\0\0\0\x20ftypavif')
    with pytest.raises(FileNotFoundError, match='no images .*AVIF .*a.avif'):
        inferencer(tmp_path, np.ones((18, 3)), np.ones((18, 3)))


class Dots(PoseEstimator):
    """Finds one person of red dots, whose pixels they are."""

    skeleton = 'openpose18'

    def __init__(self, pose):
        super().__init__()
        self.pose = pose

    def detect_with_masks(self, images):
        return [
            (self.pose[None], (image[None, ..., 2] > 200).astype(np.float32))
            for image in images
        ]

    def detect(self, images):
        return [poses for poses, _ in self.detect_with_masks(images)]


@MODELS.register_module()
class PersonTransferer(NoseTransferer):
    """Shows what it was told of the person in the reference."""

    def transfer(self, inputs):
        found = super().transfer(inputs)
        if 'ref_person' in inputs:
            found['weight_map'] = inputs['ref_person']
        return found


@pytest.mark.parametrize('crop', ['auto', 'none'])
def test_the_person_is_carried_to_the_network_where_it_is_found(crop):
    """Also beside references, in one batch, whose keypoints are given."""
    image, pose = _person((400, 600), 120, 100, 150)
    cfg = Config(
        dict(model=dict(type='PersonTransferer'), image_size=(96, 64))
    )
    inferencer = PoseTransferInferencer(
        cfg, device='cpu', pose_estimator=Dots(pose)
    )
    results = inferencer(
        3 * [image], [None, pose, None], pose, crop=crop, batch_size=3
    )['predictions']
    assert [r['ref_id'] for r in results] == [
        f'reference{i}' for i in range(3)
    ]
    assert (results[1]['weight_map'] == 0.25).all()
    for result in results[::2]:
        left, top, right, bottom = result['ref_box']
        there = image[top:bottom, left:right, 2] > 200
        weights = result['weight_map'][0]
        assert weights.shape == there.shape
        # Where dots are, and nowhere else; blurred by the model's size.
        around = cv2.dilate(there.astype(np.uint8), np.ones((25, 25))) > 0
        assert weights[~around].max() < 0.02
        assert abs(weights.sum() - there.sum()) < 0.2 * there.sum()


def test_without_mediapipe_the_way_out_is_told(inferencer, monkeypatch):
    """When a pose is to be found, and not before."""
    image, pose = _person((200, 160), 150, 0, 20)
    monkeypatch.setitem(sys.modules, 'mediapipe', None)  # no import finds it
    assert inferencer(image, pose, pose)['predictions']
    with pytest.raises(ImportError) as caught:
        inferencer(image, None, pose)
    told = str(caught.value)
    assert told.startswith(
        'reference_keypoints are missing, and finding poses'
    )
    assert mediapipe_line() in told
