# The networks and losses of DIPT (CVPR 2019), in the sizes for 256x256.
model = dict(
    type='DIPT',
    data_preprocessor=dict(
        type='PoseTransferDataPreprocessor',
        # Pixels; 4 at 128x64.
        pose_encoder=dict(type='DiscPoses', radius=8),
    ),
    flow_regressor=dict(
        type='FlowRegressor',
        backbone=dict(
            type='FlowUNet',
            in_channels=36,
            base_channels=32,
            max_channels=512,
            num_levels=5,
        ),
        head=dict(type='PyramidFlowHead', negative_slope=0.1),
        flow_scale=0.05,
    ),
    generator=dict(
        type='DualPathGenerator',
        base_channels=32,
        max_channels=128,
        num_levels=7,
        num_warp_levels=5,  # the paper warps every level
        warping=dict(
            type='FeatureWarping',
            gate=dict(type='ResidualGate'),
            warp=dict(type='FlowWarp', backend='auto'),
        ),
    ),
    pixel_warping=dict(
        type='PixelWarping', base_channels=32, max_channels=128, num_levels=7
    ),
    discriminator=dict(
        type='PatchDiscriminator', in_channels=24, base_channels=64, num_conv=3
    ),
    # The paper has no segmentation-sensitive loss: set it to None for that.
    loss_epe=dict(type='MultiScaleEPELoss', finest_weight=0.32),
    loss_visibility=dict(type='VisibilityLoss'),
    loss_segmentation=dict(
        type='SegmentationSensitiveFlowLoss', loss_weight=5.0
    ),
    loss_l1=dict(type='L1Loss', loss_weight=1.0),
    # Without ImageNet weights the features are random ones of a fixed seed,
    # and a warning says what is lost. For the paper's loss: pretrained='path
    # or URL of torchvision's vgg19', and criterion='l2' (the implementation
    # has 'l1').
    loss_perceptual=dict(
        type='PerceptualLoss',
        layer_weights=dict(
            relu1_1=0.125,
            relu2_1=0.125,
            relu3_1=0.125,
            relu4_1=0.125,
            relu5_1=0.125,
        ),
        pretrained=None,
        criterion='l1',
        loss_weight=1.0,
    ),
    loss_gan=dict(type='GANLoss', gan_type='vanilla', loss_weight=0.01),
)
