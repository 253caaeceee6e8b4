# DSC on DeepFashion at 256x176, PATN's 101,966 / 8,570 pairs.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/deepfashion_patn_256x176.py',
    '../_base_/models/dsc.py',
    '../_base_/schedules/dsc.py',
]

train_dataloader = dict(batch_size=2)
auto_scale_lr = dict(base_batch_size=2)
