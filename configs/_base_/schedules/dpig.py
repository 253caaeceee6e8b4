# DPIG's two stages of training, of which each falls into two: pictures and
# poses are made again, then noise is mapped to codes of pictures and of poses.
# The learning rate of all halves every 50,000 iterations; a mapper's count five
# of its critic's, which ours are.


def adam():
    """Of what makes pictures and poses again."""
    return dict(optimizer=dict(type='Adam', lr=2e-5, betas=(0.5, 0.999)))


def rmsprop():
    """Of mappers and critics; TensorFlow's alpha and, nearly, its eps."""
    return dict(optimizer=dict(type='RMSprop', lr=2e-5, alpha=0.9, eps=1e-10))


optim_wrapper = dict(
    constructor='MultiOptimWrapperConstructor',
    generator=adam(),
    discriminator=adam(),
    pose_autoencoder=adam(),
    appearance_mapper=rmsprop(),
    appearance_critic=rmsprop(),
    background_mapper=rmsprop(),
    background_critic=rmsprop(),
    pose_mapper=rmsprop(),
    pose_critic=rmsprop(),
)


def halve(every):
    """Half of the learning rate every so many iterations."""
    return [dict(type='StepLR', step_size=every, gamma=0.5, by_epoch=False)]


# Both pictures of a pair are learnt from: twice as many images in a batch.
stages = [
    dict(
        name='pictures',
        components=['generator', 'discriminator'],
        iters=120000,
        val_interval=20000,
        param_scheduler=halve(50000),
    ),
    dict(
        name='poses',
        components=['pose_autoencoder'],
        iters=120000,
        val_interval=120000,
        param_scheduler=halve(50000),
        train_dataloader=dict(batch_size=8),
    ),
    dict(
        name='sampling pictures',
        components=['appearance_mapper', 'appearance_critic'],
        iters=5 * 120000,
        val_interval=5 * 120000,
        param_scheduler=halve(5 * 50000),
        train_dataloader=dict(batch_size=8),
    ),
    dict(
        name='sampling poses',
        components=['pose_mapper', 'pose_critic'],
        iters=5 * 60000,
        val_interval=5 * 60000,
        param_scheduler=halve(5 * 50000),
        train_dataloader=dict(batch_size=16),
    ),
]
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]

train_cfg = dict(type='ResumableTrainLoop', val_interval=1)
val_cfg = dict()
test_cfg = dict()
