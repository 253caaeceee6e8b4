# PG2 on Market-1501 at 128x64.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/market1501.py',
    '../_base_/models/pg2.py',
    '../_base_/schedules/pg2.py',
]

# Mirrored, and neither moved nor scaled.
train_pipeline = [
    _base_.train_pipeline[0],
    dict(type='RandomFlipPair'),
    _base_.train_pipeline[-1],
]
train_dataloader = dict(batch_size=16, dataset=dict(pipeline=train_pipeline))

model = dict(
    generator_coarse=dict(bottleneck_size=(8, 4), num_levels=5),
    generator_refine=dict(num_levels=3),
    discriminator=dict(final_size=(8, 4), num_conv=4),
    loss_refine=dict(loss_weight=10.0),
)

stages = _base_.stages
stages[1].iters = 38000  # 60,000 in all
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]

auto_scale_lr = dict(base_batch_size=16)
