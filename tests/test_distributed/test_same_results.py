"""Testing in one, two or three processes gives the same results."""

import cv2
import numpy as np
import pytest
from mmengine.dist import get_world_size
from mmengine.runner import Runner
from processes import run_processes
from tiny_training import tiny_config

INTERVAL = 2


def run_test(rank, folder, pairs):
    """Metrics of a tiny model with weights of a fixed seed."""
    cfg = tiny_config(folder / 'work')
    cfg.launcher = 'pytorch' if get_world_size() > 1 else 'none'
    cfg.test_dataloader.dataset.update(num_people=3, num_pairs=pairs)
    cfg.default_hooks.visualization = dict(
        type='PoseTransferVisualizationHook', num_grid=5, interval=INTERVAL,
        show_dir=str(folder / 'shown'), image_dir=str(folder / 'images'))
    for key in ('train_dataloader', 'train_cfg', 'optim_wrapper'):
        cfg.pop(key)
    cfg.custom_hooks = []
    return Runner.from_cfg(cfg).test()


@pytest.fixture(scope='module', params=[7, 2], ids='{}-samples'.format)
def results(request, tmp_path_factory):
    """By number of processes: metrics of each process, folder of pictures.

    Seven samples divide among neither two nor three processes; of two
    samples the third process has none.
    """
    found = {}
    for count in (1, 2, 3):
        folder = tmp_path_factory.mktemp(f'{count}')
        found[count] = (
            run_processes(count, run_test, folder, request.param), folder)
    return request.param, found


def pictures(folder):
    return {path.name: cv2.imread(str(path)).astype(int)
            for path in folder.iterdir()}


@pytest.mark.parametrize('count', [2, 3])
def test_metrics_count_each_sample_once(results, count):
    _, found = results
    wanted = dict(found[1][0][0])
    protocol = wanted.pop('SSIM_protocol')
    assert {'SSIM', 'PSNR', 'L1', 'EPE', 'vis_mIoU'} <= set(wanted)
    assert len(set(wanted.values())) > 8
    for metrics in found[count][0]:
        metrics = dict(metrics)
        assert metrics.pop('SSIM_protocol') == protocol
        assert metrics == pytest.approx(wanted, rel=1e-5)


@pytest.mark.parametrize('count', [2, 3])
@pytest.mark.parametrize('kind', ['images', 'shown'])
def test_pictures_are_neither_doubled_nor_lost(results, kind, count):
    pairs, found = results
    wanted = pictures(found[1][1] / kind)
    assert len(wanted) == pairs if kind == 'images' else \
        len(wanted) == len(range(0, pairs, INTERVAL)) + 1  # grid.png
    got = pictures(found[count][1] / kind)
    assert got.keys() == wanted.keys()
    for name, picture in wanted.items():
        # Batches of another size round otherwise.
        assert np.abs(got[name] - picture).max() <= 1, name
