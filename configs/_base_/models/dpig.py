# The networks and losses of DPIG (CVPR 2018), in the sizes for 256x256.
# configs/dpig/README.md says which numbers are known and which are ours.
model = dict(
    type='DPIG',
    data_preprocessor=dict(
        type='PoseTransferDataPreprocessor',
        # Pixels, at every size of picture.
        pose_encoder=dict(type='DiscPoses', radius=4, low=-1),
    ),
    generator=dict(
        type='DPIGGenerator',
        bottleneck_size=(16, 16),  # (height, width)
        base_channels=128,
        num_levels=5,
        code_channels=64,
        region_size=64,
        region_levels=7,
        region_channels=32,  # of each of seven
        background_channels=0,  # it is plain
        margin=0.05,
    ),
    discriminator=dict(
        type='DCGANDiscriminator',
        final_size=(8, 8),  # (height, width)
        base_channels=64,
        num_conv=5,
    ),
    pose_autoencoder=dict(
        type='PoseAutoencoder',
        code_channels=32,
        hidden_channels=512,
        num_blocks=4,
    ),
    appearance_mapper=dict(
        type='CodeMapper',
        channels=7 * 32,
        hidden_channels=512,
        num_blocks=4,
        noise_std=0.2,
    ),
    appearance_critic=dict(
        type='CodeCritic',
        channels=7 * 32,
        hidden_channels=512,
        num_layers=3,
        clip=0.01,
    ),
    pose_mapper=dict(
        type='CodeMapper',
        channels=32,
        hidden_channels=512,
        num_blocks=4,
        noise_std=0.2,
    ),
    pose_critic=dict(
        type='CodeCritic',
        channels=32,
        hidden_channels=512,
        num_layers=3,
        clip=0.01,
    ),
    critic_steps=5,
    pose_weight=20.0,
    loss_l1=dict(type='L1Loss', loss_weight=20.0),
    loss_gan=dict(type='GANLoss', gan_type='vanilla', loss_weight=1.0),
)
