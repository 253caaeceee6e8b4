# The networks and losses of NTED (CVPR 2022), in the sizes for 256x256.
# configs/nted/README.md says which numbers are known and which are ours.
features = dict(
    relu1_1=1.0, relu2_1=1.0, relu3_1=1.0, relu4_1=1.0, relu5_1=1.0
)
model = dict(
    type='NTED',
    data_preprocessor=dict(
        type='PoseTransferDataPreprocessor',
        pose_encoder=dict(type='GaussianPoses', sigma=6),  # pixels
        sides=('tgt',),
        # The discriminator halves the size six times: 176 becomes 192.
        pad_size_divisor=64,
    ),
    # Channels 128, 256, 512, 512, 512 from full size to a sixteenth.
    generator=dict(
        type='NTEDGenerator',
        base_channels=128,
        max_channels=512,
        num_levels=4,
        # From half of the size on.
        num_textures=(64, 64, 32, 16),
        match_kernels=(3, 3, 3, 1),
    ),
    discriminator=dict(
        type='NTEDDiscriminator',
        base_channels=128,
        max_channels=512,
        num_levels=6,
    ),
    # The three losses with VGG19 take its weights by `pretrained`, a path or
    # the URL of torchvision's: see docs/training.md. Without, the features
    # are random ones of a fixed seed, and a warning says what is lost.
    loss_perceptual=dict(
        type='PerceptualLoss',
        layer_weights=features,
        pretrained=None,
        criterion='l1',
        loss_weight=2.0,
    ),
    loss_style=dict(
        type='StyleLoss',
        layers=tuple(features),
        pretrained=None,
        loss_weight=1000.0,  # 500 times that of the perceptual loss
    ),
    loss_attention=dict(type='AttentionReconstructionLoss', loss_weight=15.0),
    loss_face=dict(
        type='FaceLoss',
        loss=dict(
            type='PerceptualLoss',
            layer_weights=features,
            pretrained=None,
            criterion='l1',
            loss_weight=1.0,
        ),
        size=64,  # a quarter of the picture's height
    ),
    loss_gan=dict(type='GANLoss', gan_type='vanilla', loss_weight=1.5),
    loss_r1=dict(type='R1Penalty', loss_weight=10.0, interval=16),
)
