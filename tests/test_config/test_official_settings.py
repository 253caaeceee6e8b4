"""DIPT's configs against the options that its authors train with.

Numbers stand here as they do among the implementation's options.
"""

from functools import cache

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope

from mmposetransfer.apis import find_config, list_models
from mmposetransfer.engine import Stage
from mmposetransfer.registry import (
    OPTIM_WRAPPER_CONSTRUCTORS,
    PARAM_SCHEDULERS,
    TRANSFORMS,
)
from mmposetransfer.utils.setup_env import register_all_modules

# All but the quick start and what is made of it, which is in a README's table.
CONFIGS = [
    name
    for name in list_models('dipt/*')
    if name.startswith(('dipt/full_', 'dipt/official_', 'dipt/wo_'))
    and not name.endswith(('synthfashion_64', 'synthfashion_128'))
]
MARKET = 'dipt/full_market1501'
OF_PICTURES = dict(lr=2e-4, betas=(0.5, 0.999), weight_decay=0)
OPTIMIZERS = dict(
    flow_regressor=dict(lr=1e-4, betas=(0.9, 0.999), weight_decay=4e-4),
    generator=OF_PICTURES,
    pixel_warping=OF_PICTURES,
    discriminator=dict(lr=2e-5, betas=(0.5, 0.999), weight_decay=4e-4),
)
# Stage -> its epochs, and how many pass before a component begins.
STAGES = dict(
    flow=(30, dict(flow_regressor=0)),
    generator=(10, dict(generator=0, discriminator=5)),
    pixel_warping=(2, dict(pixel_warping=0)),
)


@pytest.fixture(autouse=True)
def scope():
    register_all_modules()
    init_default_scope('mmposetransfer')


@cache
def read(name):
    """A config, which no test changes."""
    return Config.fromfile(find_config(name))


def stages_of(cfg):
    return {stage.name: Stage(**stage) for stage in cfg.custom_hooks[0].stages}


def test_which_configs_are_held_to_the_options():
    assert {MARKET, 'dipt/full_synthfashion'} <= set(CONFIGS)
    assert sum(name.endswith('_deepfashion') for name in CONFIGS) == 6


@pytest.mark.parametrize('name', CONFIGS)
def test_stages(name):
    cfg = read(name)
    loader = cfg.train_dataloader
    assert (loader.batch_size, loader.drop_last) == (8, True)
    assert loader.sampler.shuffle and not cfg.auto_scale_lr.enable
    stages = stages_of(cfg)
    assert 'generator' in stages
    for key, stage in stages.items():
        assert (stage.epochs, stage.components) == STAGES[key]
        assert not stage.optim_wrapper
        assert set(stage.train_dataloader) <= {'dataset'}


@pytest.mark.parametrize('name', CONFIGS)
def test_optimizers(name):
    config = dict(read(name).optim_wrapper)
    model = torch.nn.ModuleDict(
        {component: torch.nn.Linear(1, 1) for component in OPTIMIZERS}
    )
    wrappers = OPTIM_WRAPPER_CONSTRUCTORS.build(
        dict(type=config.pop('constructor'), optim_wrapper_cfg=config)
    )(model)
    assert set(wrappers.keys()) == set(OPTIMIZERS)
    for component, wrapper in wrappers.items():
        assert type(wrapper.optimizer) is torch.optim.Adam
        assert not wrapper.clip_grad_kwargs
        (group,) = wrapper.param_groups
        assert group.items() >= OPTIMIZERS[component].items(), component


