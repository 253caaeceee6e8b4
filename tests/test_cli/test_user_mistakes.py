"""Mistakes of users through train, test and infer: one line each."""

import argparse
import os
import re
import subprocess
import sys

import numpy as np
import pytest
import torch
from mmengine.config import Config
from tiny_training import tiny_config

from mmposetransfer.apis import init_model
from mmposetransfer.cli import (
    browse_dataset,
    fit_bodies,
    infer,
    synthesize_flow,
    test,
    train,
)
from mmposetransfer.config.file import OptionsAction
from mmposetransfer.io.image_io import write_image

POSE = (np.arange(36).reshape(18, 2) * 1.5 + 3).astype(int)
ROW = f'{{}}:{POSE[:, 1].tolist()}:{POSE[:, 0].tolist()}\n'
HEADER = 'name:keypoints_y:keypoints_x\n'
PIPELINE = [dict(type='LoadPair'), dict(type='PackPoseTransferInputs')]


@pytest.fixture(scope='module')
def place(tmp_path_factory):
    """A folder with a small dataset, its config and a checkpoint."""
    place = tmp_path_factory.mktemp('place with blanks')
    picture = np.random.default_rng(0).integers(0, 256, (64, 64, 3), 'u1')
    for name in ('a.png', 'b.png', 'c.jpg'):
        write_image(place / 'images' / name, picture)
    (place / 'poses.csv').write_text(
        HEADER + ''.join(map(ROW.format, ('a.png', 'b.png', 'c.jpg')))
    )
    (place / 'pairs.csv').write_text('from,to\na.png,b.png\nb.png,a.png\n')
    cfg = tiny_config(place / 'work')
    dataset = dict(
        type='PoseTransferDataset',
        data_root=str(place),
        ann_file='pairs.csv',
        keypoints_file='poses.csv',
        data_prefix=dict(img='images'),
        pipeline=PIPELINE,
    )
    for loader in (cfg.train_dataloader, cfg.test_dataloader):
        loader.dataset = dict(dataset, _delete_=True)
    cfg = Config(cfg._cfg_dict.to_dict())
    for loader in (cfg.train_dataloader, cfg.test_dataloader):
        loader.dataset.pop('_delete_')
    cfg.test_evaluator = [dict(type='ImageQuality')]
    # Without the stage that needs flow.
    cfg.custom_hooks = [
        hook
        for hook in cfg.custom_hooks
        if hook['type'] != 'StagedTrainingHook'
    ]
    cfg.train_cfg.max_epochs = 1
    cfg.dump(place / 'config.py')
    model = init_model(cfg)
    torch.save(dict(state_dict=model.state_dict()), place / 'model.pth')
    return place


@pytest.fixture
def told(place, tmp_path, monkeypatch, capfd):
    """Runs a command; returns the line that it ends with."""
    monkeypatch.chdir(tmp_path)

    def told(command, *argv):
        argv = [str(a).replace('PLACE', str(place)) for a in argv]
        with pytest.raises(SystemExit) as caught:
            command.main(argv)
        capfd.readouterr()
        assert isinstance(caught.value.code, str), caught.value.code
        assert caught.value.code.startswith('error: ')
        assert 'Traceback' not in caught.value.code
        left = [p for p in tmp_path.rglob('*') if p.name.endswith('.part')]
        assert not left
        return caught.value.code

    return told


CONFIG, WEIGHTS = 'PLACE/config.py', 'PLACE/model.pth'


class Hostile:
    """Makes a folder when it is unpickled."""

    def __reduce__(self):
        return os.mkdir, ('hacked',)


@pytest.mark.parametrize('command', [train, test, infer])
@pytest.mark.parametrize(
    ('options', 'expected'),
    [
        (['trian_cfg.max_epochs=3'], "Did you mean 'train_cfg'"),
        (['model.generator.typo=1'], "no argument 'typo'"),
        (['model.type=DIPTT'], "Did you mean 'DIPT'"),
        (['custom_hooks.99.x=1'], 'custom_hooks.99.x cannot be set to 1'),
        (['custom_imports.imports=nowhere_xyz'], 'nowhere_xyz'),
    ],
)
def test_misspelt_configs(told, command, options, expected):
    argv = {
        train: [CONFIG],
        test: [CONFIG, WEIGHTS],
        infer: [
            'PLACE/images/a.png',
            CONFIG,
            WEIGHTS,
            '--keypoints',
            'PLACE/poses.csv',
        ],
    }[command]
    assert expected in told(command, *argv, '--cfg-options', *options)


