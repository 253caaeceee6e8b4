# One stage, as PIDM's: 300 epochs in batches of 8, with a warm-up of 5,000
# iterations, gradients of norm 1 at most, and a moving average of the weights.
optim_wrapper = dict(
    constructor='MultiOptimWrapperConstructor',
    denoiser=dict(
        optimizer=dict(type='Adam', lr=2e-5),
        clip_grad=dict(max_norm=1.0),
    ),
)

stages = [
    dict(
        name='whole',
        components=['denoiser'],
        epochs=300,
        val_interval=25,
        param_scheduler=[
            dict(type='LinearLR', start_factor=1e-3, end=5000, by_epoch=False)
        ],
    ),
]
# What is validated, tested and saved as the model's weights is the average.
ema = dict(type='EMAHook', momentum=1e-4, priority='NORMAL')
custom_hooks = [dict(type='StagedTrainingHook', stages=stages), ema]

train_cfg = dict(type='ResumableTrainLoop', val_interval=25)
val_cfg = dict()
test_cfg = dict()
