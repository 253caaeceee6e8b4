"""The examples of docs/extending.md run, alone and together."""

import importlib
import re
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import DefaultScope
from synthetic_batch import make_batch
from tiny_training import run_training

from mmposetransfer import registry
from mmposetransfer.apis import init_model
from mmposetransfer.config.check import check_config
from mmposetransfer.evaluation import PoseTransferEvaluator, format_table
from mmposetransfer.evaluation.protocols import published
from mmposetransfer.models import PoseTransferDataPreprocessor
from mmposetransfer.structures import FIELDS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / 'docs' / 'extending.md').read_text()
NODES = [
    node
    for node in vars(registry).values()
    if isinstance(node, registry.Registry)
]
SMALL = {
    'train_dataloader.num_workers': 0,
    'train_dataloader.batch_size': 1,
    'train_dataloader.persistent_workers': False,
    'train_dataloader.dataset.num_pairs': 2,
    'test_dataloader.num_workers': 0,
    'test_dataloader.persistent_workers': False,
    'test_dataloader.dataset.num_pairs': 2,
    'log_level': 'ERROR',
}


def file_of_page(name):
    """What the page says to write into a file, all of its blocks."""
    blocks = re.findall(rf'^```python\n(# {name}\n.*?)^```', PAGE, re.M | re.S)
    assert blocks, name
    return '\n\n'.join(blocks)


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """The files of the page; their types are forgotten afterwards."""
    tables = [
        *(node.module_dict for node in NODES),
        published._protocols,
        FIELDS,
    ]
    before = [dict(table) for table in tables]
    folder = tmp_path_factory.mktemp('page')
    for name in ('my_parts.py', 'my_config.py', 'direct_config.py'):
        (folder / name).write_text(file_of_page(name))
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    with DefaultScope.overwrite_default_scope('mmposetransfer'):
        yield folder
    sys.path.remove(str(folder))
    sys.modules.pop('my_parts', None)
    for table, entries in zip(tables, before, strict=True):
        table.clear()
        table.update(entries)


@pytest.fixture
def parts(folder):
    return importlib.import_module('my_parts')


def load(folder, name):
    cfg = Config.fromfile(folder / name)
    cfg.merge_from_dict(SMALL)
    cfg.work_dir = str(folder / name[:-3])
    cfg.env_cfg.dist_cfg.backend = 'gloo'
    return cfg


def test_all_of_them_train_and_are_tested_together(folder):
    cfg = load(folder, 'my_config.py')
    check_config(cfg)
    for stage in cfg.custom_hooks[0].stages:
        stage.epochs = 1
    cfg.custom_hooks[0].stages[1].components.discriminator = 0
    runner = run_training(cfg)
    names = {type(module).__name__ for module in runner.model.modules()}
    assert {
        'PlainPyramid',
        'SharedFlowHead',
        'NearestWarp',
        'FactorGate',
        'EdgeLoss',
    } <= names
    factors = [
        value
        for key, value in runner.model.named_parameters()
        if key.endswith('gate.factors')
    ]
    assert factors and all((value != 1).any() for value in factors)
    assert any(type(hook).__name__ == 'StopAtNaN' for hook in runner.hooks)
    table = format_table(runner.test(), runner.test_loop.evaluator)
    heading, _, *rows = table.split('\n\n')[0].splitlines()
    assert 'visible L1 ↓' in heading and 'SSIM (my_lab) ↑' in heading
    names = [row.split('|')[0].strip() for row in rows]
    assert names == ['the model', 'copy the reference', 'a grey picture']


def test_whole_method_trains_and_is_used(folder):
    cfg = load(folder, 'direct_config.py')
    check_config(cfg)
    cfg.custom_hooks[0].stages[0].epochs = 1
    run_training(cfg)
    model = init_model(cfg, folder / 'direct_config' / 'epoch_1.pth')
    inputs = model.data_preprocessor(make_batch(size=64))['inputs']
    sample = model(inputs, mode='predict')[0]
    assert sample.pred_img.shape == (3, 64, 64)
    assert sample.pred_img.abs().max() <= 1


def test_generator_warps_and_refines(parts):
    generator = parts.WarpThenRefine()
    torch.nn.init.zeros_(generator.layers[-1].weight)
    torch.nn.init.zeros_(generator.layers[-1].bias)
    img = torch.rand(1, 3, 8, 8)
    flow = torch.zeros(1, 2, 8, 8)
    flow[:, 0] = 1
    made = generator(
        torch.zeros(1, 18, 8, 8), img, flow, torch.zeros(1, 1, 8, 8)
    )
    torch.testing.assert_close(made[..., :-1], img[..., 1:].tanh())
    with pytest.raises(ValueError, match="needs a 'flow_regressor'"):
        registry.MODELS.build(
            dict(type='DIPT', generator=dict(type='WarpThenRefine'))
        )