@pytest.mark.parametrize('name', CONFIGS)
def test_learning_rates(name):
    """Half every 8 epochs for flow, constant for pictures."""
    for key, stage in stages_of(read(name)).items():
        weight = torch.nn.Parameter(torch.zeros(1))
        optimizer = torch.optim.Adam([weight], lr=1.0)
        schedulers = [
            PARAM_SCHEDULERS.build(
                config, default_args=dict(optimizer=optimizer)
            )
            for config in stage.schedulers(stage.epochs, 0) or ()
        ]
        for epoch in range(stage.epochs):
            wanted = 0.5 ** (epoch // 8) if key == 'flow' else 1
            assert optimizer.param_groups[0]['lr'] == pytest.approx(wanted)
            optimizer.step()
            for scheduler in schedulers:
                scheduler.step()


@pytest.mark.parametrize('name', CONFIGS)
def test_losses(name):
    model = read(name).model
    assert model.loss_epe == dict(type='MultiScaleEPELoss', finest_weight=0.32)
    assert model.loss_visibility == dict(type='VisibilityLoss')
    assert model.loss_segmentation == dict(
        type='SegmentationSensitiveFlowLoss', loss_weight=5
    )
    assert model.loss_l1 == dict(type='L1Loss', loss_weight=1)
    assert model.loss_gan == dict(
        type='GANLoss', gan_type='vanilla', loss_weight=0.01
    )
    perceptual = model.loss_perceptual
    assert (perceptual.criterion, perceptual.loss_weight) == ('l1', 1)
    assert perceptual.layer_weights == {
        f'relu{block}_1': 0.125 for block in range(1, 6)
    }


# ----------------------------------------------------------------------- data


def ways(pipeline, size):
    """How far, and in which scales, a pipeline moves targets.

    Returns:
        tuple: Largest ``|dx|`` and ``|dy|`` of the centre, and the smallest
        and largest scale, of many draws.
    """
    moves = [
        TRANSFORMS.build(config)
        for config in pipeline
        if config.type == 'RandomAffineTarget'
    ]
    height, width = size
    centre = np.array([width - 1, height - 1]) / 2
    points = np.ones((18, 3), np.float32)
    points[:, :2] = centre
    points[17, 1] += 8
    np.random.seed(0)
    drawn = []
    for _ in range(200):
        pair = dict(
            tgt_keypoints=points,
            visibility=np.zeros((1, *size), np.uint8),
        )
        for move in moves:
            pair = move(pair)
        there = pair['tgt_keypoints'][:, :2]
        drawn.append([*(there[0] - centre), (there[17] - there[0])[1] / 8])
    dx, dy, scale = np.transpose(drawn)
    return abs(dx).max(), abs(dy).max(), scale.min(), scale.max()


@pytest.mark.parametrize('name', CONFIGS)
def test_targets_that_are_moved(name):
    """Those of the flow regressor, and pictures of Market-1501 alone."""
    cfg = read(name)
    still = pytest.approx((0, 0, 1, 1), abs=1e-4)
    for loader in (cfg.val_dataloader, cfg.test_dataloader):
        assert ways(loader.dataset.pipeline, cfg.image_size) == still
    pictures = ways(cfg.train_dataloader.dataset.pipeline, cfg.image_size)
    if name == MARKET:
        assert pictures == pytest.approx((10, 10, 1 / 1.2, 1.2), abs=0.02)
    else:
        assert pictures == still
    if 'flow' not in stages_of(cfg):
        return
    pipeline = stages_of(cfg)['flow'].train_dataloader['dataset']['pipeline']
    pixel = cfg.image_size[0] / 256
    shift = (5, 5) if name == MARKET else (20 * pixel, 10 * pixel)
    assert ways(pipeline, cfg.image_size) == pytest.approx(
        (*shift, 1, 1), abs=1e-4
    )


@pytest.mark.parametrize(
    'name', [n for n in CONFIGS if 'synthfashion' not in n]
)
def test_lists_and_joints(name):
    """Also which list is validated: a fifth of the test pairs."""
    cfg = read(name)
    loaders = (cfg.train_dataloader, cfg.val_dataloader, cfg.test_dataloader)
    train, val, test = (loader.dataset for loader in loaders)
    if '_patn' in name:
        split = 'Label/fasion-resize-pairs-{}.csv'.format
        assert train.ann_file == split('train')
        assert val.ann_file == test.ann_file == split('test')
    else:
        for dataset in (train, val, test):
            assert dataset.ann_file == 'Label/pair_split.json'
            assert dataset.keypoints_file == 'Label/pose_label.pkl'
        assert (train.split, val.split, test.split) == (
            *('train', 'test_small', 'test'),
        )
    if 'flow' not in stages_of(cfg):
        return
    flow = stages_of(cfg)['flow'].train_dataloader['dataset']
    fitted = 'UseFittedKeypoints' in [
        step['type'] for step in flow['pipeline']
    ]
    if name == MARKET:  # the same lists and joints as of pictures
        assert not fitted and not {'ann_file', 'keypoints_file'} & set(flow)
        return
    assert fitted
    assert flow['fitted_keypoints_file'] == 'Label/pose_label_adapt.pkl'
    assert flow['ann_file'] == (
        train.ann_file if '_patn' in name else 'Label/pair_split_clean.json'
    )


@pytest.mark.parametrize('name', CONFIGS)
def test_discs(name):
    cfg = read(name)
    encoder = cfg.model.data_preprocessor.pose_encoder
    height = cfg.image_size[0]
    assert encoder == dict(
        type='DiscPoses', radius=4 if name == MARKET else 8 * height / 256
    )
