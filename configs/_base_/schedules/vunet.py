# VUnet's training: one network, one stage.
optim_wrapper = dict(
    constructor='MultiOptimWrapperConstructor',
    generator=dict(optimizer=dict(type='Adam', lr=1e-3, betas=(0.5, 0.9))),
)

stages = [
    dict(
        name='reconstruct',
        components=['generator'],
        iters=100000,
        val_interval=10000,
        # Constant, then linear to zero at the end of the stage.
        param_scheduler=[
            dict(
                type='LinearLR',
                start_factor=1.0,
                end_factor=0.0,
                begin=1000,
                by_epoch=False,
            )
        ],
    )
]
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]

train_cfg = dict(type='ResumableTrainLoop', val_interval=1)
val_cfg = dict()
test_cfg = dict()
