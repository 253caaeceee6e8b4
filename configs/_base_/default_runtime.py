default_scope = 'mmposetransfer'

default_hooks = dict(
    timer=dict(type='IterTimerHook'),
    logger=dict(type='LoggerHook', interval=50),
    param_scheduler=dict(type='ParamSchedulerHook'),
    checkpoint=dict(type='CheckpointHook', interval=1, max_keep_ckpts=3),
    # Within long epochs, too.
    checkpoint_steps=dict(
        type='CheckpointHook',
        by_epoch=False,
        interval=2000,
        max_keep_ckpts=1,
        save_last=False,
    ),
    sampler_seed=dict(type='DistSamplerSeedHook'),
    # BatchNorm statistics of all processes, averaged after every epoch.
    sync_running_stats=dict(type='SyncRunningStatsHook'),
    # Checkpoints of plain data, so that any torch resumes from them.
    plain_checkpoint=dict(type='PlainCheckpointHook'),
    # `--resume` takes up a run at the step its checkpoint was written.
    resume=dict(type='ResumeHook'),
    visualization=dict(type='PoseTransferVisualizationHook'),
)

# One wrapper for each component, because they learn in different stages.
model_wrapper_cfg = dict(
    type='MMSeparateDistributedDataParallel',
    broadcast_buffers=False,
    find_unused_parameters=False,
    device_ids=None,
)  # the components are on their device already, a CPU too

env_cfg = dict(
    cudnn_benchmark=True,
    mp_cfg=dict(mp_start_method='fork', opencv_num_threads=0),
    dist_cfg=dict(backend='nccl'),
)
randomness = dict(seed=0)

vis_backends = [dict(type='LocalVisBackend')]
visualizer = dict(type='PoseTransferVisualizer', vis_backends=vis_backends)

log_processor = dict(by_epoch=True, window_size=50)
log_level = 'INFO'
load_from = None
resume = False
# `--auto-scale-lr` scales the learning rates to the real batch size.
auto_scale_lr = dict(enable=False, base_batch_size=8)
