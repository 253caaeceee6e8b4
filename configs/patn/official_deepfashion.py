# The published checkpoint for DeepFashion as its authors test it
# (docs/published_weights.md): at 256x176, and their tool stores pose maps as
# whole numbers, so of each Gaussian its centre is left, a single pixel.
_base_ = ['patn_deepfashion_patn_256x256.py']

image_size = (256, 176)
train_dataloader = dict(dataset=dict(size=image_size))
val_dataloader = dict(dataset=dict(size=image_size))
test_dataloader = val_dataloader

model = dict(
    data_preprocessor=dict(
        pose_encoder=dict(_delete_=True, type='DiscPoses', radius=0)
    )
)
