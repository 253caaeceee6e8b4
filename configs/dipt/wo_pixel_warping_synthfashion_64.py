# Ablation "w/o pixel warping" of the quick start: flow regressor and generator
# (Table 3).
_base_ = ['full_synthfashion_64.py']

model = dict(pixel_warping=None)
stages = _base_.stages[:2]
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]
