"""The evaluator in a training run: the log, and the best checkpoint."""

import json

import torch
from evaluation_samples import make_samples
from mmengine.model import BaseModel
from mmengine.runner import Runner
from torch.utils.data import Dataset

COUNT = 3


class Numbers(Dataset):
    def __len__(self):
        return COUNT

    def __getitem__(self, index):
        return index


class Fading(BaseModel):
    """A model whose pictures are best after the second epoch."""

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(()))
        self.epoch = 0

    def train_step(self, data, optim_wrapper):
        self.epoch += 1
        return dict(loss=self.weight * 0)

    def forward(self, indices, mode):
        samples = make_samples(COUNT)
        for sample in samples:
            noise = abs(self.epoch - 2)
            sample.pred_img = sample.gt_img * (1 - 0.2 * noise)
        return [samples[index] for index in indices]

    def val_step(self, data):
        return self(data, 'predict')


def test_the_log_names_the_numbers_and_the_best_checkpoint_is_kept(tmp_path):
    loader = dict(dataset=Numbers(), batch_size=COUNT)
    order = dict(sampler=dict(type='DefaultSampler', shuffle=False))
    Runner(
        Fading(),
        work_dir=str(tmp_path),
        train_dataloader=dict(loader, **order),
        val_dataloader=dict(loader, **order),
        train_cfg=dict(by_epoch=True, max_epochs=3),
        val_cfg=dict(),
        optim_wrapper=dict(optimizer=dict(type='SGD', lr=1.0)),
        val_evaluator=dict(
            type='PoseTransferEvaluator',
            metrics=[dict(type='ImageQuality'), dict(type='FlowQuality')],
        ),
        default_hooks=dict(
            checkpoint=dict(
                type='CheckpointHook', save_best='SSIM_dsc', rule='greater'
            )
        ),
        default_scope='mmposetransfer',
        log_level='ERROR',
        experiment_name='fading',
    ).train()
    assert [path.name for path in tmp_path.glob('best_*')] == [
        'best_SSIM_dsc_epoch_2.pth'
    ]
    log = next(tmp_path.glob('*/vis_data/scalars.json')).read_text()
    validations = [
        line
        for line in map(json.loads, log.splitlines())
        if 'SSIM_dsc' in line
    ]
    assert [line['L1_dsc'] == 0 for line in validations] == [0, 1, 0]
    assert all('copy_reference/SSIM_dsc' in line for line in validations)
    assert all('zero_flow/EPE' in line for line in validations)
