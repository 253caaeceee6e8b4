# The whole method on Market-1501 at 128x64: three stages in one run.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/market1501.py',
    '../_base_/models/dipt.py',
    '../_base_/schedules/dipt_stages.py',
]

model = dict(
    data_preprocessor=dict(pose_encoder=dict(radius=4)),
    flow_regressor=dict(
        backbone=dict(
            _delete_=True,
            type='FlowUNetV2',
            base_channels=32,
            max_channels=128,
            num_levels=4,
        ),
        head=dict(negative_slope=0.0),
    ),
    generator=dict(num_levels=5, num_warp_levels=4),
    pixel_warping=dict(num_levels=5),
)

stages = _base_.stages
stages[0].train_dataloader = dict(dataset=_base_.flow_dataset)
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]
