"""The demo script on the pictures that lie beside it."""

import importlib.util
import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from mmposetransfer.apis import find_config
from mmposetransfer.datasets.keypoints import load_keypoints
from mmposetransfer.io.image_io import read_image

DEMO = Path(__file__).parents[2] / 'demo'


@pytest.fixture(scope='module')
def demo():
    spec = importlib.util.spec_from_file_location(
        'image_demo', DEMO / 'image_demo.py'
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _arguments(*more):
    return [
        str(DEMO / 'inputs' / 'cardigan.png'),
        'dipt/full_synthfashion_64',
        '--keypoints',
        str(DEMO / 'inputs' / 'poses.csv'),
        '--device',
        'cpu',
        *more,
    ]


def test_demo_writes_pictures_and_says_where(demo, tmp_path, capsys):
    target = str(DEMO / 'inputs' / 'dress.png')
    demo.main(_arguments('--target', target, '--out-dir', str(tmp_path)))
    printed = capsys.readouterr().out
    assert 'cardigan as dress' in printed
    paths = [
        line.split()[1]
        for line in printed.splitlines()
        if line.startswith('  ') and '.png' in line
    ]
    assert len(paths) == 7
    for path in paths:
        assert read_image(path).size
    assert read_image(tmp_path / 'cardigan_dress.png').shape == (256, 256, 3)


def test_every_command_of_the_readme_can_be_given(demo, monkeypatch):
    root = DEMO.parent
    text = (DEMO / 'README.md').read_text().replace('\\\n', ' ')
    commands = [
        shlex.split(command)[2:]
        for command in re.findall(r'python demo/image_demo.py[^\n`]*', text)
    ]
    assert commands
    trained = re.search(
        r'^QUICK := (.*)$', (root / 'Makefile').read_text(), re.M
    )
    monkeypatch.chdir(root)
    for command in commands:
        args = demo.parse_args(command)
        assert Path(args.reference).is_file() and Path(args.target).is_file()
        assert find_config(args.config).is_file()
        assert args.checkpoint == trained[1]
        for image in (args.reference, args.target):
            if args.keypoints:
                load_keypoints(args.keypoints, image)
    for folder in re.findall(r'work_dirs/(\w+)', text):
        # Of the quick start, or where a config's training writes.
        assert f'work_dirs/{folder}' == trained[1] or find_config(folder)


def test_demo_leaves_out_unsure_joints(demo, tmp_path):
    cardigan = load_keypoints(DEMO / 'inputs' / 'poses.csv', 'cardigan.png')
    np.save(tmp_path / 'sure.npy', cardigan * [1, 1, 0.2])
    arguments = _arguments('--out-dir', str(tmp_path))
    arguments[3] = str(tmp_path / 'sure.npy')
    demo.main(arguments)
    with pytest.raises(SystemExit, match='-score 0.3; the surest has 0.2'):
        demo.main([*arguments, '--min-score', '0.3'])


def test_demo_tells_mistakes_without_a_traceback(demo, tmp_path):
    with pytest.raises(SystemExit, match='error: .*nobody.png'):
        demo.main(_arguments('--target-name', 'nobody.png'))
    with pytest.raises(SystemExit, match="error: .*no checkpoint 'nowhere"):
        arguments = _arguments('--target-name', 'dress.png')
        demo.main([*arguments[:2], 'nowhere.pth', *arguments[2:]])


def test_demo_finds_the_poses_that_it_is_not_given(demo, tmp_path, capsys):
    arguments = _arguments('--out-dir', str(tmp_path))
    place = arguments.index('--keypoints')
    poses = arguments[place + 1]
    arguments[place : place + 2] = [
        '--pose-estimator',
        'files',
        '--pose-options',
        f'source={poses}',
        '--target',
        str(DEMO / 'inputs' / 'dress.png'),
    ]
    demo.main(arguments)
    assert 'cardigan as dress' in capsys.readouterr().out
    assert (tmp_path / 'cardigan_dress.png').is_file()


@pytest.mark.full_stack('mediapipe')
def test_demo_finds_poses_by_itself(demo, tmp_path, capsys):
    """Near those that the pictures were drawn of."""
    place = _arguments().index('--keypoints')
    target = str(DEMO / 'inputs' / 'dress.png')
    more = ('--target', target, '--out-dir', str(tmp_path))
    arguments = _arguments(*more)
    del arguments[place : place + 2]
    demo.main(arguments)
    assert 'cardigan as dress' in capsys.readouterr().out
    assert (tmp_path / 'cardigan_dress.png').is_file()
