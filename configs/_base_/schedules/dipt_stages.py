# The three stages of DIPT's training. The optimizers are per component; a
# stage makes those of its own components anew.
optim_wrapper = dict(
    constructor='MultiOptimWrapperConstructor',
    # Paper: Adam 2e-4 with betas (0.5, 0.999) here too.
    flow_regressor=dict(
        optimizer=dict(
            type='Adam', lr=1e-4, betas=(0.9, 0.999), weight_decay=4e-4
        )
    ),
    generator=dict(optimizer=dict(type='Adam', lr=2e-4, betas=(0.5, 0.999))),
    pixel_warping=dict(
        optimizer=dict(type='Adam', lr=2e-4, betas=(0.5, 0.999))
    ),
    discriminator=dict(
        optimizer=dict(
            type='Adam', lr=2e-5, betas=(0.5, 0.999), weight_decay=4e-4
        )
    ),
)

stages = [
    dict(
        name='flow',
        components=['flow_regressor'],
        epochs=30,
        param_scheduler=[dict(type='StepLR', step_size=8, gamma=0.5)],
        # Its data are the `flow_dataset` of the data: see the full configs.
    ),
    # No adversarial terms in the first five epochs. In the last two BatchNorm
    # normalises by its running statistics, as it will when the model is used;
    # the implementation stays with those of the batch, there and here.
    dict(
        name='generator',
        components=dict(generator=0, discriminator=5),
        epochs=10,
        freeze_norm=8,
    ),
    # Shorter than the five epochs without adversarial terms. The paper has them
    # here, too: components=['pixel_warping', 'discriminator'].
    dict(
        name='pixel_warping',
        components=['pixel_warping'],
        epochs=2,
        freeze_norm=1,
    ),
]
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]

# The stages say how long it lasts.
train_cfg = dict(type='ResumableTrainLoop', val_interval=1)
val_cfg = dict()
test_cfg = dict()
