# DSC on SynthFashion at 64x64, in minutes and on a CPU. Narrower and shallower
# networks and, because there are few steps, larger learning rates, and a critic
# at the end only.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/synthfashion_64.py',
    '../_base_/models/dsc.py',
    '../_base_/schedules/dsc.py',
]

val_cfg = None  # no validation
# There is no flow to be measured.
test_evaluator = dict(metrics=[dict(type='ImageQuality', protocol='dsc')])

model = dict(
    data_preprocessor=dict(
        pose_encoder=dict(sigma=1.5),  # 6 at 256
        pad_size_divisor=16,
    ),
    generator=dict(
        base_channels=16,
        max_channels=128,
        num_levels=4,
        num_warp_levels=3,
        dropout=0,
    ),
    discriminator=dict(base_channels=16, max_channels=64, num_conv=3),
    # Random features tell most in VGG19's first layer.
    loss_perceptual=dict(
        layer='relu1_1', window=3, pretrained='random', loss_weight=0.1
    ),
    # Of few steps alone: it brings the colours about.
    loss_l1=dict(type='L1Loss', loss_weight=10.0),
    loss_gan=dict(loss_weight=0.1),
)

optim_wrapper = dict(
    generator=dict(optimizer=dict(lr=1e-3)),
    discriminator=dict(optimizer=dict(lr=2e-4)),
)
stages = _base_.stages
stages[0].update(
    iters=None,
    val_interval=None,
    epochs=9,
    components=dict(generator=0, discriminator=7),
    param_scheduler=dict(
        generator=[
            dict(type='CosineAnnealingLR', T_max=9, convert_to_iter_based=True)
        ]
    ),  # the discriminator's stays
)
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]

default_hooks = dict(logger=dict(interval=20))
auto_scale_lr = dict(base_batch_size=8)
