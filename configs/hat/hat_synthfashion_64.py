# HAT on SynthFashion at 64x64, in minutes and on a CPU. Narrower and shallower
# networks, fewer pairs, shorter stages and, because there are few steps, larger
# learning rates.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/synthfashion_64.py',
    '../_base_/models/hat.py',
    '../_base_/schedules/hat.py',
]

val_cfg = None  # no validation

model = dict(
    data_preprocessor=dict(
        pose_encoder=dict(radius=3),  # 8 at 256
        derived=dict(ref_mask=dict(radius=4, closing=11)),
        pad_size_divisor=16,
    ),
    # All of the training's poses: fitted once, then remembered.
    flow_regressor=dict(cache=4096),
    surface_net=dict(
        base_channels=16, max_channels=64, num_levels=4, num_blocks=1
    ),
    generator=dict(
        base_channels=16, max_channels=64, num_levels=4, num_blocks=1
    ),
    discriminator=dict(base_channels=16),
    loss_perceptual=dict(
        layer_weights=dict(relu1_1=0.25), pretrained='random'
    ),
)

# The person's outline is known here.
train_pipeline = [
    dict(
        type='PackPoseTransferInputs',
        keys=(*_base_.fit_keys[:4], 'ref_person'),
    )
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))

optim_wrapper = dict(
    surface_net=dict(optimizer=dict(lr=2.5e-3)),
    generator=dict(optimizer=dict(lr=2.5e-3)),
    discriminator=dict(optimizer=dict(lr=2.5e-4)),
)


def cosine(epochs):
    """From the learning rate to zero within a stage."""
    return [
        dict(
            type='CosineAnnealingLR', T_max=epochs, convert_to_iter_based=True
        )
    ]


stages = _base_.stages
stages[0].update(epochs=3, freeze_norm=2, param_scheduler=cosine(3))
stages[1].update(
    epochs=6,
    components=dict(generator=0, discriminator=5),
    freeze_norm=4,
    param_scheduler=dict(generator=cosine(6)),
)  # the discriminator's stays
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]

default_hooks = dict(logger=dict(interval=20))
