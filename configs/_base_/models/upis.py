# The networks and losses of UPIS (CVPR 2018), in the sizes for 256x256. The
# paper says which losses there are; no code was published, and all numbers
# here are our choice (configs/upis/README.md).
model = dict(
    type='UPIS',
    data_preprocessor=dict(
        type='PoseTransferDataPreprocessor',
        pose_encoder=dict(type='GaussianPoses', sigma=6),  # pixels
        pad_size_divisor=16,
    ),
    generator=dict(
        type='UPISGenerator',
        base_channels=64,
        max_channels=256,
        num_levels=2,
        num_blocks=9,
    ),
    discriminator=dict(
        type='PatchDiscriminator',
        in_channels=3,  # the picture alone
        base_channels=64,
        num_conv=3,
    ),
    # Small: it is to find the joints of one person, who fills the picture.
    pose_detector=dict(
        type='ResidualUNet',
        in_channels=3,
        out_channels=18,
        base_channels=16,
        max_channels=128,
        num_levels=4,
        num_blocks=2,
        head_std=1e-3,  # begins with finding nothing
    ),
    loss_pose=dict(type='HeatmapLoss', loss_weight=2.0),
    loss_detector=dict(type='HeatmapLoss', loss_weight=1.0),
    # "Content", of the picture that came back. Without ImageNet weights the
    # features are random ones of a fixed seed, and a warning says what is
    # lost: pretrained='path or URL of torchvision's vgg19', for both losses.
    loss_content=dict(
        type='PerceptualLoss',
        layer_weights=dict(relu1_1=1.0, relu2_1=1.0, relu3_1=1.0),
        pretrained=None,
        criterion='l2',
        loss_weight=0.1,
    ),
    # Beside the paper: the same on pixels; None switches it off.
    loss_cycle=dict(type='L1Loss', loss_weight=1.0),
    loss_style=dict(
        type='PatchStyleLoss',
        layers=('relu1_1', 'relu2_1', 'relu3_1'),
        radius=12.0,  # pixels
        pretrained=None,
        loss_weight=100.0,
    ),
    loss_gan=dict(type='GANLoss', gan_type='lsgan', loss_weight=0.5),
)
