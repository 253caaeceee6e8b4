"""Configs of DeepFashion and Market-1501 on SynthFashion in their layouts."""

import numpy as np
import pytest
from exported_data import export
from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.registry import init_default_scope
from tiny_training import CONFIGS, run_training

from mmposetransfer.apis import list_models
from mmposetransfer.cli.browse_dataset import browsed_dataset
from mmposetransfer.datasets.image_sizes import fit_image, fit_keypoints
from mmposetransfer.datasets.preparing import (
    deepfashion_places,
    file_sources,
)
from mmposetransfer.utils.setup_env import register_all_modules

STORED = [
    name
    for name in list_models('dipt/*')
    if name.startswith('dipt/full_') and 'synthfashion' not in name
]


@pytest.fixture(autouse=True)
def scope():
    register_all_modules()
    init_default_scope('mmposetransfer')


@pytest.fixture(scope='session')
def published_size(tmp_path_factory):
    """Both data sets, with images of the published sizes."""
    root = tmp_path_factory.mktemp('stored')
    few = dict(train_pairs=2, test_pairs=1, train_people=1)
    settings = {
        'deepfashion': export(root / 'deepfashion', size=(256, 256), **few),
        'market1501': export(
            root / 'market1501', size=(128, 64), layout='market1501', **few
        ),
    }
    file_sources(
        [root / 'deepfashion/Img/img'],
        deepfashion_places((512, 352)),
        root / 'deepfashion',
    )
    return root, settings


def read_config(name, root, data_set):
    """A shipped config: unmodified but for ``data_root``."""
    cfg = Config.fromfile(CONFIGS / f'{name}.py')
    for split in ('train', 'val', 'test'):
        cfg[f'{split}_dataloader'].dataset.data_root = str(root / data_set)
    return cfg


class Losses(Hook):
    """Names of the losses, epoch by epoch; all of them finite."""

    def __init__(self):
        self.names = []

    def after_train_iter(self, runner, batch_idx, data_batch, outputs):
        assert all(value.isfinite() for value in outputs.values())
        if batch_idx == 0:
            self.names.append(set(outputs))


def check_pair(inputs, drawn, size, sides):
    """Images and keypoints are those that were drawn, at this size."""
    for got, want in sides:
        image = inputs[f'{got}_img'].numpy().transpose(1, 2, 0)
        assert image.shape == (*size, 3)
        wanted = fit_image(drawn[f'{want}_img'], size)
        assert np.abs(image.astype(int) - wanted).mean() < 5  # JPEG, resizing
        points = inputs[f'{got}_keypoints'].numpy()
        key = f'{want}_keypoints'
        wanted = fit_keypoints(drawn[key], drawn['size'], size)
        there = (points[:, 2] > 0) & (wanted[:, 2] > 0)
        assert there.sum() >= 5
        pixel = size[0] / drawn['size'][0]  # the CSVs have whole pixels
        np.testing.assert_allclose(
            points[there, :2], wanted[there, :2], atol=0.51 * pixel
        )


@pytest.mark.parametrize('name', STORED)
def test_what_testing_reads(published_size, name):
    root, settings = published_size
    data_set = 'market1501' if 'market' in name else 'deepfashion'
    cfg = read_config(name, root, data_set)
    drawn = settings[data_set].world('test').pair(0)
    drawn['size'] = settings[data_set].size
    dataset = browsed_dataset(cfg, 'test')
    # Both directions, but where flow is learnt from the same lists.
    directions = [('ref', 'tgt'), ('tgt', 'ref')]
    if data_set == 'market1501':
        directions.pop()
    assert len(dataset) == len(directions)
    for index, sides in enumerate(directions):
        check_pair(
            dataset[index]['inputs'],
            drawn,
            cfg.image_size,
            [('ref', sides[0]), ('tgt', sides[1])],
        )


