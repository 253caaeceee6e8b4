# PG2 on DeepFashion at 256x256, PATN's 101,966 / 8,570 pairs.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/deepfashion.py',
    '../_base_/models/pg2.py',
    '../_base_/schedules/pg2.py',
]

train_pipeline = [
    _base_.train_pipeline[0],
    dict(type='RandomFlipPair'),
    _base_.train_pipeline[-1],
]
# PATN's keypoints are those of the pictures cropped to 256x176.
dataset = dict(keypoints_size=(256, 176))
train_dataloader = dict(
    batch_size=1,
    dataset=dict(
        dataset,
        ann_file='Label/fasion-resize-pairs-train.csv',
        keypoints_file='Label/fasion-resize-annotation-train.csv',
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    dataset=dict(
        dataset,
        ann_file='Label/fasion-resize-pairs-test.csv',
        keypoints_file='Label/fasion-resize-annotation-test.csv',
    )
)
test_dataloader = val_dataloader

auto_scale_lr = dict(base_batch_size=1)
