# The whole method on DeepFashion at 256x256: three stages in one run.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/deepfashion.py',
    '../_base_/models/dipt.py',
    '../_base_/schedules/dipt_stages.py',
]

# The flow regressor has pairs of its own, those whose bodies were fitted
# well, and reads flow and body parts of them.
flow_dataset = dict(
    ann_file='Label/pair_split_clean.json',
    fitted_keypoints_file='Label/pose_label_adapt.pkl',
    data_prefix=dict(seg='Img/seg', corr='3d/hmr/corr'),
    pipeline=[dict(type='LoadPair', with_flow=True)] + _base_.flow_pipeline,
)
stages = _base_.stages
stages[0].train_dataloader = dict(dataset=flow_dataset)
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]
