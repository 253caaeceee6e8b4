# The two stages of UPIS's training. All of it is our choice.
optim_wrapper = dict(
    constructor='MultiOptimWrapperConstructor',
    generator=dict(optimizer=dict(type='Adam', lr=2e-4, betas=(0.5, 0.999))),
    discriminator=dict(
        optimizer=dict(type='Adam', lr=1e-4, betas=(0.5, 0.999))
    ),
    pose_detector=dict(
        optimizer=dict(type='Adam', lr=1e-3, betas=(0.9, 0.999))
    ),
)

stages = [
    # A detector that finds nothing yet would tell the generator nothing.
    dict(name='detector', components=['pose_detector'], epochs=2),
    # It goes on learning, on real pictures alone. BatchNorm of the generator
    # ends with its running statistics, which inference uses.
    dict(
        name='whole',
        components=['generator', 'discriminator', 'pose_detector'],
        epochs=18,
        freeze_norm=9,
    ),
]
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]

# The stages say how long it lasts.
train_cfg = dict(type='ResumableTrainLoop', val_interval=1)
val_cfg = dict()
test_cfg = dict()
