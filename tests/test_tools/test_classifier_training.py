"""Classifiers train from DeepFashion's files and are made ready by a tool."""

from pathlib import Path
from runpy import run_path

import numpy as np
import pytest
import torch
from mmengine.config import Config

from mmposetransfer.apis import find_config, list_models
from mmposetransfer.apis.shipped_weights import find_shipped
from mmposetransfer.cli import test as test_command
from mmposetransfer.cli import train as train_command
from mmposetransfer.cli.train import use_amp
from mmposetransfer.datasets import CLOTHING_TYPES
from mmposetransfer.evaluation import load_classifier
from mmposetransfer.io.image_io import write_image
from mmposetransfer.io.text_files import read_json
from mmposetransfer.synthfashion import ATTRIBUTES

ROOT = Path(__file__).parents[2]
TOOL = ROOT / 'tools' / 'analysis_tools' / 'calibrate_classifier.py'
SPLITS = ['train'] * 4 + ['val'] * 3 + ['test'] * 3


def listing(path, head, rows):
    """A file in the published form."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('\n'.join([f'{len(rows)}', head, *rows]) + '\n')


@pytest.fixture(scope='module')
def benchmark(tmp_path_factory):
    """Ten pictures, red or blue, in the archive's folders."""
    root = tmp_path_factory.mktemp('benchmark')
    anno, names = root / 'Anno', []
    rng = np.random.default_rng(0)
    for number in range(len(SPLITS)):
        names.append(f'img/Tee/img_{number:08d}.jpg')
        img = rng.integers(0, 80, (40, 32, 3), dtype=np.uint8)
        img[..., 2 if number % 2 else 0] += 150
        path = root / 'Img' / names[-1]
        path.parent.mkdir(parents=True, exist_ok=True)
        write_image(path, img)
    listing(
        anno / 'list_category_cloth.txt',
        'category_name  category_type',
        ['Tee   1', 'Tank   1', 'Jeans   2'],
    )
    listing(
        anno / 'list_category_img.txt',
        'image_name  category_label',
        [f'{name}    {1 + i % 2}' for i, name in enumerate(names)],
    )
    listing(
        anno / 'list_attr_cloth.txt',
        'attribute_name  attribute_type',
        ['deep blue   1', 'red   1', 'cotton   2'],
    )
    listing(
        anno / 'list_attr_img.txt',
        'image_name  attribute_labels',
        [
            f'{name}    {("-1  1", " 1 -1")[i % 2]}  0'
            for i, name in enumerate(names)
        ],
    )
    listing(
        anno / 'list_bbox.txt',
        'image_name  x_1  y_1  x_2  y_2',
        [f'{name}    001 002 030 038' for name in names],
    )
    listing(
        root / 'Eval' / 'list_eval_partition.txt',
        'image_name  evaluation_status',
        [f'{name}    {s}' for name, s in zip(names, SPLITS, strict=True)],
    )
    return root


def options(root, k):
    """What makes a run of DeepFashion's config small."""
    small = {
        'model.trunk.width': 4,
        'model.trunk.depths': '[1,1]',
        'model.trunk.resize': 34,
        'model.trunk.crop': 32,
        'model.pretrained': 'None',
        'model.num_labels': 3,
        'optim_wrapper.optimizer.lr': 0.01,
        'param_scheduler': 'None',
        'train_cfg.max_epochs': 4,
        'train_cfg.val_interval': 4,
        'log_level': 'ERROR',
        'val_evaluator.0.k': k,
        'test_evaluator.0.k': k,
    }
    for split in ('train', 'val', 'test'):
        loader = f'{split}_dataloader'
        small[f'{loader}.batch_size'] = 2
        small[f'{loader}.num_workers'] = 0
        small[f'{loader}.persistent_workers'] = False
        small[f'{loader}.dataset.data_root'] = root
    return [f'{key}={value}' for key, value in small.items()]


def trained(root, work_dir, changes):
    """Train by the command; the config of the run and its folder."""
    config = 'classifiers/attributes_resnet50_deepfashion'
    arguments = [config, '--work-dir', str(work_dir), '--cfg-options']
    train_command.main([*arguments, *options(root, '[1,2]'), *changes])
    return str(work_dir / 'attributes_resnet50_deepfashion.py')


def test_from_files_of_labels_to_a_classifier_of_a_metric(
    benchmark, tmp_path, capsys
):
    config = trained(benchmark, tmp_path, [])
    numbers = tmp_path / 'numbers.json'
    test_command.main([config, str(tmp_path), '--out', str(numbers)])
    found = read_json(numbers)
    assert {'recall_1', 'texture_recall_2', 'ECE'} <= set(found)
    assert 'fabric_recall_1' not in found  # nobody knows who wears cotton
    assert 'top-1 recall' in capsys.readouterr().out

    calibrate = run_path(str(TOOL))['main']
    calibrate([config, str(tmp_path), '--out', str(tmp_path)])
    told = capsys.readouterr().out
    assert 'as trained, 3 pictures' in told and 'calibrated' in told
    name = 'attributes_resnet50_deepfashion'
    files = find_shipped(name, tmp_path, 'json')
    ready = load_classifier(read_json(files.config)['model'], files.weights)
    before = load_classifier(config, tmp_path / 'epoch_4.pth')
    images = torch.rand(2, 3, 48, 40) * 2 - 1
    with torch.no_grad():
        wanted = before(images) / ready.temperature
        torch.testing.assert_close(ready(images), wanted, rtol=2e-2, atol=2e-2)
    assert f'temperature {float(ready.temperature):.3f}' in told


def test_configs_know_what_there_is_to_learn():
    names = sorted(
        path.stem for path in (ROOT / 'configs' / 'classifiers').glob('*.py')
    )
    assert len(names) == 6
    assert not [name for name in list_models() if 'classifiers' in name]
    cfg = {
        name: Config.fromfile(find_config(f'classifiers/{name}'))
        for name in names
    }
    labels = {name: cfg[name].model.num_labels for name in names}
    assert labels == dict(
        attributes_lite0_synthfashion=len(ATTRIBUTES),
        attributes_resnet50_deepfashion=1000,
        attributes_resnet50_deepfashion_in_shop=347,
        type_inception_deepfashion=50,
        type_inception_deepfashion_in_shop=23,
        type_lite0_synthfashion=len(CLOTHING_TYPES),
    )
    wrapper = cfg['type_inception_deepfashion'].optim_wrapper
    use_amp(wrapper, 'bfloat16')
    assert wrapper.type == 'BFloat16OptimWrapper'
    assert wrapper.optimizer.type == 'Adam'
