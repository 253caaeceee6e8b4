# The network and losses of VUnet (CVPR 2018), in the sizes for 256x256.
# configs/vunet/README.md says which numbers are known and which are ours.
model = dict(
    type='VUNet',
    data_preprocessor=dict(
        type='PoseTransferDataPreprocessor',
        # Pixels, at every size of picture; our choice.
        pose_encoder=dict(type='StickPoses', radius=2),
        # Halved six times, and once more for squares of latents.
        pad_size_divisor=128,
    ),
    # Eight, as in the paper; which eight is our choice. Legs below the knee
    # are there as well: 'left_lower_leg', 'right_lower_leg'.
    parts=[
        'torso',
        'head',
        'left_upper_arm',
        'left_lower_arm',
        'left_upper_leg',
        'right_upper_arm',
        'right_lower_arm',
        'right_upper_leg',
    ],
    generator=dict(
        type='VUNetGenerator',
        crop_channels=24,  # three of each part
        base_channels=32,
        max_channels=128,
        num_levels=7,  # 1 + log2(height) - 2
        num_latents=2,
        crop_factor=4,  # crops of 64x64
        dropout=0.1,
    ),
    # Known is a weight of 5 on the input and on five layers alike, of networks
    # that see pictures from 0 to 255 (our reading). Ours are in [-1, 1], and of
    # about unit deviation where VGG19 sees them: hence the factors, without
    # which the divergence would count so many times more.
    loss_l1=dict(type='L1Loss', loss_weight=5 * 127.5),
    # VGG19's weights by `pretrained`: see docs/training.md.
    loss_perceptual=dict(
        type='PerceptualLoss',
        layer_weights=dict(
            relu1_2=1.0, relu2_2=1.0, relu3_2=1.0, relu4_2=1.0, relu5_2=1.0
        ),
        pretrained=None,
        criterion='l1',
        loss_weight=5 * 58.0,
    ),
    # In updates of the weights.
    loss_kl=dict(
        type='LatentDivergence', begin=50000, end=75000, low=1e-6, high=1.0
    ),
)
