# DPT on SynthFashion at 64x64: small networks, minutes on two cores.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/synthfashion_64.py',
    '../_base_/models/dpt.py',
    '../_base_/schedules/dpt.py',
]

# Bodies are fitted once, when a pair is drawn.
cached_pipeline = [dict(type='FitIUV')]
packed = (
    'ref_img',
    'tgt_img',
    'ref_keypoints',
    'tgt_keypoints',
    'ref_iuv',
    'tgt_iuv',
)
train_pipeline = [dict(type='PackPoseTransferInputs', keys=packed)]
train_dataloader = dict(
    dataset=dict(
        cached_pipeline=cached_pipeline,
        cached_keys=(*packed, 'ref_id', 'tgt_id'),
        pipeline=train_pipeline,
    )
)
# All that metrics ask for is kept of what the method is tested on.
test_dataloader = dict(dataset=dict(cached_pipeline=cached_pipeline))

val_cfg = None  # no validation
# There is no flow to be measured.
test_evaluator = dict(metrics=[dict(type='ImageQuality', protocol='dsc')])

model = dict(
    texture=dict(base_channels=8, max_channels=32, num_levels=2),
    texture_size=16,
    predictive=dict(base_channels=16, max_channels=64, num_blocks=1),
    blending=dict(base_channels=16, max_channels=32),
    discriminator=dict(base_channels=16),
    loss_l1=dict(loss_weight=5.0),
    # Random features tell most in VGG19's first layer.
    loss_perceptual=dict(
        layer_weights=dict(_delete_=True, relu1_1=1.0), pretrained='random'
    ),
    loss_style=dict(
        layers=('relu1_1',), pretrained='random', loss_weight=20.0
    ),
    loss_gan=dict(loss_weight=0.01),
)

# Few steps: larger learning rates, and the discriminator at the end only.
optim_wrapper = dict(
    texture=dict(optimizer=dict(lr=1e-3)),
    predictive=dict(optimizer=dict(lr=1e-3)),
    blending=dict(optimizer=dict(lr=1e-3)),
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
stages[0].update(epochs=4, freeze_norm=3)
stages[1].update(
    epochs=6,
    freeze_norm=4,
    components=dict(texture=0, predictive=0, blending=0, discriminator=4),
    param_scheduler=dict(
        texture=cosine(6), predictive=cosine(6), blending=cosine(6)
    ),  # the discriminator's stays
)
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]

default_hooks = dict(logger=dict(interval=20))
