# The published checkpoint for 256x176 as its authors test it
# (docs/published_weights.md): their pose maps, biases where their code has
# them, and no border.
_base_ = ['nted_deepfashion_patn_256x256.py']

image_size = (256, 176)
train_dataloader = dict(dataset=dict(size=image_size))
val_dataloader = dict(dataset=dict(size=image_size))
test_dataloader = val_dataloader

model = dict(
    data_preprocessor=dict(
        pose_encoder=dict(_delete_=True, type='LimbDistancePoses'),
        pad_size_divisor=16,
    ),
    generator=dict(pose_channels=20, bias_last=True),
)
