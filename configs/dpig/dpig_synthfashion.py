# DPIG on SynthFashion at 256x256.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/synthfashion.py',
    '../_base_/models/dpig.py',
    '../_base_/schedules/dpig.py',
]

train_pipeline = [dict(type='RandomFlipPair'), _base_.train_pipeline[-1]]
train_dataloader = dict(batch_size=3, dataset=dict(pipeline=train_pipeline))

# There is no flow to be measured.
val_evaluator = dict(metrics=[dict(type='ImageQuality', protocol='dsc')])
test_evaluator = val_evaluator

auto_scale_lr = dict(base_batch_size=3)
