# The runtime of classifiers: one model, one optimizer, no pictures drawn.
default_scope = 'mmposetransfer'

default_hooks = dict(
    timer=dict(type='IterTimerHook'),
    logger=dict(type='LoggerHook', interval=50),
    param_scheduler=dict(type='ParamSchedulerHook'),
    checkpoint=dict(type='CheckpointHook', interval=1, max_keep_ckpts=1),
    sampler_seed=dict(type='DistSamplerSeedHook'),
    sync_running_stats=dict(type='SyncRunningStatsHook'),
    plain_checkpoint=dict(type='PlainCheckpointHook'),
    resume=dict(type='ResumeHook'),
)
model_wrapper_cfg = dict(
    type='MMDistributedDataParallel', broadcast_buffers=False
)
env_cfg = dict(
    cudnn_benchmark=True,
    mp_cfg=dict(mp_start_method='fork', opencv_num_threads=0),
    dist_cfg=dict(backend='nccl'),
)
randomness = dict(seed=0)
log_processor = dict(by_epoch=True, window_size=50)
log_level = 'INFO'
load_from = None
resume = False
auto_scale_lr = dict(enable=False, base_batch_size=32)

val_cfg = dict()
test_cfg = dict()
