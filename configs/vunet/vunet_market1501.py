# VUnet on Market-1501 at 128x64.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/market1501.py',
    '../_base_/models/vunet.py',
    '../_base_/schedules/vunet.py',
]

# Mirrored, and neither moved nor scaled.
train_pipeline = [
    _base_.train_pipeline[0],
    dict(type='RandomFlipPair'),
    _base_.train_pipeline[-1],
]
# Both pictures of a pair are learnt from, each by itself: 16 images.
train_dataloader = dict(batch_size=8, dataset=dict(pipeline=train_pipeline))

model = dict(
    data_preprocessor=dict(pad_size_divisor=64),
    generator=dict(num_levels=6),  # crops of 32x16
)

auto_scale_lr = dict(base_batch_size=8)
