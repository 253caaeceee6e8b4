# Ablation "w/o visibility" of the quick start: a gate that knows no visibility
# and no pixel warping (Table 3; the rows of the table leave out one thing more
# each).
_base_ = ['full_synthfashion_64.py']

model = dict(
    generator=dict(warping=dict(gate=dict(type='ResidualGateNoVis'))),
    pixel_warping=None,
)
stages = _base_.stages[:2]
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]
