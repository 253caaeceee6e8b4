# The two stages of GFLA's training. How long they last is our choice; so are
# the betas.
optim_wrapper = dict(
    constructor='MultiOptimWrapperConstructor',
    flow_net=dict(optimizer=dict(type='Adam', lr=1e-4, betas=(0.5, 0.999))),
    generator=dict(optimizer=dict(type='Adam', lr=1e-4, betas=(0.5, 0.999))),
    # A tenth of the generator's learning rate.
    discriminator=dict(
        optimizer=dict(type='Adam', lr=1e-5, betas=(0.5, 0.999))
    ),
)

stages = [
    # Without true flow: by sampling correctness and affine regularisation.
    dict(name='flow', components=['flow_net'], epochs=10),
    # Flow network and generator make one joint step.
    dict(
        name='joint',
        components=['flow_net', 'generator', 'discriminator'],
        epochs=30,
    ),
]
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]

# The stages say how long it lasts.
train_cfg = dict(type='ResumableTrainLoop', val_interval=1)
val_cfg = dict()
test_cfg = dict()
