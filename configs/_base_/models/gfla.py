# The networks and losses of GFLA (CVPR 2020), in the sizes for 256x256.
# configs/gfla/README.md says which numbers are known and which are ours.
model = dict(
    type='GFLA',
    data_preprocessor=dict(
        type='PoseTransferDataPreprocessor',
        pose_encoder=dict(type='GaussianPoses', sigma=6),  # pixels
        # The flow network halves the size five times: 176 becomes 192.
        pad_size_divisor=32,
    ),
    # Level l has 1 / 2^l of the size: flows at 64x64 and 32x32.
    flow_net=dict(
        type='GFLAFlowNet',
        base_channels=32,
        max_channels=256,
        num_levels=5,
        flow_levels=(2, 3),
    ),
    generator=dict(
        type='GFLAGenerator',
        base_channels=64,
        max_channels=256,
        num_levels=3,
        num_blocks=2,
        warp_levels=(2, 3),
        kernel_sizes=(5, 3),
        hidden_channels=128,
    ),
    discriminator=dict(
        type='GFLADiscriminator',
        in_channels=3,  # the picture alone
        base_channels=32,
        max_channels=128,
        num_levels=4,
    ),
    # The three losses with VGG19 take its weights by `pretrained`, a path or
    # the URL of torchvision's: see docs/training.md. Without, the features
    # are random ones of a fixed seed, and a warning says what is lost.
    loss_correctness=dict(
        type='SamplingCorrectnessLoss',
        layers=('relu3_1', 'relu4_1'),  # 64x64 and 32x32, as the flows
        pretrained=None,
        loss_weight=5.0,
    ),
    loss_regularization=dict(
        type='AffineRegularizationLoss',
        kernel_sizes=(5, 3),
        loss_weight=0.0025,
    ),
    loss_l1=dict(type='L1Loss', loss_weight=5.0),
    # "Content".
    loss_perceptual=dict(
        type='PerceptualLoss',
        layer_weights=dict(
            relu1_1=1.0, relu2_1=1.0, relu3_1=1.0, relu4_1=1.0, relu5_1=1.0
        ),
        pretrained=None,
        criterion='l1',
        loss_weight=0.5,
    ),
    loss_style=dict(
        type='StyleLoss',
        layers=('relu2_2', 'relu3_4', 'relu4_4', 'relu5_2'),
        pretrained=None,
        loss_weight=500.0,
    ),
    loss_gan=dict(type='GANLoss', gan_type='lsgan', loss_weight=2.0),
)
