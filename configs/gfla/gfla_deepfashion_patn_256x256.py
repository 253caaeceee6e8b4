# GFLA on DeepFashion at 256x256, PATN's 101,966 / 8,570 pairs.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/deepfashion.py',
    '../_base_/models/gfla.py',
    '../_base_/schedules/gfla.py',
]

# PATN's keypoints are those of the pictures cropped to 256x176.
dataset = dict(keypoints_size=(256, 176))
train_dataloader = dict(
    dataset=dict(
        dataset,
        ann_file='Label/fasion-resize-pairs-train.csv',
        keypoints_file='Label/fasion-resize-annotation-train.csv',
    )
)
val_dataloader = dict(
    dataset=dict(
        dataset,
        ann_file='Label/fasion-resize-pairs-test.csv',
        keypoints_file='Label/fasion-resize-annotation-test.csv',
    )
)
test_dataloader = val_dataloader
