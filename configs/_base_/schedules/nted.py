# One stage; the discriminator begins after 20,000 iterations. How long it
# lasts is our choice. What lazy regularisation changes of Adam (StyleGAN2): a
# step of the discriminator counts as 17 of 16.
optim_wrapper = dict(
    constructor='MultiOptimWrapperConstructor',
    generator=dict(optimizer=dict(type='Adam', lr=2e-3, betas=(0.0, 0.99))),
    discriminator=dict(
        optimizer=dict(
            type='Adam', lr=2e-3 * 16 / 17, betas=(0.0, 0.99 ** (16 / 17))
        )
    ),
)

stages = [
    dict(
        name='whole',
        components=dict(generator=0, discriminator=20_000),
        iters=500_000,
        val_interval=20_000,
    ),
]
# What is validated, tested and saved as the model's weights is the average:
# half of it is of the last 10,000 pictures, in batches of 32.
ema = dict(
    type='EMAHook', momentum=1 - 0.5 ** (32 / 10_000), priority='NORMAL'
)
custom_hooks = [dict(type='StagedTrainingHook', stages=stages), ema]

train_cfg = dict(type='ResumableTrainLoop', val_interval=1)
val_cfg = dict()
test_cfg = dict()
