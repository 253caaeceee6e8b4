# The third stage alone: pixel warping, on a trained flow regressor and
# generator. Start from a checkpoint that has both:
# --cfg-options load_from=PATH
_base_ = ['full_synthfashion.py']

stages = _base_.stages[2:]
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]
