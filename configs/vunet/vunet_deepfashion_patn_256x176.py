# VUnet on DeepFashion at 256x176, the pictures of PATN's pairs.
_base_ = ['vunet_deepfashion_patn_256x256.py']

# Columns 40 to 215 of the pictures, and of all that belongs to them. The
# network sees them with white borders, 256x256.
image_size = (256, 176)
dataset = dict(size=image_size)
train_dataloader = dict(dataset=dataset)
val_dataloader = dict(dataset=dataset)
test_dataloader = val_dataloader
