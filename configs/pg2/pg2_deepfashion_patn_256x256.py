# PG2 on DeepFashion at 256x256, PATN's 101,966 / 8,570 pairs.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/deepfashion_patn.py',
    '../_base_/models/pg2.py',
    '../_base_/schedules/pg2.py',
]

train_pipeline = [
    _base_.train_pipeline[0],
    dict(type='RandomFlipPair'),
    _base_.train_pipeline[-1],
]
train_dataloader = dict(batch_size=1, dataset=dict(pipeline=train_pipeline))

auto_scale_lr = dict(base_batch_size=1)
