# DPIG on DeepFashion at 256x256, the pictures of PATN's pairs.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/deepfashion_patn.py',
    '../_base_/models/dpig.py',
    '../_base_/schedules/dpig.py',
]

train_pipeline = [
    _base_.train_pipeline[0],
    dict(type='RandomFlipPair'),
    _base_.train_pipeline[-1],
]
train_dataloader = dict(batch_size=3, dataset=dict(pipeline=train_pipeline))

auto_scale_lr = dict(base_batch_size=3)
