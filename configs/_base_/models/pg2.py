# The networks and losses of PG2 (NIPS 2017), in the sizes for 256x256.
model = dict(
    type='PG2',
    data_preprocessor=dict(
        type='PoseTransferDataPreprocessor',
        # Pixels, at every size of picture.
        pose_encoder=dict(type='DiscPoses', radius=4, low=-1),
        sides=('tgt',),
        # Where the losses count twice.
        derived=dict(tgt_mask=dict(type='LimbMask', radius=4, closing=5)),
    ),
    # Levels: log2(height) - 2, and two fewer.
    generator_coarse=dict(
        type='PG2CoarseGenerator',
        bottleneck_size=(8, 8),  # (height, width)
        base_channels=128,
        num_levels=6,
        code_channels=64,
    ),
    generator_refine=dict(
        type='PG2RefineGenerator', base_channels=128, num_levels=4
    ),
    discriminator=dict(
        type='DCGANDiscriminator',
        final_size=(8, 8),  # (height, width)
        base_channels=64,
        num_conv=5,
    ),
    loss_coarse=dict(type='PoseMaskLoss', loss_weight=1.0),
    loss_refine=dict(type='PoseMaskLoss', loss_weight=50.0),
    loss_gan=dict(type='GANLoss', gan_type='vanilla', loss_weight=1.0),
)
