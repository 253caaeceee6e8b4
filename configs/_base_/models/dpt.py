# The networks and losses of DPT (ECCV 2018), in the sizes for 256x256. The
# paper says which networks and losses there are; no code was published, and
# all numbers here are our choice (configs/dpt/README.md).
model = dict(
    type='DPT',
    data_preprocessor=dict(
        type='PoseTransferDataPreprocessor',
        sides=(),  # poses are surfaces here
        pad_size_divisor=16,
    ),
    # 24 auto-encoders side by side, each with a quarter of the channels that
    # a network of its own would get.
    texture=dict(
        type='TextureCompletion',
        base_channels=16,
        max_channels=64,
        num_levels=3,
        exchange=True,
    ),
    texture_size=64,  # texels a side: about those of a torso's pixels
    # Picture and both surfaces: 3 + 3 + 3, the paper's 256x256x9.
    predictive=dict(
        type='ResidualUNet',
        in_channels=9,
        out_channels=3,
        base_channels=64,
        max_channels=256,
        num_levels=4,
        num_blocks=2,
        head_std=1e-3,  # begins grey
    ),
    # Both pictures, the body and the target's surface: 3 + 3 + 1 + 3.
    blending=dict(
        type='ResidualUNet',
        in_channels=10,
        out_channels=4,
        base_channels=32,
        max_channels=128,
        num_levels=2,
        num_blocks=1,
        head_std=1e-3,  # begins with the mean of both streams
    ),
    # Picture and the target's surface.
    discriminator=dict(
        type='PatchDiscriminator', in_channels=6, base_channels=64, num_conv=3
    ),
    loss_texture=dict(type='L1Loss', loss_weight=1.0),
    loss_l1=dict(type='L1Loss', loss_weight=1.0),
    # Squared differences, as the paper has them. Without ImageNet weights the
    # features are random ones of a fixed seed, and a warning says what is
    # lost: pretrained='path or URL of torchvision's vgg19', for both losses.
    loss_perceptual=dict(
        type='PerceptualLoss',
        layer_weights=dict(
            relu1_1=0.2, relu2_1=0.2, relu3_1=0.2, relu4_1=0.2, relu5_1=0.2
        ),
        pretrained=None,
        criterion='l2',
        loss_weight=0.1,
    ),
    loss_style=dict(
        type='StyleLoss',
        layers=('relu1_1', 'relu2_1', 'relu3_1', 'relu4_1'),
        pretrained=None,
        loss_weight=100.0,
    ),
    loss_gan=dict(type='GANLoss', gan_type='vanilla', loss_weight=0.05),
)
