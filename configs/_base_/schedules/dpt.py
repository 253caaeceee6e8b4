# The two stages of DPT's training. All of it is our choice.
optim_wrapper = dict(
    constructor='MultiOptimWrapperConstructor',
    texture=dict(optimizer=dict(type='Adam', lr=2e-4, betas=(0.5, 0.999))),
    predictive=dict(optimizer=dict(type='Adam', lr=2e-4, betas=(0.5, 0.999))),
    blending=dict(optimizer=dict(type='Adam', lr=2e-4, betas=(0.5, 0.999))),
    discriminator=dict(
        optimizer=dict(type='Adam', lr=2e-5, betas=(0.5, 0.999))
    ),
)

stages = [
    # Each stream by itself. BatchNorm keeps to its running statistics at the
    # end of a stage, as the next one and inference use them.
    dict(
        name='streams',
        components=['texture', 'predictive'],
        epochs=6,
        freeze_norm=4,
    ),
    # All that makes the picture, in one joint step.
    dict(
        name='whole',
        components=['texture', 'predictive', 'blending', 'discriminator'],
        epochs=14,
        freeze_norm=7,
    ),
]
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]

# The stages say how long it lasts.
train_cfg = dict(type='ResumableTrainLoop', val_interval=1)
val_cfg = dict()
test_cfg = dict()
