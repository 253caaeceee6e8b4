# The whole method on DeepFashion at 256x176, 89,262 / 12,000 pairs.
_base_ = ['full_deepfashion.py']

# Columns 40 to 215 of the pictures, and of all that belongs to them.
image_size = (256, 176)
dataset = dict(size=image_size)
train_dataloader = dict(dataset=dataset)
val_dataloader = dict(dataset=dataset)
test_dataloader = val_dataloader

# Networks of 7 levels need multiples of 128: borders are added and taken off.
model = dict(data_preprocessor=dict(pad_size_divisor=128))
