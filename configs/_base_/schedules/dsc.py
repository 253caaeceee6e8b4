# One stage, in which generator and discriminator learn at once: 90 rounds of
# 1,000 iterations, at one learning rate.
optim_wrapper = dict(
    constructor='MultiOptimWrapperConstructor',
    generator=dict(optimizer=dict(type='Adam', lr=2e-4, betas=(0.5, 0.999))),
    discriminator=dict(
        optimizer=dict(type='Adam', lr=2e-4, betas=(0.5, 0.999))
    ),
)

stages = [
    dict(
        name='whole',
        components=['generator', 'discriminator'],
        iters=90_000,
        val_interval=10_000,
    ),
]
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]

train_cfg = dict(type='ResumableTrainLoop', val_interval=1)
val_cfg = dict()
test_cfg = dict()
