# GFLA on SynthFashion at 256x256: two stages in one run.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/synthfashion.py',
    '../_base_/models/gfla.py',
    '../_base_/schedules/gfla.py',
]

# Random features are meant here: nothing is to be downloaded.
model = dict(
    loss_correctness=dict(pretrained='random'),
    loss_perceptual=dict(pretrained='random'),
    loss_style=dict(pretrained='random'),
)
