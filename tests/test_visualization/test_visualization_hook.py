"""The hook inside a real runner."""

import cv2
import pytest
from mmengine.model import BaseModel
from mmengine.runner import Runner
from pictured_samples import drawn_sample
from torch.utils.data import Dataset

from mmposetransfer.engine.hooks.visualization_hook import (
    PoseTransferVisualizationHook,
)
from mmposetransfer.io.file_names import pair_name
from mmposetransfer.visualization import make_grid, make_strip


class Indices(Dataset):
    """Five numbers."""

    def __len__(self):
        return 5

    def __getitem__(self, index):
        return index


class Draughtsman(BaseModel):
    """A model that predicts what `drawn_sample` makes."""

    def forward(self, index, mode):
        return [drawn_sample(index=int(i)) for i in index]

    def test_step(self, data):
        return self(data, 'predict')

    val_step = test_step


def _runner(tmp_path, **hook):
    loader = dict(
        dataset=Indices(),
        batch_size=2,
        sampler=dict(type='DefaultSampler', shuffle=False),
    )
    return Runner(
        Draughtsman(),
        work_dir=str(tmp_path / 'work'),
        test_dataloader=loader,
        test_cfg=dict(),
        test_evaluator=[],
        val_dataloader=loader,
        val_cfg=dict(),
        val_evaluator=[],
        custom_hooks=[
            dict(
                type='PoseTransferVisualizationHook',
                **hook,
            )
        ],
        visualizer=dict(
            type='PoseTransferVisualizer',
            name=f'{tmp_path.name}',
            vis_backends=[dict(type='LocalVisBackend')],
        ),
        experiment_name=tmp_path.name,
        default_scope='mmposetransfer',
        log_level='ERROR',
    )


def _picture(path):
    return cv2.imread(str(path))[..., ::-1]


def test_test_run_writes_strips_grid_and_images(tmp_path):
    shown, images = tmp_path / 'shown', tmp_path / 'images'
    _runner(
        tmp_path, show_dir=shown, interval=2, num_grid=3, image_dir=images
    ).test()
    names = sorted(path.name for path in shown.iterdir())
    assert names == ['a-0_b0.png', 'a-2_b2.png', 'a-4_b4.png', 'grid.png']
    strip = make_strip(drawn_sample(index=2))
    assert (_picture(shown / 'a-2_b2.png') == strip).all()
    grid = make_grid([drawn_sample(index=i) for i in range(3)])
    assert (_picture(shown / 'grid.png') == grid).all()
    assert len(list(images.iterdir())) == 5
    result = _picture(images / 'a-1_b1.png')
    assert result.shape == (64, 48, 3) and (result == 159).all()


class Pairs(Indices):
    """Of which three have names that are alike on disk."""

    ids = [('a b', 'c'), ('a-b', 'c'), ('a', 'b_c'), ('a_b', 'c'), ('x', 'y')]

    def pair_ids(self):
        return self.ids


def test_no_result_is_written_over_another_one(tmp_path):
    images = tmp_path / 'images'
    runner = _runner(tmp_path, image_dir=images, num_grid=0)
    runner.test_dataloader.dataset.__class__ = Pairs

    def test_step(data):
        samples = [drawn_sample(index=int(i)) for i in data]
        for i, sample in zip(data, samples, strict=True):
            ref_id, tgt_id = Pairs.ids[int(i)]
            sample.set_metainfo(dict(ref_id=ref_id, tgt_id=tgt_id))
        return samples

    runner.model.test_step = test_step
    runner.test()
    assert sorted(path.name for path in images.iterdir()) == [
        'a-b_c-2.png',
        'a-b_c.png',
        'a_b_c-2.png',
        'a_b_c.png',
        'x_y.png',
    ]


def test_validation_hands_a_grid_to_the_visualizer(tmp_path):
    _runner(tmp_path, num_grid=2, panels=('reference', 'result')).val()
    files = list((tmp_path / 'work').rglob('val_grid_0.png'))
    assert len(files) == 1
    expected = make_grid(2 * [drawn_sample()], ('reference', 'result'))
    assert (_picture(files[0]) == expected).all()


def test_pair_name_is_safe_and_unique():
    assert pair_name(drawn_sample(index=7), 0) == 'a-7_b7'
    sample = drawn_sample()
    sample.set_metainfo(dict(ref_id='../x:y z', tgt_id='größe.jpg'))
    assert pair_name(sample, 0) == '..-x-y-z_größe.jpg'
    assert pair_name({}, 12) == '000012'


def test_wrong_interval():
    with pytest.raises(ValueError, match='interval must be at least 1'):
        PoseTransferVisualizationHook(interval=0)
