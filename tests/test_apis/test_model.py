"""Models by name, and their weights."""

import pytest
import torch
from mmengine.config import Config
from mmengine.infer import BaseInferencer
from tiny_training import tiny_config

from mmposetransfer.apis import (
    PoseTransferInferencer,
    find_config,
    init_model,
    list_models,
)


def test_list_models_finds_configs_by_pattern():
    names = list_models('*DIPT*64*')
    assert names == [
        f'dipt/{name}_synthfashion_64'
        for name in (
            'full',
            'wo_dual_encoder',
            'wo_flow',
            'wo_pixel_warping',
            'wo_visibility',
        )
    ]
    assert set(names) < set(list_models())
    assert list_models('nothing*') == []
    assert not any('_base_' in name for name in list_models())
    for name in list_models():
        assert 'model' in Config.fromfile(find_config(name))


def test_find_config_by_name_and_path():
    path = find_config('dipt/full_synthfashion_64')
    assert path.is_file()
    assert find_config('full_synthfashion_64') == path
    assert find_config('full_synthfashion_64.py') == path
    assert find_config(str(path)) == path
    # As `_base_` and MMEngine's hub have it.
    assert find_config('mmposetransfer::dipt/full_synthfashion_64.py') == path
    with pytest.raises(
        FileNotFoundError, match="'full_synthfasion_64'.*Did you mean 'dipt/f"
    ):
        find_config('full_synthfasion_64')


def test_the_names_of_mmengine_mean_the_same_models():
    names = BaseInferencer.list_models('mmposetransfer')
    assert names == PoseTransferInferencer.list_models()
    configs = [find_config(name) for name in names]
    assert all(path.is_file() for path in configs)
    assert set(configs) == {find_config(name) for name in list_models()}
    assert len(configs) == len(set(configs))
    path = find_config('dipt_full_synthfashion_64')
    assert path == find_config('dipt/full_synthfashion_64')
    assert PoseTransferInferencer.list_models(patterns='dipt_full.*_64$') == [
        'dipt_full_synthfashion_64'
    ]


def test_an_inferencer_by_the_name_of_mmengine():
    inferencer = PoseTransferInferencer('dipt_full_synthfashion_64')
    assert inferencer.image_size == (64, 64)


@pytest.fixture(scope='module')
def config(tmp_path_factory):
    return tiny_config(tmp_path_factory.mktemp('work'))


def _checkpoint(model, path, **extra):
    state = {**model.state_dict(), **extra}
    torch.save(dict(state_dict=state, meta=dict(epoch=3)), path)
    return path


def test_weights_are_loaded_and_training_parts_left_out(config, tmp_path):
    model = init_model(config, cfg_options={'image_size': (32, 32)})
    assert not model.training and model.cfg.image_size == (32, 32)
    assert config.image_size == (64, 64)  # the caller's config is untouched
    assert model.discriminator is None
    path = _checkpoint(
        model,
        tmp_path / 'model.pth',
        **{
            'discriminator.conv.weight': torch.zeros(1),
            'loss_perceptual.vgg.weight': torch.zeros(1),
        },
    )
    other = init_model(config)
    before = other.state_dict()
    assert any((before[k] != v).any() for k, v in model.state_dict().items())
    other = init_model(config, path)
    for key, value in other.state_dict().items():
        assert torch.equal(value, model.state_dict()[key]), key


def test_a_work_directory_means_its_newest_checkpoint(config, tmp_path):
    with pytest.raises(FileNotFoundError, match='no checkpoint in.*train'):
        init_model(config, tmp_path)
    model = init_model(config)
    path = _checkpoint(model, tmp_path / 'epoch_2.pth')
    (tmp_path / 'last_checkpoint').write_text(str(path))
    key = next(iter(model.state_dict()))
    other = init_model(config, tmp_path)
    assert torch.equal(other.state_dict()[key], model.state_dict()[key])


def test_official_checkpoints_are_to_be_converted(config, tmp_path):
    path = tmp_path / 'netG.pth'
    torch.save({'encp_pre_conv.0.weight': torch.zeros(1)}, path)
    with pytest.raises(
        ValueError, match=r'looks like netG .*convert-official'
    ):
        init_model(config, path)


def test_checkpoints_of_another_model(config, tmp_path):
    model = init_model(config)
    key = next(iter(model.state_dict()))
    path = _checkpoint(model, tmp_path / 'a.pth', **{key: torch.zeros(7)})
    with pytest.raises(ValueError, match=rf'a.pth.*{key} is \(7,\), not'):
        init_model(config, path)
    torch.save({'state_dict': {'x': torch.zeros(1)}}, tmp_path / 'b.pth')
    with pytest.raises(ValueError, match=r'b.pth.* of another model'):
        init_model(config, tmp_path / 'b.pth')
    with pytest.raises(FileNotFoundError, match='nowhere.pth'):
        init_model(config, tmp_path / 'nowhere.pth')


def test_checkpoints_are_not_executed(config, tmp_path):
    class Bomb:
        def __reduce__(self):
            return open, (str(tmp_path / 'exploded'), 'w')

    torch.save({'state_dict': Bomb()}, tmp_path / 'bomb.pth')
    with pytest.raises(ValueError, match='bomb.pth'):
        init_model(config, tmp_path / 'bomb.pth')
    assert not (tmp_path / 'exploded').exists()


def test_devices_and_configs_that_are_not_there(config):
    missing = f'cuda:{torch.cuda.device_count()}'
    with pytest.raises(ValueError, match=f"'{missing}' was asked for.*torch"):
        init_model(config, device=missing)
    with pytest.raises(ValueError, match="such as 'cpu'.*'gpu'"):
        init_model(config, device='gpu')
    with pytest.raises(ValueError, match="has no 'model'"):
        init_model(dict(modle=dict()))
    with pytest.raises(TypeError, match='got int'):
        init_model(5)
    wrong = dict(model=dict(type='DIPT', generatr=None))
    with pytest.raises(TypeError, match="'generatr'.*'generator'"):
        init_model(wrong)
