# The networks and losses of DSC (CVPR 2018), as on DeepFashion at 256x256.
# Where paper and implementation differ they are the implementation's.
model = dict(
    type='DSC',
    data_preprocessor=dict(
        type='PoseTransferDataPreprocessor',
        # Pixels, at 256x256 and at 128x64 alike.
        pose_encoder=dict(type='GaussianPoses', sigma=6),
        pad_size_divisor=64,
    ),
    generator=dict(
        type='DSCGenerator',
        base_channels=64,
        max_channels=512,
        num_levels=6,
        num_warp_levels=4,  # the paper's baseline: 0
        # The paper has instance normalisation: 'instance'.
        norm='picture',
        dropout=0.5,
    ),
    discriminator=dict(
        type='DSCDiscriminator',
        in_channels=42,
        base_channels=64,
        max_channels=512,
        num_conv=4,
        norm='picture',
    ),
    # Without ImageNet weights the features are random ones of a fixed seed,
    # and a warning says what is lost. For the paper's loss: pretrained='path
    # or URL of torchvision's vgg19'. The weight is the published 0.01, times
    # the 57 grey levels that are 1 to torchvision's network: the published
    # features are of pictures from 0 to 255. The paper's baseline has, in its
    # place, loss_l1=dict(type='L1Loss', loss_weight=100.0).
    loss_perceptual=dict(
        type='NearestNeighbourLoss',
        layer='relu1_2',
        window=5,
        pretrained=None,
        loss_weight=0.57,
    ),
    loss_gan=dict(type='GANLoss', gan_type='vanilla', loss_weight=1.0),
)
