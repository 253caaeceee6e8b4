"""The demo that samples new people and poses by DPIG."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
import torch

from mmposetransfer.apis import init_model
from mmposetransfer.io.image_io import read_image
from mmposetransfer.visualization import image_to_rgb

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / 'configs' / 'dpig' / 'dpig_synthfashion_64.py'


@pytest.fixture(scope='module')
def demo():
    spec = importlib.util.spec_from_file_location(
        'sample_people', ROOT / 'demo' / 'sample_people.py'
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope='module')
def weights(tmp_path_factory):
    path = tmp_path_factory.mktemp('weights') / 'iter_1.pth'
    torch.manual_seed(0)
    torch.save(init_model(CONFIG).state_dict(), path)
    return str(path)


def test_a_row_a_person_and_a_column_a_pose(demo, weights, tmp_path, capsys):
    out = tmp_path / 'people.png'
    arguments = [str(CONFIG), weights, '--people', '2', '--poses', '3']
    demo.main([*arguments, '--out', str(out)])
    assert str(out) in capsys.readouterr().out
    # Titles, then cells of 192 pixels with gaps of 4, poses first.
    grid = read_image(out)[24 + 4 :, :, ::-1]
    assert grid.shape == (3 * 196, 3 * 196, 3)
    cells = grid.reshape(3, 196, 3, 196, 3)[:, :192, :, :192]
    pictures = cells[:, ::3, :, ::3].transpose(0, 2, 1, 3, 4)
    model = init_model(CONFIG, weights)
    torch.manual_seed(0)
    keypoints = model.sample(3, (64, 64))['tgt_keypoints']
    for row in pictures[1:]:
        codes = {
            name: model.sample_codes(name, 1) for name in model.generator.codes
        }
        made = model.sample(3, (64, 64), codes, keypoints)['pred_img']
        for got, wanted in zip(row, made, strict=True):
            error = np.abs(got.astype(int) - image_to_rgb(wanted))
            assert error.max() <= 1
    demo.main([*arguments, '--out', str(out), '--seed', '1'])
    assert not np.array_equal(read_image(out)[28:, :, ::-1], grid)


def test_another_method_is_refused(demo, tmp_path):
    config = ROOT / 'configs' / 'pg2' / 'pg2_synthfashion_64.py'
    weights = tmp_path / 'iter_1.pth'
    torch.save(init_model(config).state_dict(), weights)
    with pytest.raises(SystemExit, match='is a PG2'):
        demo.main([str(config), str(weights)])
