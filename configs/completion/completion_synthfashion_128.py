# The same at 128x88: four times as fast, and where the training of the full
# size starts from.
_base_ = ['completion_synthfashion.py']

image_size = (128, 88)  # (height, width)
model = dict(
    data_preprocessor=dict(pose_encoder=dict(sigma=2)),
    outline=dict(type='LimbMask', radius=6),
    discriminator=None,
    loss_gan=None,
)

test_pipeline = [
    dict(type='ShrinkPair', factor=2),
    *_base_.test_pipeline,
]
train_pipeline = [
    dict(type='ShrinkPair', factor=2),
    *_base_.train_pipeline,
]
train_dataloader = dict(
    batch_size=8,
    dataset=dict(pipeline=train_pipeline),
)
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader

# At a constant rate: what follows goes on from there.
stages = [
    dict(
        name='generator',
        components=['generator'],
        iters=3150,
        param_scheduler=_base_.stages[0].param_scheduler,
    ),
]
custom_hooks = [
    dict(type='StagedTrainingHook', stages=stages),
    dict(type='EMAHook', momentum=0.002, priority='NORMAL'),
]
