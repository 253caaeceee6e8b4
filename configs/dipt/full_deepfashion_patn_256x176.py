# The whole method on DeepFashion at 256x176, PATN's 101,966 / 8,570 pairs.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/deepfashion_patn_256x176.py',
    '../_base_/models/dipt.py',
    '../_base_/schedules/dipt_stages.py',
]

# Networks of 7 levels need multiples of 128: borders are added and taken off.
model = dict(data_preprocessor=dict(pad_size_divisor=128))

stages = _base_.stages
stages[0].train_dataloader = dict(dataset=_base_.flow_dataset)
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]
