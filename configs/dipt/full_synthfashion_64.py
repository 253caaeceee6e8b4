# The quick start: the whole method at 64x64, in minutes and on a CPU.
# Narrower and shallower networks, fewer pairs, shorter stages.
_base_ = ['full_synthfashion.py']

image_size = (64, 64)
train_dataloader = dict(
    num_workers=1,
    dataset=dict(size=image_size, num_people=2000, num_pairs=4000))
val_dataloader = dict(
    batch_size=16,
    num_workers=1,
    dataset=dict(size=image_size, num_people=100, num_pairs=200))
test_dataloader = val_dataloader

model = dict(
    data_preprocessor=dict(pose_radius=2),  # 8 at 256
    flow_regressor=dict(
        backbone=dict(base_channels=16, max_channels=128, num_levels=4)),
    generator=dict(
        base_channels=16, max_channels=64, num_levels=5, num_warp_levels=3),
    pixel_warping=dict(base_channels=16, max_channels=64, num_levels=5),
    discriminator=dict(base_channels=32),
    loss_perceptual=dict(
        layer_weights=dict(_delete_=True, relu1_1=0.125, relu2_1=0.125)))
