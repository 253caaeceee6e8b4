# A diffusion method in the line of PIDM (CVPR 2023) and CFLD (CVPR 2024), in
# pixels, in the sizes for 256x256. configs/diffusion/README.md says which
# numbers are known and which are ours. Needs mmposetransfer[diffusion].
model = dict(
    type='PoseDiffusion',
    data_preprocessor=dict(
        type='PoseTransferDataPreprocessor',
        pose_encoder=dict(type='GaussianPoses', sigma=6),  # pixels
        # Squares of 4x4, halved three times: 176 becomes 192.
        pad_size_divisor=32,
    ),
    # Ours: at 64x64, 32x32, 16x16 and 8x8, as 4x4 pixels are a place.
    denoiser=dict(
        type='PoseDenoiser',
        patch_size=4,
        base_channels=128,
        max_channels=512,
        num_levels=3,
        num_blocks=2,
        attention_levels=(1, 2, 3),
        # PIDM's texture encoder does not see the reference's pose.
        with_ref_pose=True,
    ),
    process=dict(
        type='DiffusionProcess',
        scheduler='DDIMScheduler',
        num_train_steps=1000,
        beta_schedule='linear',
        beta_range=(1e-4, 0.02),
        prediction='epsilon',
        num_steps=50,
        spacing='trailing',
    ),
    # PIDM: 'disentangled'. Both methods: weights of 2.
    guidance='cumulative',
    guidance_scale=dict(pose=2.0, ref=2.0),
    # PIDM learns a tenth without conditions; each alone is ours.
    drop_both=0.1,
    drop_pose=0.05,
    drop_ref=0.05,
    seed=0,  # of the noise that pictures are made of
    loss_noise=dict(type='DenoisingLoss', loss_weight=1.0),
)