@pytest.mark.parametrize('name', STORED)
def test_what_the_flow_regressor_learns_from(published_size, name):
    root, settings = published_size
    data_set = 'market1501' if 'market' in name else 'deepfashion'
    cfg = read_config(name, root, data_set)
    stage = cfg.custom_hooks[0].stages[0]
    assert stage.name == 'flow'
    pipeline = stage.train_dataloader.dataset.pipeline
    (shift,) = (
        transform
        for transform in pipeline
        if transform.type == 'RandomAffineTarget'
    )
    pixels = 5 if data_set == 'market1501' else 20 * cfg.image_size[0] / 256
    assert shift.max_shift[0] * cfg.image_size[0] == pytest.approx(pixels)
    shift.max_shift = (0, 0)
    dataset = browsed_dataset(cfg, 'train', 'flow')
    drawn = settings[data_set].world('train').pair(0)
    inputs = dataset[0]['inputs']
    size = cfg.image_size
    scale = size[0] / settings[data_set].size[0]
    for key in ('flow', 'visibility', 'ref_parts', 'tgt_parts'):
        assert inputs[key].shape[1:] == size
    flow = inputs['flow'].numpy()
    left = round((drawn['flow'].shape[2] * scale - size[1]) / 2)
    pick = np.linspace(0, size[0] - 1, 60).astype(int)
    rows, columns = pick[:, None], pick[pick < size[1]]
    small_rows = (rows / scale).astype(int)
    small_columns = ((columns + left) / scale).astype(int)
    limit = max(settings[data_set].size)
    wanted = (
        drawn['flow'].clip(-limit, limit)[:, small_rows, small_columns] * scale
    )
    np.testing.assert_allclose(flow[:, rows, columns], wanted, atol=1e-3)
    np.testing.assert_array_equal(
        inputs['tgt_parts'][0].numpy()[rows, columns],
        drawn['tgt_parts'][small_rows, small_columns],
    )
    points = inputs['tgt_keypoints'].numpy()
    # On Market-1501 those that were found in the pictures.
    kind = '' if data_set == 'market1501' else 'fitted_'
    fitted = fit_keypoints(
        drawn[f'tgt_{kind}keypoints'], settings[data_set].size, size
    )
    there = (points[:, 2] > 0) & (fitted[:, 2] > 0)
    assert there.sum() >= 5
    np.testing.assert_allclose(
        points[there, :2], fitted[there, :2], atol=0.02 * scale
    )


def test_the_whole_method_trains_on_stored_data(exported, tmp_path):
    """`full_deepfashion.py`, with small networks, from all three stages."""
    cfg = read_config('dipt/full_deepfashion', exported, '')
    small = dict(base_channels=4, max_channels=8, num_levels=5)
    cfg.merge_from_dict(
        {
            'work_dir': str(tmp_path),
            'model.flow_regressor.backbone': small,
            'model.generator': dict(small, num_warp_levels=2),
            'model.pixel_warping': small,
            'model.discriminator.base_channels': 4,
            'model.loss_perceptual': None,
            'log_level': 'ERROR',
            'env_cfg.dist_cfg.backend': 'gloo',
            'train_cfg.val_interval': 3,
        }
    )
    for loader in (cfg.train_dataloader, cfg.val_dataloader):
        loader.update(num_workers=0, persistent_workers=False, batch_size=2)
    for stage in cfg.custom_hooks[0].stages:
        stage.update(epochs=1, param_scheduler=None)
    cfg.custom_hooks[0].stages[1].components = dict(
        generator=0, discriminator=0
    )
    cfg.default_hooks.pop('visualization')
    losses = Losses()
    runner = run_training(cfg, losses)
    assert losses.names == [
        {'loss_epe', 'loss_visibility', 'loss_segmentation'},
        {'loss_l1', 'loss_gan', 'loss_d_real', 'loss_d_fake'},
        {'loss_l1'},
    ]
    assert (tmp_path / 'epoch_3.pth').is_file()
    assert 0 < runner.message_hub.get_scalar('val/SSIM_dsc').current() < 1
