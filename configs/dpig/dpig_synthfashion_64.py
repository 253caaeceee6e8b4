# DPIG on SynthFashion at 64x64, in minutes and on a CPU. Narrower and shallower
# networks, fewer pairs, shorter stages and, because there are few steps, larger
# learning rates: all of that is our choice.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/synthfashion_64.py',
    '../_base_/models/dpig.py',
    '../_base_/schedules/dpig.py',
]

val_cfg = None  # no validation
# There is no flow to be measured.
test_evaluator = dict(metrics=[dict(type='ImageQuality', protocol='dsc')])

train_pipeline = [dict(type='RandomFlipPair'), _base_.train_pipeline[-1]]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))

# Backgrounds are walls and rooms: they have a code.
model = dict(
    data_preprocessor=dict(
        # Beside 144 channels of codes at every place, smaller discs are not
        # heard within so few steps.
        pose_encoder=dict(radius=4),
        derived=dict(
            ref_mask=dict(type='LimbMask', radius=3, closing=3),
            tgt_mask=dict(type='LimbMask', radius=3, closing=3),
        ),
    ),
    generator=dict(
        bottleneck_size=(8, 8),
        base_channels=16,
        num_levels=4,
        region_size=16,
        region_levels=4,
        region_channels=16,
        background_channels=32,
    ),
    discriminator=dict(base_channels=16, num_conv=3),
    pose_autoencoder=dict(hidden_channels=128),
    appearance_mapper=dict(channels=7 * 16, hidden_channels=128),
    # Narrow critics have to be steeper to say anything.
    appearance_critic=dict(channels=7 * 16, hidden_channels=128, clip=0.03),
    background_mapper=dict(
        type='CodeMapper', channels=32, hidden_channels=128
    ),
    background_critic=dict(
        type='CodeCritic', channels=32, hidden_channels=128, clip=0.03
    ),
    pose_mapper=dict(hidden_channels=128),
    pose_critic=dict(hidden_channels=128, clip=0.03),
    # By 1.0 its gradient is nine times that of the colours.
    loss_gan=dict(loss_weight=0.05),
)


def at(lr):
    """Change a learning rate."""
    return dict(optimizer=dict(lr=lr))


optim_wrapper = dict(
    generator=at(1e-3),
    discriminator=at(1e-4),
    pose_autoencoder=at(1e-3),
    appearance_mapper=at(5e-4),
    appearance_critic=at(5e-4),
    background_mapper=at(5e-4),
    background_critic=at(5e-4),
    pose_mapper=at(5e-4),
    pose_critic=at(5e-4),
)


def to_zero(iters):
    """From the learning rate to zero within a stage, along a cosine."""
    return [dict(type='CosineAnnealingLR', T_max=iters, by_epoch=False)]


stages = _base_.stages
stages[0].update(
    components=dict(generator=0, discriminator=900),
    iters=1200,
    val_interval=None,
    param_scheduler=dict(generator=to_zero(1200)),
)  # the discriminator's stays
stages[1].update(
    iters=1000,
    val_interval=None,
    train_dataloader=dict(batch_size=16),
    param_scheduler=to_zero(1000),
)
stages[2].update(
    iters=1000,
    val_interval=None,
    train_dataloader=dict(batch_size=16),
    param_scheduler=[],
)
stages[2].components += ['background_mapper', 'background_critic']
stages[3].update(
    iters=2000,
    val_interval=None,
    train_dataloader=dict(batch_size=16),
    param_scheduler=[],
)
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]

default_hooks = dict(logger=dict(interval=20))
