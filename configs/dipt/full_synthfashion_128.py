# The whole method at 128x128: the quick start's networks with a level more, in
# about an hour of a CPU.
_base_ = ['full_synthfashion_64.py']

image_size = (128, 128)
train_dataloader = dict(
    dataset=dict(size=image_size, cache='work_dirs/synthfashion_128')
)
test_dataloader = dict(
    dataset=dict(size=image_size, cache='work_dirs/synthfashion_128')
)

model = dict(
    data_preprocessor=dict(pose_encoder=dict(radius=5)),
    flow_regressor=dict(backbone=dict(num_levels=5)),
    generator=dict(num_levels=6, num_warp_levels=4),
    pixel_warping=dict(num_levels=6),
)
