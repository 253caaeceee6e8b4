# VUnet on SynthFashion at 256x256.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/synthfashion.py',
    '../_base_/models/vunet.py',
    '../_base_/schedules/vunet.py',
]

train_pipeline = [dict(type='RandomFlipPair'), _base_.train_pipeline[-1]]
# Both pictures of a pair are learnt from, each by itself: 8 images.
train_dataloader = dict(batch_size=4, dataset=dict(pipeline=train_pipeline))

model = dict(loss_perceptual=dict(pretrained='random'))

# There is no flow to be measured.
val_evaluator = dict(metrics=[dict(type='ImageQuality', protocol='dsc')])
test_evaluator = val_evaluator

auto_scale_lr = dict(base_batch_size=4)
