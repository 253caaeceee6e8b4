# PATN on SynthFashion at 64x64, in minutes and on a CPU.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/synthfashion_64.py',
    '../_base_/models/patn.py',
    '../_base_/schedules/patn.py',
]

val_cfg = None  # no validation
# There is no flow to be measured.
test_evaluator = dict(metrics=[dict(type='ImageQuality', protocol='dsc')])

model = dict(
    data_preprocessor=dict(pose_encoder=dict(sigma=1.5)),  # 6 at 256
    # BatchNorm, as on Market-1501: InstanceNorm takes the mean colours away,
    # and bringing them back takes far more steps than these.
    generator=dict(base_channels=16, num_blocks=5, norm='batch', dropout=0),
    discriminator_appearance=dict(base_channels=8, num_blocks=1, dropout=0),
    discriminator_shape=dict(base_channels=8, num_blocks=1, dropout=0),
    loss_l1=dict(loss_weight=10.0),
    loss_perceptual=dict(
        layer_weights=dict(_delete_=True, relu1_1=1.0), pretrained='random'
    ),
    loss_gan=dict(loss_weight=0.1),
)

# Few steps: a larger learning rate, and discriminators at the end only.
optim_wrapper = dict(
    generator=dict(optimizer=dict(lr=1e-3)),
    discriminator_appearance=dict(optimizer=dict(lr=2e-4)),
    discriminator_shape=dict(optimizer=dict(lr=2e-4)),
)
stages = _base_.stages
stages[0].update(
    iters=None,
    epochs=9,
    freeze_norm=7,
    components=dict(
        generator=0, discriminator_appearance=7, discriminator_shape=7
    ),
    param_scheduler=dict(
        generator=[
            dict(type='CosineAnnealingLR', T_max=9, convert_to_iter_based=True)
        ]
    ),  # the discriminators' stay
)
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]

default_hooks = dict(logger=dict(interval=20))
auto_scale_lr = dict(base_batch_size=8)
