# The two stages of HAT: the surface, then the picture. Lengths and learning
# rates are our choice, those of DIPT's generator. In the last epochs BatchNorm
# normalises by its running statistics, as it will when the model is used.
optim_wrapper = dict(
    constructor='MultiOptimWrapperConstructor',
    surface_net=dict(optimizer=dict(type='Adam', lr=2e-4, betas=(0.5, 0.999))),
    generator=dict(optimizer=dict(type='Adam', lr=2e-4, betas=(0.5, 0.999))),
    discriminator=dict(
        optimizer=dict(
            type='Adam', lr=2e-5, betas=(0.5, 0.999), weight_decay=4e-4
        )
    ),
)

stages = [
    dict(
        name='surface',
        components=['surface_net'],
        epochs=5,
        freeze_norm=4,
    ),
    # No adversarial terms in the first five epochs.
    dict(
        name='picture',
        components=dict(generator=0, discriminator=5),
        epochs=10,
        freeze_norm=8,
    ),
]
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]

train_cfg = dict(type='ResumableTrainLoop', val_interval=1)
val_cfg = dict()
test_cfg = dict()
