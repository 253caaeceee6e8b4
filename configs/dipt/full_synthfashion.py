# The whole method on SynthFashion at 256x256: three stages in one run.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/synthfashion.py',
    '../_base_/models/dipt.py',
    '../_base_/schedules/dipt_stages.py',
]

# Random features are meant here: nothing is to be downloaded, and the figures
# of the README are with them. docs/training.md says how to use ImageNet's.
model = dict(loss_perceptual=dict(pretrained='random'))

stages = _base_.stages
stages[0].train_dataloader = dict(dataset=_base_.flow_dataset)
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]
