# Ablation "w/o flow" of the quick start: the dual-path U-Net without warping
# (Table 3).
_base_ = ['full_synthfashion_64.py']

model = dict(
    flow_regressor=None, generator=dict(warping=None), pixel_warping=None
)
stages = _base_.stages[1:2]
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]

# There is no flow to be measured.
test_evaluator = dict(metrics=[dict(type='ImageQuality', protocol='dsc')])
