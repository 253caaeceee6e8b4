# What configs of classifiers share: one optimizer, epochs, no pictures drawn.
_base_ = ['default_runtime.py']

default_hooks = dict(
    _delete_=True,
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
    _delete_=True, type='MMDistributedDataParallel', broadcast_buffers=False
)
auto_scale_lr = dict(base_batch_size=32)
val_cfg = dict()
test_cfg = dict()
