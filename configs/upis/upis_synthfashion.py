# UPIS on SynthFashion at 256x256: two stages in one run.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/synthfashion.py',
    '../_base_/models/upis.py',
    '../_base_/schedules/upis.py',
]

# Of a pair the reference's picture and the target's pose: the target's
# picture never leaves the loader.
train_pipeline = [
    dict(
        type='PackPoseTransferInputs',
        keys=('ref_img', 'ref_keypoints', 'tgt_keypoints'),
    )
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))

# Random features are meant here: nothing is to be downloaded.
model = dict(
    loss_content=dict(pretrained='random'),
    loss_style=dict(pretrained='random'),
)

# There is no flow to be measured.
val_evaluator = dict(metrics=[dict(type='ImageQuality', protocol='dsc')])
test_evaluator = val_evaluator
