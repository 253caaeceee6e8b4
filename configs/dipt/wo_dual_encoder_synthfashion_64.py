# Ablation "w/o dual encoder" of the quick start: one U-Net on image and target
# pose (Table 3).
_base_ = ['full_synthfashion_64.py']

model = dict(
    flow_regressor=None,
    generator=dict(
        _delete_=True,
        type='SinglePathGenerator',
        base_channels=16,
        max_channels=64,
        num_levels=5,
        num_blocks=1,
    ),
    pixel_warping=None,
)
stages = _base_.stages[1:2]
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]

# There is no flow to be measured.
test_evaluator = dict(metrics=[dict(type='ImageQuality', protocol='dsc')])
