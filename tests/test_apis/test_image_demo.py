"""The demo script on the pictures that lie beside it."""

import importlib.util
from pathlib import Path

import pytest

from mmposetransfer.utils.image_io import read_image

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


def test_demo_tells_mistakes_without_a_traceback(demo, tmp_path):
    with pytest.raises(SystemExit, match='error: .*nobody.png'):
        demo.main(_arguments('--target-name', 'nobody.png'))
    with pytest.raises(SystemExit, match="error: .*no checkpoint 'nowhere"):
        arguments = _arguments('--target-name', 'dress.png')
        demo.main([*arguments[:2], 'nowhere.pth', *arguments[2:]])
