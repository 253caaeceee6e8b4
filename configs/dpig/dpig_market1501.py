# DPIG on Market-1501 at 128x64: the background has a code of its own.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/market1501.py',
    '../_base_/models/dpig.py',
    '../_base_/schedules/dpig.py',
]

# Mirrored, and neither moved nor scaled.
train_pipeline = [
    _base_.train_pipeline[0],
    dict(type='RandomFlipPair'),
    _base_.train_pipeline[-1],
]
train_dataloader = dict(batch_size=8, dataset=dict(pipeline=train_pipeline))

model = dict(
    data_preprocessor=dict(
        derived=dict(
            ref_mask=dict(type='LimbMask', radius=6, closing=5),
            tgt_mask=dict(type='LimbMask', radius=6, closing=5),
        )
    ),
    generator=dict(
        bottleneck_size=(8, 4),
        region_size=48,
        region_levels=5,
        background_channels=128,
    ),
    discriminator=dict(final_size=(8, 4), num_conv=4),
    background_mapper=dict(
        type='CodeMapper',
        channels=128,
        hidden_channels=512,
        num_blocks=4,
        noise_std=0.2,
    ),
    background_critic=dict(
        type='CodeCritic',
        channels=128,
        hidden_channels=512,
        num_layers=3,
        clip=0.01,
    ),
)

stages = _base_.stages
stages[1].update(
    iters=60000, val_interval=60000, train_dataloader=dict(batch_size=32)
)
stages[2].train_dataloader.batch_size = 16
stages[2].components += ['background_mapper', 'background_critic']
stages[3].train_dataloader.batch_size = 32
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]

auto_scale_lr = dict(base_batch_size=8)
