"""The tools of tools/dataset_tools from their command lines."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from runpy import run_path

import cv2
import numpy as np
import pytest
from closeness import assert_same_picture
from exported_data import export

from mmposetransfer.datasets import write_keypoint_csv

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / 'tools' / 'dataset_tools'


def run(capsys, name, *arguments):
    """Run a tool in this process: (status, stdout, stderr)."""
    sys_argv, sys.argv = sys.argv, [name, *map(str, arguments)]
    status = 0
    try:
        run_path(str(TOOLS / f'{name}.py'), run_name='__main__')
    except SystemExit as stop:
        status = stop.code
        if isinstance(status, str):  # as the interpreter does
            print(status, file=sys.stderr)
            status = 1
    finally:
        sys.argv = sys_argv
    return status or 0, *capsys.readouterr()


@pytest.mark.parametrize('name', sorted(p.stem for p in TOOLS.glob('*.py')))
def test_help(capsys, name):
    status, out, _ = run(capsys, name, '--help')
    assert status == 0
    assert out.startswith(f'usage: mmposetransfer {name.replace("_", "-")} ')


@pytest.fixture(scope='module')
def data(tmp_path_factory):
    root = tmp_path_factory.mktemp('data')
    export(root, train_pairs=4, test_pairs=2, train_people=2, test_people=1)
    return root


def test_export_prepare_verify_browse(capsys, tmp_path):
    """The way of a data set, from nothing to pictures."""
    numbers = ('--train-pairs', 2, '--test-pairs', 1, '--train-people', 1)
    status, out, _ = run(
        capsys,
        'export_synthfashion',
        tmp_path / 'a',
        '--size',
        '64x64',
        *numbers,
        '--jobs',
        1,
        '--archive',
        tmp_path / 'img.zip',
    )
    assert status == 0 and '3 pairs made' in out and '6 images' in out
    status, out, _ = run(
        capsys,
        'prepare_deepfashion',
        tmp_path / 'img.zip',
        tmp_path / 'a/Label',
        tmp_path / 'a/Img/seg',
        tmp_path / 'a/3d',
        '--out',
        tmp_path / 'b',
    )
    assert status == 0 and 'problems: 0' in out
    status, out, err = run(
        capsys,
        'verify_dataset',
        tmp_path / 'b',
        '--size',
        '64x64',
        '--json',
        tmp_path / 'report.json',
    )
    assert status == 0, out + err
    assert 'images: 6 (published: 52,712)' in out and 'problems: none' in out
    report = json.loads((tmp_path / 'report.json').read_text())
    assert report['problems'] == [] and report['checked']['image'] == 6
    status, out, _ = run(
        capsys,
        'browse_dataset',
        'dipt/full_deepfashion',
        '--stage',
        'flow',
        '--out',
        tmp_path / 'c',
        '--number',
        2,
        '--cfg-options',
        f'train_dataloader.dataset.data_root={tmp_path / "b"}',
    )
    assert status == 0 and '2 strips of 2 pairs' in out
    strips = sorted((tmp_path / 'c').glob('0*.png'))
    assert [p.name[:7] for p in strips] == ['000000_', '000001_']
    # Seven panels, the images three times as large, each with a gap.
    assert cv2.imread(str(strips[0])).shape[1] == 7 * (3 * 64 + 4)
    assert (tmp_path / 'c/grid.png').is_file()


def test_verify_ends_with_status_1(capsys, data, tmp_path):
    root = shutil.copytree(data, tmp_path / 'data')
    image = next((root / 'Img/img').iterdir())
    image.write_bytes(b'damaged')
    arguments = ('verify_dataset', root, '--size', '64x64')
    status, out, _ = run(capsys, *arguments)
    assert status == 1 and f'corrupt: {image}: ' in out
    status, out, _ = run(capsys, *arguments, '--json', '-')
    (problem,) = json.loads(out)['problems']
    assert (status, problem['file']) == (1, str(image))
    status, out, _ = run(capsys, *arguments, '--quick')
    assert status == 0
    assert run(capsys, *arguments, '--quick', '--published')[0] == 1


def test_strips_are_the_same_every_time(capsys, data, tmp_path):
    for out in ('a', 'b'):
        assert (
            run(
                capsys,
                'browse_dataset',
                'dipt/full_deepfashion',
                '--stage',
                'flow',
                '--indices',
                1,
                3,
                '--out',
                tmp_path / out,
                '--cfg-options',
                f'train_dataloader.dataset.data_root={data}',
            )[0]
            == 0
        )
    names = sorted(p.name for p in (tmp_path / 'a').iterdir())
    assert len(names) == 3
    for name in names:
        assert_same_picture(
            *(cv2.imread(str(tmp_path / out / name)) for out in ('a', 'b'))
        )


@pytest.mark.parametrize(
    'arguments, message',
    [
        (('verify_dataset', 'nowhere'), "no folder 'nowhere'"),
        (('prepare_deepfashion', 'nowhere.zip'), "folder 'nowhere.zip'"),
        (('prepare_market1501', 'nowhere'), "folder 'nowhere'"),
        (('prepare_folder', 'nowhere', '--keypoints', 'x.csv'), "'x.csv'"),
        (('browse_dataset', 'dipt/full_deepfashion', '--stage', 'x'), "'x'"),
        (('browse_dataset', 'dipt/full_nothing'), 'full_nothing'),
        (('export_synthfashion', 'out', '--size', '8x8'), '8x8'),
    ],
)
def test_mistakes_are_told_in_a_line(
    capsys, tmp_path, monkeypatch, arguments, message
):
    monkeypatch.chdir(tmp_path)
    status, _, err = run(capsys, *arguments)
    assert status == 1 and err.startswith('error: ') and message in err
    assert not os.listdir(tmp_path)


def test_hostile_and_foreign_archives(capsys, tmp_path):
    with zipfile.ZipFile(tmp_path / 'evil.zip', 'w') as archive:
        archive.writestr('../../evil.jpg', b'1')
    with zipfile.ZipFile(tmp_path / 'other.zip', 'w') as archive:
        archive.writestr('readme.txt', b'1')
    for name, message in (('evil', "'..'"), ('other', 'none of the 1 files')):
        status, _, err = run(
            capsys,
            'prepare_deepfashion',
            tmp_path / f'{name}.zip',
            '--out',
            tmp_path / 'o',
        )
        assert status == 1 and message in err
    assert not (tmp_path / 'o').exists()


def test_damaged_images_give_status_1(capsys, tmp_path):
    with zipfile.ZipFile(tmp_path / 'a.zip', 'w') as archive:
        for name in ('0002_c1s1_000451_03.jpg', '0003_c1s1_000451_03.jpg'):
            archive.writestr(name, b'damaged')
    status, out, err = run(
        capsys,
        'prepare_market1501',
        tmp_path / 'a.zip',
        '--out',
        tmp_path / 'o',
    )
    assert status == 1 and 'problems: 2' in out
    assert "'0003_c1s1_000451_03.jpg' of" in err


def test_own_folder(capsys, tmp_path):
    rng = np.random.default_rng(0)
    lines = ['name:keypoints_y:keypoints_x']
    (tmp_path / 'photos').mkdir()
    for k in range(3):
        picture = rng.integers(0, 255, (90, 70, 3), dtype=np.uint8)
        cv2.imwrite(str(tmp_path / f'photos/{k}.jpg'), picture)
        y, x = (rng.integers(5, 60, 18).tolist() for _ in range(2))
        lines.append(f'{k}.jpg:{y}:{x}')
    (tmp_path / 'poses.csv').write_text('\n'.join(lines))
    status, out, err = run(
        capsys,
        'prepare_folder',
        tmp_path / 'photos',
        '--keypoints',
        tmp_path / 'poses.csv',
        '--out',
        tmp_path / 'mine',
        '--size',
        '64x64',
    )
    assert status == 0, err
    assert '3 images (0 there already) of 1 people, 6 training' in out
    assert 'note: all images are taken to show one person' in err
    status, out, err = run(
        capsys,
        'browse_dataset',
        'dipt/generator_custom',
        '--out',
        tmp_path / 'strips',
        '--number',
        2,
        '--cfg-options',
        f'train_dataloader.dataset.data_root={tmp_path / "mine"}',
    )
    assert status == 0 and '2 strips of 6 pairs' in out, err


@pytest.mark.parametrize(
    'data_set, keypoints',
    [
        ('deepfashion', 'keypoints.csv'),
        ('coco', 'person_keypoints.json'),
        ('market1501', 'keypoints.csv'),
    ],
)
def test_real_photographs(capsys, shared, tmp_path, data_set, keypoints):
    """From pictures and detected poses to pairs, without a problem."""
    photos = shared / 'real' / data_set
    count = len(list(photos.glob('*.jpg')))
    status, out, err = run(
        capsys,
        'prepare_folder',
        photos,
        '--keypoints',
        photos / keypoints,
        '--out',
        tmp_path / 'mine',
    )
    assert status == 0, err
    pairs = count * (count - 1)
    assert f'{count} images' in out and f'{pairs} training' in out
    status, out, _ = run(
        capsys, 'verify_dataset', tmp_path / 'mine', '--size', '256x256'
    )
    assert status == 0 and f'{2 * pairs:,} pairs' in out


def test_killed_export_leaves_whole_files(data, tmp_path):
    """Kill it while it writes; run it again; nothing differs."""
    command = [
        sys.executable,
        TOOLS / 'export_synthfashion.py',
        tmp_path / 'a',
        '--size',
        '64x64',
        '--train-pairs',
        '4',
        '--test-pairs',
        '2',
        '--train-people',
        '2',
        '--test-people',
        '1',
        '--jobs',
        '1',
    ]
    environment = dict(os.environ, PYTHONPATH=str(ROOT))
    process = subprocess.Popen(command, env=environment)
    corr = tmp_path / 'a/3d/hmr/corr'
    while process.poll() is None:
        if corr.is_dir() and any(corr.glob('*.corr')):
            process.kill()
            break
    process.wait()
    assert not (tmp_path / 'a/Label/pair_split.json').exists()
    subprocess.run(command, env=environment, check=True)
    theirs = {
        p.relative_to(data): p.read_bytes()
        for p in data.rglob('*')
        if p.is_file()
    }
    ours = {
        p.relative_to(tmp_path / 'a'): p.read_bytes()
        for p in (tmp_path / 'a').rglob('*')
        if p.is_file()
    }
    # A killed process may leave files behind that have no name yet.
    assert {
        name: data for name, data in ours.items() if name.suffix != '.part'
    } == theirs


def jpg(k, size=(128, 64)):
    return cv2.imencode('.jpg', np.full((*size, 3), 20 * k, np.uint8))[1]


def test_prepare_names_what_it_does_not_take(capsys, tmp_path):
    """Lists that it does not use, formats, names; and follows links."""
    source, far = tmp_path / 'in', tmp_path / 'far'
    names = ['0002_c1s1_000451_03.jpg', '0003_c1s1_000451_03.JPG']
    for folder, name in ((source, names[0]), (far, names[1])):
        folder.mkdir()
        (folder / name).write_bytes(jpg(1).tobytes())
    (source / 'more').symlink_to(far)
    (source / 'gone').symlink_to(tmp_path / 'nowhere')
    for name, data in {
        'a.heic': b'\0\0\0\x18ftypheic',
        'notes.md': b'x',
        'market-pairs-test.csv': b'from,to\n',
        'my_pairs.txt': b'a,b\n',
        'fashion-resize-pairs-test.csv': b'from,to\n',
        'anna.jpg': jpg(2).tobytes(),
        '.DS_Store': b'x',
        '-1_c1s1_000401_00.jpg': jpg(3).tobytes(),
    }.items():
        (source / name).write_bytes(data)
    status, out, err = run(
        capsys, 'prepare_market1501', source, '--out', tmp_path / 'o'
    )
    assert status == 0 and 'written: 3, there already: 0, left out: 7' in out
    assert '3 files taken, 7 left out' in err
    for line in (
        'a link that leads nowhere (1): gone',
        'the format HEIC is not read: convert it to JPEG or PNG (1): a.h',
        'no picture (1): notes.md',
        'its name is none of Market-1501 (1): anna.jpg',
        'it shows nobody in particular (-1, 0000) (1): -1_c',
    ):
        assert line in err
    (lists,) = (line for line in err.splitlines() if 'a list or' in line)
    assert 'market-pairs-train.csv' in lists  # what is read
    assert lists.endswith('(2): fashion-resize-pairs-test.csv, my_pairs.txt')
    assert sorted(
        p.name for p in (tmp_path / 'o/Images/img').iterdir()
    ) == sorted(names)


def test_prepare_takes_flow_in_both_formats(capsys, data, tmp_path):
    source = tmp_path / 'in'
    source.mkdir()
    flow = sorted((data / '3d/hmr/corr').iterdir())[0]
    shutil.copy(flow, source)
    shutil.copy(flow, source / f'{flow.stem}.npz')  # only its name counts
    for name in ('fits.npz', 'my_fits.npz', 'a_b.npz'):
        (source / name).write_bytes(b'x')
    status, out, err = run(
        capsys, 'prepare_deepfashion', source, '--out', tmp_path / 'o'
    )
    assert status == 0 and 'no picture (3): a_b.npz, fits.npz, my' in err
    assert sorted(
        p.suffix for p in (tmp_path / 'o/3d/hmr/corr').iterdir()
    ) == ['.corr', '.npz']


def test_own_folder_says_what_it_left_out(capsys, tmp_path):
    photos = tmp_path / 'photos'
    poses = {}
    for k, name in enumerate(
        ['a/1.jfif', 'a/2.GIF', 'a/3', 'a/4.jpg', 'b/1.jpg', 'a/nobody.jpg']
    ):
        (photos / name).parent.mkdir(parents=True, exist_ok=True)
        ending = '.gif' if name.endswith('GIF') else '.jpg'
        (photos / name).write_bytes(
            cv2.imencode(ending, np.full((90, 70, 3), 20 * k, np.uint8))[
                1
            ].tobytes()
        )
        points = np.random.default_rng(k).uniform(5, 60, (18, 3))
        if k not in (4, 5):
            poses[name] = points
    (photos / 'x.avif').write_bytes(b'\0\0\0\x20ftypavif')
    (photos / 'notes.txt').write_text('x')
    write_keypoint_csv(
        tmp_path / 'poses.csv', {**poses, 'elsewhere/9.jpg': points}
    )
    status, out, err = run(
        capsys,
        'prepare_folder',
        photos,
        '--keypoints',
        tmp_path / 'poses.csv',
        '--out',
        tmp_path / 'mine',
        '--size',
        '64x64',
    )
    assert status == 0, err
    assert '4 images (0 there already) of 1 people' in out
    assert 'left out: 4' in out
    assert f'{photos}: 4 images taken, 0 with problems, 4 left out' in err
    assert 'there are no keypoints of it (2): a/nobody.jpg, b/1.jpg' in err
    assert 'AVIF is not read: convert it to JPEG or PNG (1): x.avif' in err
    assert '1 entries are of no image: elsewhere/9.jpg' in err
    write_keypoint_csv(tmp_path / 'other.csv', {'x/9.jpg': points})
    status, _, err = run(
        capsys,
        'prepare_folder',
        photos,
        '--keypoints',
        tmp_path / 'other.csv',
        '--out',
        tmp_path / 'no',
    )
    assert status == 1 and "one is called 'x/9.jpg', and a picture 'a/1" in err
    assert not (tmp_path / 'no').exists()


def test_browse_tells_what_the_folder_of_images_has_beside_them(
    capsys, data, tmp_path
):
    root = shutil.copytree(data, tmp_path / 'data')
    (root / 'Img/img/a.heic').write_bytes(b'\0\0\0\x18ftypheic')
    status, _, err = run(
        capsys,
        'browse_dataset',
        'dipt/full_deepfashion',
        '--number',
        1,
        '--out',
        tmp_path / 'out',
        '--cfg-options',
        f'train_dataloader.dataset.data_root={root}',
    )
    assert status == 0 and '1 left out' in err and 'HEIC' in err


CACHED = """
_base_ = 'mmposetransfer::dipt/full_synthfashion_64.py'
train_dataloader = dict(dataset=dict(cache={cache!r}, num_pairs=3))
"""


def test_pairs_are_drawn_beforehand(capsys, tmp_path):
    """Some are there already; all are, afterwards."""
    config, cache = tmp_path / 'cached.py', tmp_path / 'pairs'
    config.write_text(CACHED.format(cache=str(cache)))
    few = '--cfg-options', 'train_dataloader.dataset.num_pairs=1'
    command = config, '--of', 'train', '--jobs', 1
    status, out, _ = run(capsys, 'draw_pairs', *command, *few)
    assert status == 0 and 'train: 1 of 1 pairs drawn in ' in out
    status, out, _ = run(capsys, 'draw_pairs', *command)
    assert status == 0 and 'train: 2 of 3 pairs drawn in ' in out
    status, out, _ = run(capsys, 'draw_pairs', *command)
    assert status == 0 and out == f'train: all 3 pairs are in {cache}\n'


def test_what_keeps_no_pairs_is_not_drawn(capsys):
    status, _, error = run(
        capsys, 'draw_pairs', 'dipt/full_synthfashion', '--of', 'test'
    )
    assert status == 1
    assert "'test_dataloader' keeps no pairs on disk" in error
