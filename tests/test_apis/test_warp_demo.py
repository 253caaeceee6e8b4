"""The demo that warps people onto each other by fitted bodies."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from mmposetransfer.datasets import read_keypoint_table, write_keypoint_csv
from mmposetransfer.geometry import BodyFitter, FlowSynthesizer
from mmposetransfer.io.image_io import read_image

ROOT = Path(__file__).parents[2]
INPUTS = ROOT / 'demo' / 'inputs'
POSES = INPUTS / 'poses.csv'


@pytest.fixture(scope='module')
def demo():
    spec = importlib.util.spec_from_file_location(
        'warp_demo', ROOT / 'demo' / 'warp_demo.py'
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_person_is_warped_onto_another_picture_of_her(demo):
    files = [
        str(INPUTS / f'{name}.png') for name in ('cardigan', 'cardigan_target')
    ]
    args = demo.parse_args([*files, '--keypoints', str(POSES)])
    images, poses = demo.framed(args, demo.find_images(args))
    fits = BodyFitter()(np.stack(poses), files, np.array(args.size))
    sample = demo.make_sample(images, poses, FlowSynthesizer(fits), 0, 1)
    visible = sample.pred_visibility[0].numpy() == 0
    # Joints of the target are found where the reference has them.
    ref, tgt = poses
    errors = []
    for k in np.flatnonzero((ref[:, 2] > 0) & (tgt[:, 2] > 0)):
        x, y = tgt[k, :2].round().astype(int)
        if visible[y, x]:
            found = tgt[k, :2] + sample.pred_flow[:, y, x].numpy()
            errors.append(np.linalg.norm(found - ref[k, :2]))
    assert len(errors) >= 4 and np.median(errors) < 4
    target = sample.target_img[:, visible]
    warped = (sample.warped_img[:, visible] - target).abs().mean()
    unmoved = (sample.ref_img[:, visible] - target).abs().mean()
    assert warped < 0.9 * unmoved


def test_every_picture_is_warped_onto_the_next(demo, tmp_path, capsys):
    files = [
        str(INPUTS / f'{name}.png')
        for name in ('cardigan', 'dress', 'dress_target')
    ]
    out = tmp_path / 'grid.png'
    demo.main(
        [
            *files,
            '--keypoints',
            str(POSES),
            '--size',
            '128',
            '128',
            '--out',
            str(out),
        ]
    )
    assert str(out) in capsys.readouterr().out
    height, width = read_image(out).shape[:2]
    assert height > 3 * 128 and width > len(demo.PANELS) * 128


def test_a_picture_without_keypoints_is_named(demo, tmp_path):
    other = tmp_path / 'other.png'
    other.write_bytes((INPUTS / 'dress.png').read_bytes())
    with pytest.raises(SystemExit, match='other.*the name of the picture'):
        demo.main(
            [
                str(INPUTS / 'dress.png'),
                str(other),
                '--keypoints',
                str(POSES),
                '--out',
                str(tmp_path / 'no.png'),
            ]
        )
    assert not (tmp_path / 'no.png').exists()


def test_pictures_of_a_folder(demo, tmp_path, capsys):
    folder = tmp_path / 'photos'
    table = read_keypoint_table(POSES)
    poses = {}
    for name, other in (('dress', 'a/1.png'), ('cardigan', 'b/1.png')):
        (folder / other).parent.mkdir(parents=True)
        (folder / other).write_bytes((INPUTS / f'{name}.png').read_bytes())
        poses[other] = table[f'{name}.png']
    (folder / 'x.heic').write_bytes(b'\0\0\0\x18ftypheic')
    write_keypoint_csv(tmp_path / 'k.csv', poses)
    arguments = [
        '--keypoints',
        str(tmp_path / 'k.csv'),
        '--size',
        '64',
        '64',
        '--out',
        str(tmp_path / 'grid.png'),
    ]
    demo.main([str(folder), *arguments])
    assert f'{folder}: 2 pictures taken, 1 left out' in (
        capsys.readouterr().err
    )
    assert read_image(tmp_path / 'grid.png').size
    # Two called alike, of which the file knows one.
    write_keypoint_csv(tmp_path / 'k.csv', {'1.png': poses['a/1.png']})
    with pytest.raises(SystemExit, match='each of these.*a/1.png.*b/1.png'):
        demo.main([str(folder), *arguments])
    with pytest.raises(SystemExit, match='error: found 1 of at least two'):
        demo.main([str(folder / 'a'), *arguments])
