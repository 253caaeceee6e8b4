# UPIS on DeepFashion at 256x256, PATN's 101,966 / 8,570 pairs.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/deepfashion_patn.py',
    '../_base_/models/upis.py',
    '../_base_/schedules/upis.py',
]

# Of a pair the reference's picture and the target's pose: the target's
# picture never leaves the loader.
train_pipeline = [
    dict(type='LoadPair'),
    dict(
        type='PackPoseTransferInputs',
        keys=('ref_img', 'ref_keypoints', 'tgt_keypoints'),
    ),
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
