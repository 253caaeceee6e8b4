# GFLA on SynthFashion at 64x64: small networks, minutes on two cores.
# Narrower networks, fewer pairs, shorter stages, VGG19's first features only
# and, because there are few steps, larger learning rates.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/synthfashion_64.py',
    '../_base_/models/gfla.py',
    '../_base_/schedules/gfla.py',
]

val_cfg = None  # no validation

# Flows at 32x32 and 16x16: at the published 1/4 and 1/8 of this size a person
# is a few pixels wide. Random features tell most in VGG19's first layer; it is
# averaged down to the sizes of the flows.
model = dict(
    data_preprocessor=dict(pose_encoder=dict(sigma=1.5)),  # 6 at 256
    flow_net=dict(
        base_channels=16, max_channels=64, num_levels=4, flow_levels=(1, 2)
    ),
    generator=dict(
        base_channels=24,
        max_channels=96,
        warp_levels=(1, 2),
        hidden_channels=32,
    ),
    discriminator=dict(base_channels=16, max_channels=64, num_levels=3),
    loss_correctness=dict(layers=('relu1_1', 'relu1_1'), pretrained='random'),
    loss_perceptual=dict(
        layer_weights=dict(_delete_=True, relu1_1=1.0), pretrained='random'
    ),
    loss_style=dict(layers=('relu1_1',), pretrained='random'),
)

optim_wrapper = dict(
    flow_net=dict(optimizer=dict(lr=1e-3)),
    generator=dict(optimizer=dict(lr=1e-3)),
    discriminator=dict(optimizer=dict(lr=1e-4)),
)


def cosine(epochs):
    """From the learning rate to zero within a stage."""
    return [
        dict(
            type='CosineAnnealingLR', T_max=epochs, convert_to_iter_based=True
        )
    ]


stages = _base_.stages
stages[0].update(epochs=3)
stages[1].update(
    epochs=8,
    param_scheduler=dict(flow_net=cosine(8), generator=cosine(8)),
)  # the discriminator's stays
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]

default_hooks = dict(logger=dict(interval=20))
