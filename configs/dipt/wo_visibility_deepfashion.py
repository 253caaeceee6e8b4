# Ablation "w/o visibility": a gate that knows no visibility and no pixel
# warping (Table 3; the rows of the table leave out one thing more each).
# The published numbers are of a plain warp: gate=dict(type='PlainGate').
_base_ = ['full_deepfashion.py']

model = dict(
    generator=dict(warping=dict(gate=dict(type='ResidualGateNoVis'))),
    pixel_warping=None,
)
stages = _base_.stages[:2]
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]
