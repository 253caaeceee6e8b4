# DPIG on DeepFashion at 256x176, the pictures of PATN's pairs.
_base_ = ['dpig_deepfashion_patn_256x256.py']

# Columns 40 to 215 of the pictures, and of all that belongs to them.
image_size = (256, 176)
dataset = dict(size=image_size)
train_dataloader = dict(dataset=dataset)
val_dataloader = dict(dataset=dataset)
test_dataloader = val_dataloader

# 176 is halved four times, and by the discriminator five times, rounded up.
model = dict(
    generator=dict(bottleneck_size=(16, 11)),
    discriminator=dict(final_size=(8, 6)),
)
