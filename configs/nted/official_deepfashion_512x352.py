# The published checkpoint for 512x352 as its authors test it
# (docs/published_weights.md): as that for 256x176, with one level more.
_base_ = ['nted_deepfashion_patn_256x256.py']

# Pictures made of img_highres by prepare-deepfashion --size 512x352.
image_size = (512, 352)
dataset = dict(size=image_size, data_prefix=dict(img='Img/img_512x352'))
train_dataloader = dict(dataset=dataset)
val_dataloader = dict(dataset=dataset)
test_dataloader = val_dataloader

model = dict(
    data_preprocessor=dict(
        pose_encoder=dict(_delete_=True, type='LimbDistancePoses'),
        pad_size_divisor=32,
    ),
    generator=dict(
        pose_channels=20,
        base_channels=64,
        num_levels=5,
        num_textures=(64, 64, 32, 32, 16),
        match_kernels=(3, 3, 3, 3, 1),
        bias_last=True,
    ),
    discriminator=dict(base_channels=64, num_levels=7),
    loss_face=dict(size=128),
)
