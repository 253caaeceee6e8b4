# UPIS on DeepFashion at 256x176, PATN's 101,966 / 8,570 pairs.
_base_ = ['upis_deepfashion_patn_256x256.py']

# Columns 40 to 215 of the pictures, and of all that belongs to them.
image_size = (256, 176)
train_dataloader = dict(dataset=dict(size=image_size))
val_dataloader = dict(dataset=dict(size=image_size))
test_dataloader = val_dataloader
