# Ablation "w/o dual encoder": one U-Net on image and target pose (Table 3).
_base_ = ['full_synthfashion.py']

model = dict(
    flow_regressor=None,
    generator=dict(
        _delete_=True,
        type='SinglePathGenerator',
        base_channels=32,
        max_channels=128,
        num_levels=7,
    ),
    pixel_warping=None,
)
stages = _base_.stages[1:2]
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]

# There is no flow to be measured.
val_evaluator = dict(metrics=[dict(type='ImageQuality', protocol='dsc')])
test_evaluator = val_evaluator
