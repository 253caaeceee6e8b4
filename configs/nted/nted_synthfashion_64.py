# NTED on SynthFashion at 64x64: small networks, minutes on two cores.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/synthfashion_64.py',
    '../_base_/models/nted.py',
    '../_base_/schedules/nted.py',
]

val_cfg = None  # no validation
# There is no flow to be measured.
test_evaluator = dict(metrics=[dict(type='ImageQuality', protocol='dsc')])

train_pipeline = [dict(type='RandomFlipPair'), _base_.train_pipeline[-1]]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))

# All of this is ours, for few steps of training. Random features tell most in
# VGG19's first layer.
features = dict(_delete_=True, relu1_1=1.0)
model = dict(
    data_preprocessor=dict(
        pose_encoder=dict(sigma=1.5),  # 6 at 256
        pad_size_divisor=16,
    ),
    generator=dict(
        base_channels=24,
        max_channels=96,
        num_levels=2,  # to 16x16, as from 256
        num_textures=(32, 16),
        match_kernels=(3, 3),
        # Without, attention is flat and the pose unseen for a thousand steps.
        feature_length=8.0,
        pose_scale=16.0,
    ),
    discriminator=dict(base_channels=16, max_channels=64, num_levels=4),
    # Gram matrices of random features differ ten times as much as features,
    # and would be all that is learnt: weights by which they say less.
    loss_perceptual=dict(
        layer_weights=features, pretrained='random', loss_weight=6.0
    ),
    loss_style=dict(
        layers=('relu1_1',), pretrained='random', loss_weight=50.0
    ),
    loss_face=dict(
        loss=dict(layer_weights=features, pretrained='random'), size=16
    ),
    loss_gan=dict(loss_weight=0.1),
)

# Weights are drawn from N(0, 1): by 2e-3 a step they change little.
optim_wrapper = dict(generator=dict(optimizer=dict(lr=1e-2)))

stages = _base_.stages
stages[0].update(
    components=dict(generator=0, discriminator=1500),
    iters=2000,
    val_interval=None,
    param_scheduler=dict(
        generator=[dict(type='CosineAnnealingLR', T_max=2000, by_epoch=False)]
    ),
)  # the discriminator's stays
custom_hooks = [
    dict(type='StagedTrainingHook', stages=stages),
    dict(_base_.ema, momentum=0.01),
]

default_hooks = dict(logger=dict(interval=20))
