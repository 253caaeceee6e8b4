# The whole method on DeepFashion at 256x256: three stages in one run.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/deepfashion.py',
    '../_base_/models/dipt.py',
    '../_base_/schedules/dipt_stages.py',
]

stages = _base_.stages
stages[0].train_dataloader = dict(dataset=_base_.flow_dataset)
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]
