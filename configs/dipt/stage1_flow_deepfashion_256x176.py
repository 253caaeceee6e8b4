# The flow regressor alone on DeepFashion at 256x176, 89,262 / 12,000 pairs.
_base_ = ['full_deepfashion.py']

# Columns 40 to 215 of the pictures, and of all that belongs to them.
image_size = (256, 176)
dataset = dict(size=image_size)
train_dataloader = dict(dataset=dataset)
val_dataloader = dict(dataset=dataset)
test_dataloader = val_dataloader

# Networks of 7 levels need multiples of 128: borders are added and taken off.
model = dict(
    data_preprocessor=dict(pad_size_divisor=128),
    generator=None,
    pixel_warping=None,
    discriminator=None,
)

stages = _base_.stages[:1]
flow_dataset = stages[0].train_dataloader.dataset
# 20 pixels of 256, in shares of the narrower picture.
flow_dataset.pipeline[2].max_shift = (20 / 176, 10 / 256)
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]
