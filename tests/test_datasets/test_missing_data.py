"""Without the data, a message says what they are and how to get them."""

import re
import shlex
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from tiny_training import tiny_config

from mmposetransfer.apis import find_config, init_model, list_models
from mmposetransfer.apis.shipped_weights import GEOMETRY
from mmposetransfer.cli import COMMANDS, browse_dataset, test, train
from mmposetransfer.cli.browse_dataset import browsed_dataset
from mmposetransfer.datasets.layouts import (
    LAYOUTS,
    WITHOUT_DATA,
    where_data_come_from,
)
from mmposetransfer.datasets.pose_transfer_dataset import PoseTransferDataset
from mmposetransfer.datasets.verification import verify_dataset
from mmposetransfer.utils.setup_env import register_all_modules

ROOT = Path(__file__).parents[2]
NAMES = [
    name
    for name in list_models('dipt/*')
    if 'synthfashion' not in name and name != GEOMETRY
]
# What a config's name says -> what its data are, the tool and its place.
KNOWN = {
    'market1501': (
        'Market-1501',
        'prepare-market1501 DOWNLOADS --out data/market1501`',
    ),
    'custom': (
        'photographs of your own',
        'prepare-folder PHOTOS --keypoints FILE --out data/mine`',
    ),
    '512x352': (
        'DeepFashion',
        'prepare-deepfashion DOWNLOADS --out data/deepfashion --size 512x352`',
    ),
    'deepfashion': (
        'DeepFashion',
        'prepare-deepfashion DOWNLOADS --out data/deepfashion`',
    ),
}


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    register_all_modules()
    init_default_scope('mmposetransfer')
    monkeypatch.chdir(tmp_path)


def expected(name):
    return next(words for key, words in KNOWN.items() if key in name)


@pytest.mark.parametrize('split', ['train', 'test'])
@pytest.mark.parametrize('name', NAMES)
def test_every_config_of_real_data_says_so(name, split):
    cfg = Config.fromfile(find_config(name))
    with pytest.raises(FileNotFoundError) as caught:
        browsed_dataset(cfg, split)
    for words in (*expected(name), 'data_root=FOLDER', WITHOUT_DATA):
        assert words in str(caught.value)


@pytest.mark.parametrize('command', [train, test, browse_dataset])
def test_the_commands_tell_it_in_a_line(command, tmp_path):
    """With small networks, so that a checkpoint is soon made."""
    cfg = tiny_config(tmp_path / 'run')
    torch.save(init_model(cfg).state_dict(), 'model.pth')
    data = Config.fromfile(find_config('dipt/full_deepfashion'))
    for loader in ('train_dataloader', 'test_dataloader'):
        cfg[loader] = data[loader]
    cfg.dump('config.py')
    with pytest.raises(SystemExit) as caught:
        command.main(['config.py', *['model.pth'] * (command is test)])
    line = caught.value.code
    assert re.match(
        "error: the keypoint file 'data/deepfashion/Label/pose_label.pkl' "
        'does not exist',
        line,
    )
    assert 'prepare-deepfashion' in line and '\n' not in line


def make(root, **changes):
    return PoseTransferDataset(
        **{
            **dict(
                data_root=str(root),
                ann_file='Label/pair_split_clean.json',
                keypoints_file='Label/pose_label.pkl',
                layout='deepfashion',
                data_prefix=dict(img='Img/img', corr='3d/hmr/corr'),
            ),
            **changes,
        }
    )


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (
            dict(ann_file='Label/none.json'),
            'none.json.*prepare-deepfashion',
        ),
        (dict(keypoints_file='none.pkl'), 'none.pkl.*prepare-deepfashion'),
        (
            dict(data_prefix=dict(img='Img/img', corr='none')),
            'data_prefix.corr .docs/flow_truth.md says how flow is made',
        ),
        (dict(ann_file='none.json', layout=None), 'docs/data.md says how'),
    ],
)
def test_single_files_and_folders_that_are_missing(exported, change, message):
    assert len(make(exported))
    with pytest.raises(FileNotFoundError, match=message):
        make(exported, **change)


def test_absolute_paths_need_no_root(exported):
    """As ever: the place that a config names by default need not exist."""
    assert len(
        make(
            'nowhere',
            ann_file=f'{exported}/Label/pair_split_clean.json',
            keypoints_file=f'{exported}/Label/pose_label.pkl',
            data_prefix=dict(img=f'{exported}/Img/img'),
        )
    )


def test_what_a_transform_misses_is_its_own_affair(exported):
    with pytest.raises(FileNotFoundError) as caught:
        make(
            exported,
            pipeline=[
                dict(type='LoadPair'),
                dict(type='FlowFromFits', fits_file='none.npz'),
            ],
        )
    assert 'data_root' not in str(caught.value)
    assert 'fit-bodies' in str(caught.value)


def test_a_layout_that_is_none(exported):
    with pytest.raises(ValueError, match="no layout 'deepfasion'"):
        make(exported, layout='deepfasion')


def test_verification_says_the_same(tmp_path):
    report = verify_dataset(tmp_path, LAYOUTS['market1501'])
    assert 'prepare-market1501' in report.problems[0].message


@pytest.mark.parametrize('name', LAYOUTS)
def test_pages_tools_and_the_config_are_there(name):
    text = where_data_come_from(name, 'data/x')
    page, anchor = re.search(r'(docs/\w+\.md)#([\w-]+)', text).groups()
    if not (ROOT / 'docs').is_dir():
        pytest.skip('needs a checkout of the repository')
    headings = re.findall(r'^#+ (.+)$', (ROOT / page).read_text(), re.M)
    assert anchor in {h.lower().replace(' ', '-') for h in headings}
    command = re.search('`mmposetransfer (.+)`', text)[1]
    assert shlex.split(command)[0] in COMMANDS
    cfg = Config.fromfile(find_config(WITHOUT_DATA))
    assert cfg.train_dataloader.dataset.type == 'SynthFashionDataset'
