"""Testing in one, two or three processes gives the same results."""

import cv2
import numpy as np
import pytest
import torch
from mmengine.dist import get_world_size
from mmengine.model import BaseModel
from mmengine.runner import Runner
from processes import run_processes
from torch.utils.data import Dataset

from mmposetransfer.structures import PoseTransferDataSample

# Seven divide among neither two nor three processes; of two samples the
# third process has none.
SAMPLES = (7, 2)
INTERVAL = 2
SIZE = (32, 24)


class Indices(Dataset):
    """Numbers from 0."""

    def __init__(self, length):
        self.length = length

    def __len__(self):
        return self.length

    def __getitem__(self, index):
        return index


def sample_of(index):
    """Noise that depends on the index; every second sample has no name."""
    generator = torch.Generator().manual_seed(index)

    def noise(channels):
        return torch.rand(channels, *SIZE, generator=generator) * 2 - 1

    names = dict(ref_id=f'a{index}', tgt_id='b') if index % 2 else {}
    sample = PoseTransferDataSample(metainfo=names)
    sample.ref_img, sample.gt_img, sample.pred_img = (
        noise(3),
        noise(3),
        noise(3),
    )
    sample.gt_flow, sample.pred_flow = 3 * noise(2), 3 * noise(2)
    # The count of visible pixels grows with the index.
    sample.gt_visibility = torch.full((1, *SIZE), 2, dtype=torch.uint8)
    sample.gt_visibility[:, : 3 * index + 2] = 0
    sample.pred_visibility = sample.gt_visibility.roll(index, 1)
    sample.tgt_keypoints = torch.cat(
        [20 * torch.rand(18, 2, generator=generator), torch.ones(18, 1)], 1
    )
    return sample


class Noise(BaseModel):
    """A model that predicts noise of its own for each index."""

    def forward(self, indices, mode):
        return [sample_of(int(index)) for index in indices]

    def test_step(self, data):
        return self(data, 'predict')


def run_test(rank, folder, length):
    """Metrics of a test; its pictures go to the folder."""
    loader = dict(
        dataset=Indices(length),
        batch_size=2,
        sampler=dict(type='DefaultSampler', shuffle=False),
    )
    hook = dict(
        type='PoseTransferVisualizationHook',
        num_grid=5,
        interval=INTERVAL,
        show_dir=str(folder / 'shown'),
        image_dir=str(folder / 'images'),
    )
    runner = Runner(
        Noise(),
        work_dir=str(folder / 'work'),
        test_dataloader=loader,
        test_cfg=dict(),
        default_scope='mmposetransfer',
        log_level='ERROR',
        test_evaluator=dict(
            type='PoseTransferEvaluator',
            metrics=[dict(type='ImageQuality'), dict(type='FlowQuality')],
        ),
        launcher='pytorch' if get_world_size() > 1 else 'none',
        cfg=dict(
            model_wrapper_cfg=dict(type='MMSeparateDistributedDataParallel')
        ),
        visualizer=dict(type='PoseTransferVisualizer', name=folder.name),
        custom_hooks=[hook],
        experiment_name=folder.name,
    )
    return runner.test()


def run_tests(rank, folder):
    return {
        length: run_test(rank, folder / f'{length}', length)
        for length in SAMPLES
    }


@pytest.fixture(scope='module')
def results(tmp_path_factory):
    """By number of processes: metrics of each, and the folder."""
    found = {}
    for count in (1, 2, 3):
        folder = tmp_path_factory.mktemp(f'in_{count}')
        found[count] = run_processes(count, run_tests, folder), folder
    return found


@pytest.mark.parametrize('count', [2, 3])
@pytest.mark.parametrize('length', SAMPLES)
def test_metrics_count_each_sample_once(results, length, count):
    wanted = results[1][0][0][length]
    assert {'SSIM_dsc', 'true_flow_warp/PSNR_dsc', 'EPE', 'vis_mIoU'} <= set(
        wanted
    )
    samples = [sample_of(index) for index in range(length)]
    assert wanted['L1_dsc'] == pytest.approx(
        np.mean(
            [
                (sample.pred_img - sample.gt_img).abs().mean() / 2
                for sample in samples
            ]
        ),
        abs=0.003,
    )  # of 8-bit images
    for metrics in results[count][0]:
        assert metrics[length] == pytest.approx(wanted, rel=1e-6)


@pytest.mark.parametrize('count', [2, 3])
@pytest.mark.parametrize('length', SAMPLES)
def test_pictures_are_neither_doubled_nor_lost(results, length, count):
    one, several = (results[n][1] / str(length) for n in (1, count))
    assert len(list((one / 'images').iterdir())) == length
    assert {path.name for path in (one / 'shown').iterdir()} == {
        'grid.png',
        *(f'{index:06d}.png' for index in range(0, length, INTERVAL)),
    }
    for kind in ('images', 'shown'):
        wanted, got = (
            {
                path.name: cv2.imread(str(path))
                for path in (folder / kind).iterdir()
            }
            for folder in (one, several)
        )
        assert got.keys() == wanted.keys()
        for name, picture in wanted.items():
            assert np.array_equal(got[name], picture), name
