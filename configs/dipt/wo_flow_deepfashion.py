# Ablation "w/o flow": the dual-path U-Net without warping (Table 3).
_base_ = ['full_deepfashion.py']

model = dict(
    flow_regressor=None, generator=dict(warping=None), pixel_warping=None
)
stages = _base_.stages[1:2]
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]
