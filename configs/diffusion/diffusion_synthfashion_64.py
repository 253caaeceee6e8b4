# Diffusion on SynthFashion at 64x64: a small network, minutes on two cores.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/synthfashion_64.py',
    '../_base_/models/diffusion.py',
    '../_base_/schedules/diffusion.py',
]

val_cfg = None  # no validation
# There is no flow to be measured.
test_evaluator = dict(metrics=[dict(type='ImageQuality', protocol='dsc')])

train_pipeline = [dict(type='RandomFlipPair'), _base_.train_pipeline[-1]]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))

# All of this is ours, for few steps of training.
model = dict(
    data_preprocessor=dict(
        pose_encoder=dict(sigma=1.5),  # 6 at 256
        pad_size_divisor=8,
    ),
    denoiser=dict(
        patch_size=2,
        base_channels=48,
        max_channels=128,
        num_levels=2,
        num_blocks=1,
        attention_levels=(1, 2),
        beside_levels=(0,),  # walls need not be looked for
    ),
    # A network that has learnt little predicts smooth pictures, but noise that
    # is none, which stays in the result. The colour of a wall shows through
    # all but the strongest noise, from which alone it is learnt to take it
    # from the reference: betas up to twice PIDM's have more of that. Each step
    # of sampling adds to the blots of the wall: few are taken (README).
    process=dict(
        prediction='sample',
        beta_range=(1e-4, 0.04),
        num_steps=3,
    ),
    guidance_scale=dict(pose=1.0, ref=1.0),
)

optim_wrapper = dict(denoiser=dict(optimizer=dict(lr=1e-3)))

stages = _base_.stages
stages[0].update(
    epochs=12,
    val_interval=None,
    param_scheduler=[
        dict(type='LinearLR', start_factor=0.05, end=50, by_epoch=False),
        dict(type='CosineAnnealingLR', T_max=12, convert_to_iter_based=True),
    ],
)
custom_hooks = [
    dict(type='StagedTrainingHook', stages=stages),
    dict(_base_.ema, momentum=0.005),
]

default_hooks = dict(logger=dict(interval=20))
