"""Each caller hears of its own arguments."""

import numpy as np
import pytest

from mmposetransfer.apis.transfer_request import load_request
from mmposetransfer.datasets import load_keypoints
from mmposetransfer.utils.spelling import spell, spelled


def test_the_outermost_word_is_spoken():
    assert spell('image_name') == 'image_name'
    with spelled(target_name='--target-name', image_name='--wrong'):
        with spelled(image_name='target_name'):
            assert spell('image_name') == '--target-name'
        assert spell('image_name') == '--wrong'
    assert spell('image_name') == 'image_name'


def test_values():
    assert spell('device', 'cpu') == "device='cpu'"
    assert spell('min_score', 0.5) == 'min_score=0.5'
    with spelled(device='--device', skip='--skip'):
        assert spell('device', 'cpu') == '--device cpu'
        assert spell('skip', True) == '--skip'


def test_words_are_forgotten_after_an_error():
    with pytest.raises(KeyError), spelled(a='--a'):
        raise KeyError
    assert spell('a') == 'a'


def test_python_hears_of_the_arguments_of_what_it_called(tmp_path):
    path = tmp_path / 'poses.csv'
    path.write_text(
        'name:keypoints_y:keypoints_x\n'
        + ''.join(
            f'{name}:{list(range(18))}:{list(range(18))}\n' for name in 'ab'
        )
    )
    with pytest.raises(ValueError, match='pass image_name to say whose'):
        load_keypoints(path)
    image, pose = np.zeros((64, 64, 3), np.uint8), np.full((18, 3), 5.0)
    pose[0] = 20
    with pytest.raises(
        ValueError,
        match='^target_keypoints: .* pass target or target_name to say whose',
    ):
        load_request(image, pose, path)
    with pytest.raises(
        ValueError,
        match='^reference_keypoints: .* pass reference_name to say whose',
    ):
        load_request(image, path, pose)
    request = load_request(image, path, pose, reference_name='b')
    assert request.ref_id == 'b' and request.ref_keypoints[17, 0] == 17
