# VUnet on DeepFashion at 256x256, the pictures of PATN's pairs.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/deepfashion_patn.py',
    '../_base_/models/vunet.py',
    '../_base_/schedules/vunet.py',
]

train_pipeline = [
    _base_.train_pipeline[0],
    dict(type='RandomFlipPair'),
    _base_.train_pipeline[-1],
]
# Both pictures of a pair are learnt from, each by itself: 8 images.
train_dataloader = dict(batch_size=4, dataset=dict(pipeline=train_pipeline))

auto_scale_lr = dict(base_batch_size=4)
