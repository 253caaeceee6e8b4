# The two stages of PG2's training: 22,000 of 80,000 iterations are those of
# the coarse generator. The optimizers are per component.
optim_wrapper = dict(
    constructor='MultiOptimWrapperConstructor',
    generator_coarse=dict(
        optimizer=dict(type='Adam', lr=2e-5, betas=(0.5, 0.999))
    ),
    generator_refine=dict(
        optimizer=dict(type='Adam', lr=2e-5, betas=(0.5, 0.999))
    ),
    discriminator=dict(
        optimizer=dict(type='Adam', lr=2e-5, betas=(0.5, 0.999))
    ),
)

stages = [
    dict(
        name='coarse',
        components=['generator_coarse'],
        iters=22000,
        val_interval=10000,
    ),
    dict(
        name='refine',
        components=['generator_refine', 'discriminator'],
        iters=58000,
        val_interval=10000,
    ),
]
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]

train_cfg = dict(type='ResumableTrainLoop', val_interval=1)
val_cfg = dict()
test_cfg = dict()