@pytest.mark.parametrize('command', [train, test, infer])
def test_configs_that_cannot_be_read(told, tmp_path, command):
    rest = {
        train: [],
        test: [WEIGHTS],
        infer: [WEIGHTS, '--keypoints', 'PLACE/poses.csv'],
    }[command]
    first = ['PLACE/images/a.png'] if command is infer else []
    for text, expected in (
        ('model = dict(', 'line 1: SyntaxError'),
        ('a = 1\nb = undefined', 'line 2: NameError'),
        ("_base_ = 'nowhere.py'", 'nowhere.py'),
        (
            "custom_imports = dict(imports=['nowhere_xyz'])",
            "ModuleNotFoundError: No module named 'nowhere_xyz'",
        ),
    ):
        (tmp_path / 'wrong.py').write_text(text)
        message = told(command, *first, tmp_path / 'wrong.py', *rest)
        assert "wrong.py' cannot be read: " in message
        assert expected in message
    assert (
        'did you mean'
        in told(command, *first, 'dipt/full_deepfashon', *rest).lower()
    )


@pytest.mark.parametrize(
    ('key', 'name', 'content', 'expected'),
    [
        ('ann_file', 'nowhere.csv', None, "nowhere.csv'"),
        ('ann_file', 'empty.csv', '', 'lists no pairs; a pair is a line'),
        ('ann_file', 'none.csv', 'from,to\n', 'lists no pairs'),
        ('ann_file', 'wrong.csv', 'from,to\na.png\n', 'line 2'),
        ('ann_file', 'other.csv', 'from,to\na.png,z.png\n', '(1): z.png'),
        ('ann_file', 'wrong.json', '{\n"train": [[1, 2]]\n', 'line 3'),
        ('keypoints_file', 'nowhere.csv', None, "nowhere.csv'"),
        ('keypoints_file', 'empty.csv', '', 'line 1: expected the header'),
        (
            'keypoints_file',
            'wrong.csv',
            HEADER + ROW.format('a') + 'b:[1',
            'line 3: expected name:',
        ),
        (
            'keypoints_file',
            'few.csv',
            HEADER + 'a:[1]:[2]\n',
            'line 2 (a): expected 18 values',
        ),
        ('keypoints_file', 'wrong.pkl', 'text', 'not a pickle of plain data'),
        ('data_root', 'nowhere', None, 'nowhere'),
        ('data_prefix.img', 'nowhere', None, 'data_prefix.img'),
    ],
)
@pytest.mark.parametrize('command', [train, test])
def test_datasets(told, tmp_path, command, key, name, content, expected):
    path = tmp_path / name
    if content is not None:
        path.write_text(content)
    loader = 'train' if command is train else 'test'
    argv = [CONFIG] if command is train else [CONFIG, WEIGHTS]
    message = told(
        command,
        *argv,
        '--work-dir',
        tmp_path / 'work',
        '--cfg-options',
        f'{loader}_dataloader.dataset.{key}={path}',
    )
    assert expected in message


@pytest.mark.parametrize('workers', [0, 1])
@pytest.mark.parametrize('command', [train, test])
def test_damaged_image_in_a_dataset(told, place, tmp_path, command, workers):
    (tmp_path / 'images').mkdir()
    data = (place / 'images' / 'a.png').read_bytes()
    (tmp_path / 'images' / 'a.png').write_bytes(data)
    (tmp_path / 'images' / 'b.png').write_bytes(data[:-500])
    loader = 'train' if command is train else 'test'
    argv = [CONFIG] if command is train else [CONFIG, WEIGHTS]
    message = told(
        command,
        *argv,
        '--work-dir',
        tmp_path / 'work',
        '--cfg-options',
        f'{loader}_dataloader.num_workers={workers}',
        f'{loader}_dataloader.dataset.data_prefix.img={tmp_path}/images',
    )
    assert message == (
        f"error: the image '{tmp_path}/images/b.png' is cut "
        'off: the end of its data is missing; copy or '
        'download it again'
    )


