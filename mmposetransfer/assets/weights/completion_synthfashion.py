default_scope = 'mmposetransfer'
image_size = (
    256,
    176,
)
model = dict(
    data_preprocessor=dict(
        pad_size_divisor=16,
        pose_encoder=dict(sigma=4, type='GaussianPoses'),
        type='PoseTransferDataPreprocessor',
    ),
    discriminator=None,
    flow_regressor=dict(type='FittedFlow'),
    generator=dict(type='CompletionGenerator'),
    loss_face=None,
    loss_gan=None,
    loss_l1=dict(loss_weight=2.0, type='L1Loss'),
    loss_perceptual=None,
    made_weight=2.0,
    person_weight=0.6,
    prior_weight=1.0,
    type='CompletionDIPT',
)