def test_transform_treats_both_pictures_alike(parts):
    np.random.seed(0)
    img = np.full((4, 4, 3), 100, np.uint8)
    pair = parts.RandomBrightness(0.5)(dict(ref_img=img, tgt_img=img))
    assert (pair['ref_img'] == pair['tgt_img']).all()
    assert 50 <= pair['ref_img'].max() <= 150
    assert (pair['ref_img'] != img).all()


def test_fields_reach_the_network(parts):
    img = np.full((6, 4, 3), 51, np.uint8)
    pair = dict(
        ref_img=img,
        tgt_img=img,
        ref_keypoints=np.ones((18, 3), np.float32),
        tgt_keypoints=np.eye(18, 3, dtype=np.float32),
    )
    pack = registry.TRANSFORMS.build(dict(type='PackPoseTransferInputs'))
    inputs = pack(parts.AddShade()(pair))['inputs']
    batch = dict(inputs={key: [value] for key, value in inputs.items()})
    preprocess = PoseTransferDataPreprocessor(pad_size_divisor=8)
    inputs = preprocess(batch)['inputs']
    assert inputs['tgt_joint_count'].tolist() == [[1]]
    shade = inputs['tgt_shade'][0, 0]
    assert shade.shape == (8, 8)
    torch.testing.assert_close(shade[1:7, 2:6], torch.full((6, 4), 0.2))
    assert (shade[0] == 1).all()


def test_pose_encoder_measures_distances(parts):
    keypoints = torch.zeros(1, 18, 3)
    keypoints[0, 0] = torch.tensor([3.0, 4.0, 1.0])
    maps = registry.MODELS.build(dict(type='DistancePoses'))(
        keypoints, (10, 8)
    )
    assert maps.shape == (1, 18, 10, 8)
    assert maps[0, 0, 0, 0] == 0.5 and maps[0, 0, 4, 3] == 0
    assert (maps[0, 1:] == 1).all()


def test_dataset_pairs_the_frames_of_a_clip(parts, tmp_path):
    images = np.random.randint(0, 256, (3, 8, 8, 3), np.uint8)
    np.savez(
        tmp_path / 'clip.npz',
        images=images,
        keypoints=np.ones((3, 18, 3), np.float32),
    )
    dataset = registry.DATASETS.build(
        dict(
            type='ClipPairs',
            ann_file=str(tmp_path / 'clip.npz'),
            pipeline=[dict(type='PackPoseTransferInputs')],
        )
    )
    assert len(dataset) == 6
    inputs = dataset[1]['inputs']
    assert (inputs['tgt_img'].permute(1, 2, 0).numpy() == images[2]).all()


def test_hook_ends_a_lost_run(parts):
    class Runner:
        iter = 7

    hook = parts.StopAtNaN()
    hook.after_train_iter(Runner, 0, outputs=dict(a=torch.tensor(1.0)))
    with pytest.raises(FloatingPointError, match=r"step 7: \['b'\] are lost"):
        hook.after_train_iter(
            Runner,
            0,
            outputs=dict(a=torch.tensor(1.0), b=torch.tensor(float('nan'))),
        )


def test_metric_looks_at_visible_pixels_only(parts):
    evaluator = PoseTransferEvaluator(parts.VisibleL1(), [parts.GreyPicture()])
    visibility = torch.tensor([[[0, 1]]], dtype=torch.uint8)
    truth = torch.zeros(3, 1, 2)
    evaluator.process(
        [
            dict(
                ref_img=truth + 1,
                pred_img=torch.tensor([0.5, 1.0]).expand(3, 1, 2),
                gt_img=truth,
                gt_visibility=visibility,
            )
        ],
    )
    assert evaluator.evaluate(1) == {
        'visible_L1': 0.25,
        'grey/visible_L1': 0,
    }


def test_every_kind_of_the_table_has_a_place_that_exists():
    rows = re.findall(r'^\| \[?([\w ]+).*?\| `(\w+)` \| `(.*?)`', PAGE, re.M)
    assert len(rows) == 17
    cfg = Config.fromfile(ROOT / 'configs/dipt/full_synthfashion.py')
    for _, node, place in rows:
        assert hasattr(registry, node)
        if place.startswith('model.') and '...' not in place:
            value = cfg
            for key in place.split('.'):
                value = value[key]
            assert 'type' in value, place
