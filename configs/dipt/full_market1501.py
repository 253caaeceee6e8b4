# The whole method on Market-1501 at 128x64.
_base_ = ['full_deepfashion.py']

image_size = (128, 64)
dataset = dict(
    layout='market1501',
    data_root='data/market1501/',
    data_prefix=dict(img='Images/img'))
train_dataloader = dict(dataset=dataset)
val_dataloader = dict(dataset=dataset)
test_dataloader = val_dataloader

model = dict(
    data_preprocessor=dict(pose_radius=4),
    flow_regressor=dict(
        backbone=dict(type='FlowUNetV2', base_channels=32, max_channels=128),
        head=dict(negative_slope=0.0)),
    # Not known of the implementation: the depth of its generator here.
    generator=dict(num_levels=5),
    pixel_warping=dict(num_levels=5))

stages = _base_.stages
flow_dataset = stages[0].train_dataloader.dataset
flow_dataset.data_prefix.seg = 'Images/seg'
flow_dataset.pipeline[2].max_shift = (5 / 64, 5 / 128)
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]
