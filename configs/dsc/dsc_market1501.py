# DSC on Market-1501 at 128x64.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/market1501.py',
    '../_base_/models/dsc.py',
    '../_base_/schedules/dsc.py',
]

# Pairs as they are: DSC moves no targets.
train_dataloader = dict(
    batch_size=4, dataset=dict(pipeline=_base_.test_pipeline)
)

model = dict(
    data_preprocessor=dict(pad_size_divisor=32),
    generator=dict(num_levels=5),
    loss_perceptual=dict(window=3),
)

auto_scale_lr = dict(base_batch_size=4)
