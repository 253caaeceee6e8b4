# The whole method on DeepFashion at 256x256, PATN's 101,966 / 8,570 pairs.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/deepfashion_patn.py',
    '../_base_/models/dipt.py',
    '../_base_/schedules/dipt_stages.py',
]

stages = _base_.stages
stages[0].train_dataloader = dict(dataset=_base_.flow_dataset)
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]
