# Ablation "w/o flow" at 128x128: the dual-path U-Net without warping
# (Table 3).
_base_ = ['full_synthfashion_128.py']

model = dict(
    flow_regressor=None, generator=dict(warping=None), pixel_warping=None
)
stages = _base_.stages[1:2]
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]

# There is no flow to be measured.
test_evaluator = dict(metrics=[dict(type='ImageQuality', protocol='dsc')])
