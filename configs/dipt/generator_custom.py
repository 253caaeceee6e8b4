# Generator and pixel warping on your own pictures (docs/data.md), on top of a
# flow regressor trained on SynthFashion (full_synthfashion.py --stages flow):
# --cfg-options load_from=work_dirs/full_synthfashion/epoch_30.pth
_base_ = ['full_deepfashion.py']

data_root = 'data/mine/'
dataset = dict(
    layout='folder',
    data_root=data_root,
    keypoints_file='keypoints.csv',
    data_prefix=dict(img='images'),
)
train_dataloader = dict(dataset=dict(dataset, ann_file='train.csv'))
val_dataloader = dict(dataset=dict(dataset, ann_file='test.csv'))
test_dataloader = val_dataloader

stages = _base_.stages[1:]
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]
