# PG2 on DeepFashion at 256x176, PATN's 101,966 / 8,570 pairs.
_base_ = ['pg2_deepfashion_patn_256x256.py']

# Columns 40 to 215 of the pictures, and of all that belongs to them.
image_size = (256, 176)
dataset = dict(size=image_size)
train_dataloader = dict(dataset=dataset)
val_dataloader = dict(dataset=dataset)
test_dataloader = val_dataloader

# 176 is halved five times, rounded up.
model = dict(
    generator_coarse=dict(bottleneck_size=(8, 6)),
    discriminator=dict(final_size=(8, 6)),
)
