# DSC on DeepFashion at 256x256, its own 89,262 / 12,000 pairs.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/deepfashion.py',
    '../_base_/models/dsc.py',
    '../_base_/schedules/dsc.py',
]

train_dataloader = dict(batch_size=2)
auto_scale_lr = dict(base_batch_size=2)
