# The quick start: the whole method at 64x64, in minutes and on a CPU.
# Narrower and shallower networks, fewer pairs, shorter stages and, because
# there are few steps, larger learning rates.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/synthfashion_64.py',
    '../_base_/models/dipt.py',
    '../_base_/schedules/dipt_stages.py',
]

val_cfg = None  # no validation

model = dict(
    data_preprocessor=dict(pose_encoder=dict(radius=3)),  # 8 at 256
    flow_regressor=dict(
        backbone=dict(
            base_channels=16,
            max_channels=128,
            num_levels=4,
            stem_kernel_size=3,
        )
    ),
    generator=dict(
        base_channels=16,
        max_channels=64,
        num_levels=5,
        num_warp_levels=3,
        num_blocks=1,
    ),
    pixel_warping=dict(
        base_channels=8, max_channels=32, num_levels=5, num_blocks=1
    ),
    discriminator=dict(base_channels=16),
    loss_perceptual=dict(
        layer_weights=dict(_delete_=True, relu1_1=0.25), pretrained='random'
    ),
)

optim_wrapper = dict(
    flow_regressor=dict(optimizer=dict(lr=2e-3, weight_decay=0)),
    generator=dict(optimizer=dict(lr=2.5e-3)),
    pixel_warping=dict(optimizer=dict(lr=2.5e-3)),
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
stages[0].train_dataloader = dict(dataset=_base_.flow_dataset)
stages[0].update(epochs=14, param_scheduler=cosine(14))
stages[1].update(
    epochs=5,
    components=dict(generator=0, discriminator=4),
    freeze_norm=2,
    param_scheduler=dict(generator=cosine(5)),
)  # the discriminator's stays
stages[2].update(epochs=2, freeze_norm=1, param_scheduler=cosine(2))
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]

default_hooks = dict(logger=dict(interval=20))
