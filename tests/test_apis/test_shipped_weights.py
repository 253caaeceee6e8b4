"""Models that come with the package: found by name, checked, or refused."""

import hashlib

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from mmposetransfer.apis import (
    PoseTransferInferencer,
    find_config,
    init_model,
)
from mmposetransfer.apis.model import load_weights
from mmposetransfer.apis.shipped_weights import (
    DEFAULT_MODEL,
    GEOMETRY,
    find_shipped,
    list_shipped,
    with_shipped_weights,
)
from mmposetransfer.errors import UserFileNotFoundError, UserValueError
from mmposetransfer.io.checkpoint import read_state_dict
from mmposetransfer.synthfashion import SynthFashionWorld

CONFIG = """model = dict(
    type='DIPT',
    flow_regressor=dict(
        type='FlowRegressor',
        backbone=dict(type='FlowUNet', base_channels=4, num_levels=2),
    ),
)
"""


@pytest.fixture
def folder(tmp_path):
    """One small model, shipped under the name of the default one."""
    (tmp_path / f'{DEFAULT_MODEL}.py').write_text(CONFIG)
    torch.manual_seed(0)
    model = init_model(tmp_path / f'{DEFAULT_MODEL}.py')
    weights = tmp_path / f'{DEFAULT_MODEL}.safetensors'
    save_file(model.state_dict(), weights)
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    (tmp_path / f'{DEFAULT_MODEL}.sha256').write_text(
        f'{digest}  {weights.name}\n'
    )
    return tmp_path


def test_what_is_shipped_is_found_by_name_and_without_one(folder):
    assert list_shipped(folder) == [DEFAULT_MODEL]
    for name in (None, DEFAULT_MODEL, f'completion/{DEFAULT_MODEL}'):
        config, weights = with_shipped_weights(name, folder=folder)
        torch.manual_seed(1)
        model = init_model(config)
        before = model.state_dict()
        stored = read_state_dict(weights)
        load_weights(model, weights)
        after = model.state_dict()
        assert before.keys() == stored.keys()
        for key, value in stored.items():
            assert torch.equal(after[key], value)


def test_named_models_and_weights_stay(folder):
    named = ('dipt/full_synthfashion_64', 'epoch_1.pth')
    assert with_shipped_weights(*named, folder=folder) == named
    own = f'work_dirs/{DEFAULT_MODEL}.py'  # a file of the user's
    assert with_shipped_weights(own, folder=folder) == (own, None)
    assert with_shipped_weights(DEFAULT_MODEL, 'own.pth', folder) == (
        folder / f'{DEFAULT_MODEL}.py',
        'own.pth',
    )


def test_without_shipped_weights_it_is_geometry(tmp_path):
    assert list_shipped(tmp_path / 'nothing') == []
    assert with_shipped_weights(folder=tmp_path) == (GEOMETRY, None)
    assert find_config(GEOMETRY) == find_config('geometry')
    with pytest.raises(UserValueError, match='name its config'):
        with_shipped_weights(None, 'epoch_1.pth', tmp_path)


def test_what_the_package_brings_is_whole_and_small():
    names = list_shipped()
    assert DEFAULT_MODEL in names
    for name in names:
        config, weights = find_shipped(name)
        model = init_model(config, weights)
        stored = read_state_dict(weights)
        assert model.state_dict().keys() == stored.keys()
        assert all(value.isfinite().all() for value in stored.values())
    folder = weights.parent
    assert sum(p.stat().st_size for p in folder.iterdir()) <= 30e6
    assert all(name in (folder / 'README.md').read_text() for name in names)


def test_the_default_model_puts_a_person_into_another_pose():
    """Nearer to the truth than the reference, of people that it never saw."""
    world = SynthFashionWorld(
        size=(256, 176),
        split='test',
        num_people=3,
        num_pairs=3,
        same_studio=1.0,
    )
    pairs = [world.pair(index) for index in range(3)]
    results = PoseTransferInferencer()(
        [pair['ref_img'] for pair in pairs],
        [pair['ref_keypoints'] for pair in pairs],
        [pair['tgt_keypoints'] for pair in pairs],
        target_size=(256, 176),
        crop='none',
    )['predictions']
    for pair, result in zip(pairs, results, strict=True):
        truth = pair['tgt_img'].astype(float)
        got = np.abs(result['image'] - truth).mean()
        assert got < 0.8 * np.abs(pair['ref_img'] - truth).mean()


def test_other_weights_are_refused(folder):
    weights = folder / f'{DEFAULT_MODEL}.safetensors'
    weights.write_bytes(weights.read_bytes()[:-1] + b'!')
    with pytest.raises(UserValueError, match='sha256'):
        find_shipped(DEFAULT_MODEL, folder)
    weights.with_suffix('.sha256').unlink()
    with pytest.raises(UserFileNotFoundError, match='lacks the file'):
        find_shipped(DEFAULT_MODEL, folder)


def test_a_damaged_safetensors_file_is_told(tmp_path):
    path = tmp_path / 'a.safetensors'
    path.write_bytes(b'nothing of the kind')
    with pytest.raises(UserValueError, match='cannot be read'):
        read_state_dict(path)
