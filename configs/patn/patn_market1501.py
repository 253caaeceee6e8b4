# PATN on Market-1501 at 128x64, its own 263,632 / 12,000 pairs.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/market1501.py',
    '../_base_/models/patn.py',
    '../_base_/schedules/patn.py',
]

# Pairs as they are: PATN moves no targets.
train_dataloader = dict(
    batch_size=32, dataset=dict(pipeline=_base_.test_pipeline)
)

model = dict(
    generator=dict(norm='batch'),
    discriminator_appearance=dict(norm='batch'),
    discriminator_shape=dict(norm='batch'),
    loss_l1=dict(loss_weight=10.0),
    loss_perceptual=dict(loss_weight=10.0),
)

# 700 rounds of 4,000 pairs, in batches of 32. In the last stretch BatchNorm
# normalises by its running statistics, as it will when the model is used; the
# implementation stays with those of the batch while it trains.
stages = _base_.stages
stages[0].iters = 87_500
stages[0].param_scheduler[0].begin = 62_500
stages[0].freeze_norm = 80_000
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]
auto_scale_lr = dict(base_batch_size=32)
