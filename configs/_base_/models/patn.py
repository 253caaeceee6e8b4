# The networks and losses of PATN (CVPR 2019), as on DeepFashion. Where the
# paper is silent they are those of its implementation.
model = dict(
    type='PATN',
    data_preprocessor=dict(
        type='PoseTransferDataPreprocessor',
        # Pixels, at 256x256 and at 128x64 alike.
        pose_encoder=dict(type='GaussianPoses', sigma=6),
        pad_size_divisor=4,
    ),
    generator=dict(
        type='PATNGenerator',
        base_channels=64,
        num_levels=2,
        num_blocks=9,
        norm='instance',
        dropout=0.5,
    ),
    # The paper draws them with LeakyReLU; the implementation has ReLU.
    discriminator_appearance=dict(
        type='ResidualDiscriminator',
        in_channels=6,
        base_channels=64,
        num_levels=2,
        num_blocks=3,
        norm='instance',
        dropout=0.5,
    ),
    discriminator_shape=dict(
        type='ResidualDiscriminator',
        in_channels=21,
        base_channels=64,
        num_levels=2,
        num_blocks=3,
        norm='instance',
        dropout=0.5,
    ),
    loss_l1=dict(type='L1Loss', loss_weight=1.0),
    # Without ImageNet weights the features are random ones of a fixed seed,
    # and a warning says what is lost. For the paper's loss: pretrained='path
    # or URL of torchvision's vgg19'.
    loss_perceptual=dict(
        type='PerceptualLoss',
        layer_weights=dict(relu1_2=1.0),
        pretrained=None,
        criterion='l1',
        loss_weight=1.0,
    ),
    # Of the mean over both discriminators, and of what they learn from.
    loss_gan=dict(type='GANLoss', gan_type='vanilla', loss_weight=5.0),
)
