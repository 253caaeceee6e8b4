# One stage, in which generator and discriminators learn at once. Lengths are
# the implementation's, 700 rounds of 4,000 pairs, in batches of 7; learning
# rates fall to zero in the last 200. The paper, for both data sets: about
# 90,000 iterations, falling from 60,000 on.
optim_wrapper = dict(
    constructor='MultiOptimWrapperConstructor',
    generator=dict(optimizer=dict(type='Adam', lr=2e-4, betas=(0.5, 0.999))),
    discriminator_appearance=dict(
        optimizer=dict(type='Adam', lr=2e-4, betas=(0.5, 0.999))
    ),
    discriminator_shape=dict(
        optimizer=dict(type='Adam', lr=2e-4, betas=(0.5, 0.999))
    ),
)

stages = [
    dict(
        name='whole',
        components=[
            'generator',
            'discriminator_appearance',
            'discriminator_shape',
        ],
        iters=400_000,
        param_scheduler=[
            dict(
                type='LinearLR',
                start_factor=1,
                end_factor=0,
                begin=286_000,
                by_epoch=False,
            )
        ],
    ),
]
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]

train_cfg = dict(type='ResumableTrainLoop', val_interval=1)
val_cfg = dict()
test_cfg = dict()
