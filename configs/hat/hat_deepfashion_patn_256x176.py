# HAT on DeepFashion at 256x176, PATN's 101,966 / 8,570 pairs.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/deepfashion_patn_256x176.py',
    '../_base_/models/hat.py',
    '../_base_/schedules/hat.py',
]

train_pipeline = [_base_.train_pipeline[0], *_base_.fit_pipeline]
test_pipeline = train_pipeline
dataset = dict(pipeline=train_pipeline)
train_dataloader = dict(num_workers=8, dataset=dataset)
val_dataloader = dict(num_workers=8, dataset=dataset)
test_dataloader = dict(num_workers=8, dataset=dataset)
