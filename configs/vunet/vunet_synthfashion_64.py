# VUnet on SynthFashion at 64x64, in minutes and on a CPU. Narrower and shallower
# networks, crops of half the size of the picture, fewer pairs, a shorter
# schedule and lighter losses: all of that is our choice.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/synthfashion_64.py',
    '../_base_/models/vunet.py',
    '../_base_/schedules/vunet.py',
]

val_cfg = None  # no validation
# There is no flow to be measured.
test_evaluator = dict(metrics=[dict(type='ImageQuality', protocol='dsc')])

train_pipeline = [dict(type='RandomFlipPair'), _base_.train_pipeline[-1]]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))

model = dict(
    data_preprocessor=dict(pose_encoder=dict(radius=1), pad_size_divisor=32),
    generator=dict(
        base_channels=16, max_channels=64, num_levels=5, crop_factor=2
    ),
    loss_perceptual=dict(
        layer_weights=dict(_delete_=True, relu1_1=1.0), pretrained='random'
    ),
    loss_kl=dict(begin=400, end=800),
)

stages = _base_.stages
stages[0].update(iters=1600)
stages[0].param_scheduler[0].begin = 400
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]

default_hooks = dict(logger=dict(interval=20))
