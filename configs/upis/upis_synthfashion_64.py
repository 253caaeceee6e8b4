# UPIS on SynthFashion at 64x64: small networks, minutes on two cores.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/synthfashion_64.py',
    '../_base_/models/upis.py',
    '../_base_/schedules/upis.py',
]

# Of a pair the reference's picture and the target's pose: the target's
# picture never leaves the loader.
train_pipeline = [
    dict(
        type='PackPoseTransferInputs',
        keys=('ref_img', 'ref_keypoints', 'tgt_keypoints'),
    )
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))

val_cfg = None  # no validation
# There is no flow to be measured.
test_evaluator = dict(metrics=[dict(type='ImageQuality', protocol='dsc')])

model = dict(
    data_preprocessor=dict(pose_encoder=dict(sigma=2)),  # pixels; 6 at 256
    generator=dict(base_channels=24, max_channels=72, num_blocks=5),
    discriminator=dict(base_channels=16, num_conv=2),
    pose_detector=dict(base_channels=12, max_channels=48, num_blocks=1),
    # Random features tell most in VGG19's first layer.
    loss_content=dict(
        layer_weights=dict(_delete_=True, relu1_1=1.0), pretrained='random'
    ),
    loss_cycle=dict(loss_weight=5.0),
    loss_style=dict(
        layers=('relu1_1',),
        radius=4.0,
        pretrained='random',
        loss_weight=20.0,
    ),
    # By 0.2 its gradient is five times that of the cycle.
    loss_gan=dict(loss_weight=0.02),
)

# Few steps: larger learning rates.
optim_wrapper = dict(
    generator=dict(optimizer=dict(lr=1e-3)),
    discriminator=dict(optimizer=dict(lr=2e-4)),
    pose_detector=dict(optimizer=dict(lr=2e-3)),
)


def cosine(epochs):
    """From the learning rate to zero within a stage."""
    return [
        dict(
            type='CosineAnnealingLR', T_max=epochs, convert_to_iter_based=True
        )
    ]


stages = _base_.stages
# From no rate at all: a detector that begins with a leap finds joints
# everywhere, and takes long to forget it.
stages[0].update(
    epochs=4,
    param_scheduler=[
        dict(type='LinearLR', start_factor=0.02, end=50, by_epoch=False)
    ],
)
stages[1].update(
    epochs=9,
    freeze_norm=6,
    param_scheduler=dict(generator=cosine(9), pose_detector=cosine(9)),
)  # the discriminator's stays
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]

default_hooks = dict(logger=dict(interval=20))
