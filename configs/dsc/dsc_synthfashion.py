# DSC on SynthFashion at 256x256, with the schedule of DeepFashion.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/synthfashion.py',
    '../_base_/models/dsc.py',
    '../_base_/schedules/dsc.py',
]

train_dataloader = dict(batch_size=2)
auto_scale_lr = dict(base_batch_size=2)

# Random features are meant here: nothing is to be downloaded.
model = dict(loss_perceptual=dict(pretrained='random'))

# There is no flow to be measured.
val_evaluator = dict(metrics=[dict(type='ImageQuality', protocol='dsc')])
test_evaluator = val_evaluator
