# Flow from fitted bodies, completed by a generator that works at a quarter of
# the resolution: what a CPU can train, and what is shipped.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/synthfashion_photos.py',
]

model = dict(
    type='CompletionDIPT',
    data_preprocessor=dict(
        type='PoseTransferDataPreprocessor',
        pose_encoder=dict(type='GaussianPoses', sigma=4),
        pad_size_divisor=16,
    ),
    flow_regressor=dict(type='FittedFlow'),
    generator=dict(type='CompletionGenerator'),
    discriminator=dict(type='FeatureDiscriminator', window=128),
    loss_l1=dict(type='L1Loss', loss_weight=2.0),
    loss_perceptual=dict(type='LiteFeaturesLoss', loss_weight=0.2),
    loss_gan=dict(type='GANLoss', loss_weight=0.05),
    loss_face=dict(
        type='FaceLoss', loss=dict(type='LiteFeaturesLoss', loss_weight=0.05)
    ),
    made_weight=2.0,
    prior_weight=1.0,
    person_weight=0.6,
)

optim_wrapper = dict(
    constructor='MultiOptimWrapperConstructor',
    generator=dict(
        optimizer=dict(
            type='AdamW', lr=4e-4, betas=(0.9, 0.99), weight_decay=1e-4
        ),
        clip_grad=dict(max_norm=1.0),
    ),
    discriminator=dict(
        optimizer=dict(
            type='AdamW', lr=4e-4, betas=(0.0, 0.99), weight_decay=1e-4
        ),
    ),
)
# From the weights of completion_synthfashion_128: `load_from`.
stages = [
    dict(
        name='generator',
        components=['generator'],
        iters=1500,
        param_scheduler=[
            dict(type='LinearLR', start_factor=0.05, end=100, by_epoch=False),
        ],
    ),
    dict(
        name='adversarial',
        components=['generator', 'discriminator'],
        iters=2370,
        param_scheduler=[
            dict(type='CosineAnnealingLR', T_max=2370, by_epoch=False),
        ],
    ),
]
custom_hooks = [
    dict(type='StagedTrainingHook', stages=stages),
    dict(type='EMAHook', momentum=0.002, priority='NORMAL'),
]
train_cfg = dict(type='ResumableTrainLoop', val_interval=1)
val_cfg = dict()
test_cfg = dict()
