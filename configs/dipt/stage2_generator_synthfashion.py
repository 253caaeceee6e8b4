# The second stage alone: the generator, on a trained flow regressor. Start
# from a checkpoint that has one:  --cfg-options load_from=PATH
_base_ = ['full_synthfashion.py']

model = dict(pixel_warping=None)
stages = _base_.stages[1:2]
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]
