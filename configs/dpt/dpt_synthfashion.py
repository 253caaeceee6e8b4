# DPT on SynthFashion at 256x256: two stages in one run.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/synthfashion.py',
    '../_base_/models/dpt.py',
    '../_base_/schedules/dpt.py',
]

# Bodies are fitted to the poses, as to those of photographs.
train_pipeline = [
    dict(type='FitIUV'),
    dict(
        type='PackPoseTransferInputs',
        keys=(
            'ref_img',
            'tgt_img',
            'ref_keypoints',
            'tgt_keypoints',
            'ref_iuv',
            'tgt_iuv',
        ),
    ),
]
test_pipeline = [dict(type='FitIUV'), dict(type='PackPoseTransferInputs')]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader

# Random features are meant here: nothing is to be downloaded.
model = dict(
    loss_perceptual=dict(pretrained='random'),
    loss_style=dict(pretrained='random'),
)

# There is no flow to be measured.
val_evaluator = dict(metrics=[dict(type='ImageQuality', protocol='dsc')])
test_evaluator = val_evaluator
