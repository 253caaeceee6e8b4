# The networks and losses of HAT (CVPR 2018) at 256x256. That there are bodies,
# copied colours and a synthesis of what is hidden is the paper's; no sizes,
# weights or losses of it are known to us: all that follows is our choice.
model = dict(
    type='HAT',
    data_preprocessor=dict(
        type='PoseTransferDataPreprocessor',
        # Pixels, as for DIPT.
        pose_encoder=dict(type='DiscPoses', radius=8),
        # Where the reference's person is, if the data have no `ref_person`.
        derived=dict(ref_mask=dict(type='LimbMask', radius=14, closing=41)),
        pad_size_divisor=64,
    ),
    # No margin: what lies beside the body is not on its surface.
    flow_regressor=dict(type='FittedFlow', margin=0),
    # The sizes of DIPT's networks, a level shallower.
    surface_net=dict(
        type='HATSurfaceNet', base_channels=32, max_channels=128, num_levels=6
    ),
    generator=dict(
        type='HATGenerator', base_channels=32, max_channels=128, num_levels=6
    ),
    discriminator=dict(
        type='PatchDiscriminator', in_channels=24, base_channels=64, num_conv=3
    ),
    loss_surface=dict(type='L1Loss', loss_weight=1.0),
    # The losses of DIPT's generator. Without ImageNet weights the features are
    # random ones of a fixed seed, and a warning says what is lost:
    # pretrained='path or URL of torchvision's vgg19'.
    loss_l1=dict(type='L1Loss', loss_weight=1.0),
    loss_perceptual=dict(type='PerceptualLoss', pretrained=None),
    loss_gan=dict(type='GANLoss', gan_type='vanilla', loss_weight=0.01),
)

# Bodies are fitted by the workers of the loader; 0.1 s a pair.
fit_keys = (
    'ref_img',
    'tgt_img',
    'ref_keypoints',
    'tgt_keypoints',
    'fit_flow',
    'fit_visibility',
    'twin_flow',
    'twin_visibility',
    'near_flow',
    'near_trust',
)
fit_pipeline = [
    dict(type='FitFlow', margin=0),
    dict(type='PackPoseTransferInputs', keys=fit_keys),
]
