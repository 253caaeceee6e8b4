# PG2 on SynthFashion at 64x64, in minutes and on a CPU. Narrower and shallower
# networks, fewer pairs, shorter stages and, because there are few steps, larger
# learning rates.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/synthfashion_64.py',
    '../_base_/models/pg2.py',
    '../_base_/schedules/pg2.py',
]

val_cfg = None  # no validation
# There is no flow to be measured.
test_evaluator = dict(metrics=[dict(type='ImageQuality', protocol='dsc')])

train_pipeline = [dict(type='RandomFlipPair'), _base_.train_pipeline[-1]]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))

model = dict(
    data_preprocessor=dict(
        pose_encoder=dict(radius=2),
        derived=dict(tgt_mask=dict(radius=2, closing=3)),
    ),
    generator_coarse=dict(base_channels=24, num_levels=4),
    generator_refine=dict(base_channels=24, num_levels=2),
    discriminator=dict(base_channels=16, num_conv=3),
)

optim_wrapper = dict(
    generator_coarse=dict(optimizer=dict(lr=1e-3)),
    generator_refine=dict(optimizer=dict(lr=1e-3)),
    discriminator=dict(optimizer=dict(lr=1e-4)),
)


def to_zero(iters):
    """From the learning rate to zero within a stage, along a cosine."""
    return [dict(type='CosineAnnealingLR', T_max=iters, by_epoch=False)]


stages = _base_.stages
stages[0].update(iters=800, param_scheduler=to_zero(800))
stages[1].update(
    iters=600,
    param_scheduler=dict(generator_refine=to_zero(600)),
)  # the discriminator's stays
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]

default_hooks = dict(logger=dict(interval=20))
