# PATN on DeepFashion at 256x256, its own 101,966 / 8,570 pairs.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/deepfashion_patn.py',
    '../_base_/models/patn.py',
    '../_base_/schedules/patn.py',
]

train_dataloader = dict(batch_size=7)
auto_scale_lr = dict(base_batch_size=7)
