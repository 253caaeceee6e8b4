# NTED on SynthFashion at 256x256.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/synthfashion.py',
    '../_base_/models/nted.py',
    '../_base_/schedules/nted.py',
]

# Random features are meant here: nothing is to be downloaded.
model = dict(
    loss_perceptual=dict(pretrained='random'),
    loss_style=dict(pretrained='random'),
    loss_face=dict(loss=dict(pretrained='random')),
)

# There is no flow to be measured.
val_evaluator = dict(metrics=[dict(type='ImageQuality', protocol='dsc')])
test_evaluator = val_evaluator