@pytest.mark.parametrize('command', [test, infer])
def test_checkpoints(told, place, tmp_path, command):
    (tmp_path / 'folder').mkdir()
    (tmp_path / 'empty.pth').write_bytes(b'')
    data = (place / 'model.pth').read_bytes()
    (tmp_path / 'half.pth').write_bytes(data[: len(data) // 2])
    torch.save(dict(w=torch.zeros(2)), tmp_path / 'other.pth')
    torch.save(dict(state_dict=Hostile()), tmp_path / 'hostile.pth')
    for name, expected in (
        ('nowhere.pth', "There is no checkpoint '"),
        ('folder', "there is no checkpoint in '"),
        ('empty.pth', 'damaged'),
        ('half.pth', 'damaged'),
        ('other.pth', 'is of another model than the config'),
        ('hostile.pth', 'mkdir'),
    ):
        path = tmp_path / name
        message = told(
            command,
            *(
                [CONFIG, path]
                if command is test
                else [
                    'PLACE/images/a.png',
                    CONFIG,
                    path,
                    '--keypoints',
                    'PLACE/poses.csv',
                ]
            ),
        )
        assert name in message and expected in message
    assert not (tmp_path / 'hacked').exists()


def test_resuming_from_what_is_not_there(told, tmp_path):
    message = told(
        train,
        CONFIG,
        '--resume',
        tmp_path / 'nowhere.pth',
        '--work-dir',
        tmp_path / 'work',
    )
    assert 'nowhere.pth' in message
    message = told(
        train,
        CONFIG,
        '--work-dir',
        tmp_path / 'work',
        '--cfg-options',
        f'load_from={tmp_path}/nowhere.pth',
    )
    assert 'nowhere.pth' in message


def test_places_that_cannot_be_written(told, tmp_path):
    (tmp_path / 'file').write_text('')
    for argv in (
        ['--work-dir', tmp_path / 'file'],
        ['--out', tmp_path],
        ['--show-dir', tmp_path / 'file'],
        ['--image-dir', tmp_path / 'file'],
    ):
        message = told(test, CONFIG, WEIGHTS, *argv)
        assert 'cannot be written' in message
    assert 'cannot be written' in told(
        train, CONFIG, '--work-dir', tmp_path / 'file'
    )
    assert 'cannot be written' in told(
        infer,
        'PLACE/images/a.png',
        CONFIG,
        WEIGHTS,
        '--keypoints',
        'PLACE/poses.csv',
        '--out-dir',
        tmp_path / 'file',
    )


def test_a_full_disk_when_metrics_are_written(told, capfd):
    message = told(test, CONFIG, WEIGHTS, '--out', '/dev/full')
    assert "'/dev/full' cannot be written: No space left" in message
    assert 'Free some space' in message


@pytest.mark.parametrize(
    ('image', 'content', 'expected'),
    [
        ('nowhere.png', None, 'does not exist'),
        ('empty.jpg', b'', 'is an empty file'),
        ('text file.jpg', b'I am a photograph.', 'convert it to JPEG'),
        ('Straße 衣.png', b'\x89PNG\r\n\x1a\n', 'Straße 衣.png'),
    ],
)
def test_photographs(told, tmp_path, image, content, expected):
    if content is not None:
        (tmp_path / image).write_bytes(content)
    assert expected in told(
        infer,
        tmp_path / image,
        CONFIG,
        WEIGHTS,
        '--keypoints',
        'PLACE/poses.csv',
    )


@pytest.mark.parametrize(
    ('name', 'content', 'expected'),
    [
        ('nowhere.csv', None, 'does not exist'),
        ('folder', None, 'does not exist'),
        ('other.csv', HEADER + ROW.format('x.png'), 'has no keypoints of'),
        ('missing.csv', HEADER + f'a.png:{[-1] * 18}:{[-1] * 18}', 'joint'),
        (
            'nan.csv',
            HEADER
            + f'a.png:[NaN{", 1" * 17}]:{[5] * 18}'.replace('[NaN', '[NaN'),
            'joint 0 (nose) is nan',
        ),
        (
            'outside.csv',
            HEADER
            + ROW.format('a.png').replace(':[', ':[9').replace(', ', ', 9'),
            '18 of 18 joints lie outside of the picture, '
            'which has 64x64 pixels',
        ),
        ('poses.txt', 'x', 'nor the content tells the format'),
    ],
)
def test_poses(told, tmp_path, name, content, expected):
    if content is not None:
        (tmp_path / name).write_text(content)
    assert expected in told(
        infer,
        'PLACE/images/a.png',
        CONFIG,
        WEIGHTS,
        '--keypoints',
        tmp_path / name,
    )


@pytest.mark.parametrize(
    ('options', 'expected'),
    [
        (['--device', 'cuda:9'], "'cuda:9' was asked for, but torch sees"),
        (['--device', 'gpu'], '--device must be such as'),
        (['--device', 'meta'], 'use --device cpu'),
        (['--target-name', 'z.png'], "has no keypoints of the image 'z.png'"),
        (['--min-score', '7'], 'no joint has a score of --min-score 7'),
        (['--min-score', '-1'], '--min-score must be a number of at least 0'),
        (
            ['--reference-name', 'z.png'],
            "no keypoints of the image 'z.png'; it knows 3 images: a.png, "
            'b.png, c.jpg (--reference-name says which is meant)',
        ),
    ],
)
def test_arguments(told, options, expected):
    assert expected in told(
        infer,
        'PLACE/images/a.png',
        CONFIG,
        WEIGHTS,
        '--keypoints',
        'PLACE/poses.csv',
        '--target-name',
        'b.png',
        *options,
    )


@pytest.mark.parametrize(
    ('options', 'expected'),
    [
        (
            ['--keypoints', 'PLACE/poses.csv'],
            "error: --keypoints of the target: 'PLACE/poses.csv' holds the "
            'keypoints of 3 images: pass --target or --target-name to say '
            'whose',
        ),
        (
            [
                '--keypoints',
                'PLACE/poses.csv',
                '--target-keypoints',
                'PLACE/images',
            ],
            "error: --target-keypoints: 'PLACE/images' holds no files *.json, "
            "such as OpenPose's *_keypoints.json",
        ),
        (
            [
                '--keypoints',
                'PLACE/poses.csv',
                '--target-keypoints',
                'PLACE/poses.csv',
                '--target',
                'PLACE/images/b.png',
                '--min-score',
                '9',
            ],
            "error: --keypoints of the reference: 'PLACE/poses.csv' (a.png): "
            'no joint has a score of --min-score 9.0; the surest has 1',
        ),
        (
            [
                '--pose-estimator',
                'files',
                '--pose-options',
                'source=PLACE/poses.csv',
            ],
            'error: the wanted pose is missing, and there is no picture to '
            'find it in: pass one of --target and --target-keypoints',
        ),
    ],
)
def test_messages_speak_of_options(told, place, options, expected):
    """Of none that Python's functions have and the command has not."""
    message = told(infer, 'PLACE/images/a.png', CONFIG, WEIGHTS, *options)
    assert message == expected.replace('PLACE', str(place))


def test_values_keep_their_blanks():
    """As in the path of the folder of these tests; lists are as ever."""
    parser = argparse.ArgumentParser()
    parser.add_argument('--set', nargs='+', action=OptionsAction)
    args = parser.parse_args(
        [
            '--set',
            'path=/a b/c d.pth',
            "quoted='x y'",
            'number= 3',
            'list=[1, (2, x)]',
            'pair=4, 5',
            'nothing=',
        ]
    )
    assert args.set == dict(
        path='/a b/c d.pth',
        quoted='x y',
        number=3,
        list=[1, (2, 'x')],
        pair=[4, 5],
        nothing='',
    )


def test_a_pose_that_is_not_found(told, place, tmp_path):
    (tmp_path / 'nobody.json').write_text('{"people": []}')
    message = told(
        infer,
        'PLACE/images/a.png',
        CONFIG,
        WEIGHTS,
        '--pose-estimator',
        'files',
        '--pose-options',
        f'source={tmp_path}/nobody.json',
        '--target',
        'PLACE/images/b.png',
    )
    assert message == (
        f"error: the reference '{place}/images/a.png': no person was found in "
        'this picture; pass --keypoints of the reference, or use another '
        '--pose-estimator'
    )


def test_the_reference_by_another_name(place, tmp_path, capfd):
    """A photograph that the keypoint file has under its old name."""
    picture = (place / 'images' / 'a.png').read_bytes()
    (tmp_path / 'renamed.png').write_bytes(picture)
    infer.main(
        [
            str(tmp_path / 'renamed.png'),
            f'{place}/config.py',
            f'{place}/model.pth',
            '--keypoints',
            f'{place}/poses.csv',
            '--reference-name',
            'b.png',
            '--target',
            f'{place}/images/b.png',
            '--out-dir',
            str(tmp_path / 'out'),
        ]
    )
    assert 'renamed as b:' in capfd.readouterr().out
    assert (tmp_path / 'out' / 'renamed_b.png').is_file()


@pytest.mark.parametrize(
    ('command', 'argv', 'expected'),
    [
        (train, ['c.py', '--cfg-options', 'no_value'], '--cfg-options'),
        (train, ['c.py', '--launcher', 'nothing'], '--launcher'),
        (
            infer,
            ['a.png', 'c.py', '--keypoints', 'k.csv', '--batch-size', '0'],
            "--batch-size: expected a whole number of at least 1, got '0'",
        ),
        (
            infer,
            ['a.png', 'c.py', '--keypoints', 'k.csv', '--target-person', '-1'],
            '--target-person: expected',
        ),
        (
            fit_bodies,
            ['k.csv', 'f.npz', '--batch-size', 'x'],
            '--batch-size: exp',
        ),
        (
            fit_bodies,
            ['k.csv', 'f.npz', '--noise', '0'],
            "--noise: expected a number above 0, got '0'",
        ),
        (
            fit_bodies,
            ['k.csv', 'f.npz', '--distance', 'nan'],
            '--distance: exp',
        ),
        (
            fit_bodies,
            ['k.csv', 'f.npz', '--size', '0', '9'],
            '--size: expected',
        ),
        (
            synthesize_flow,
            ['f.npz', 'p.csv', 'o', '--median', '4'],
            '--median: invalid choice',
        ),
        (
            synthesize_flow,
            ['f.npz', 'p.csv', 'o', '--workers', '0'],
            '--workers: expected',
        ),
        (browse_dataset, ['c.py', '--number', '0'], '--number: expected'),
    ],
)
def test_options_that_are_none(command, argv, expected, capsys):
    with pytest.raises(SystemExit) as caught:
        command.main(argv)
    assert caught.value.code == 2
    assert f'error: argument {expected}' in capsys.readouterr().err


def test_a_name_is_of_one_photograph(tmp_path, capsys):
    with pytest.raises(SystemExit) as caught:
        infer.main(
            [
                str(tmp_path),
                'c.py',
                '--keypoints',
                'k.csv',
                '--reference-name',
                'a.png',
            ]
        )
    assert caught.value.code == 2
    assert '--reference-name is of one photograph' in capsys.readouterr().err


@pytest.mark.parametrize('device', ['gpu', 'cuda:99'])
def test_devices_of_fitting(device, tmp_path):
    with pytest.raises(SystemExit) as caught:
        fit_bodies.main(['k.csv', str(tmp_path / 'f.npz'), '--device', device])
    assert re.match(
        r"error: (--device must be|the device 'cuda:99' was)",
        caught.value.code,
    )


def test_the_tool_itself_ends_with_a_line(tmp_path):
    done = subprocess.run(
        [
            sys.executable,
            '-m',
            'mmposetransfer',
            'infer',
            'nowhere.jpg',
            'dipt/full_synthfashion_64',
            '--keypoints',
            'poses.csv',
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1] == (
        "error: the image 'nowhere.jpg' does not exist"
    )
    assert 'Traceback' not in done.stderr
