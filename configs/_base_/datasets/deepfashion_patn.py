# DeepFashion with PATN's split, 101,966 / 8,570 pairs, at 256x256.
_base_ = ['deepfashion.py']

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
# No pairs of this split were published as fitted well: all are taken.
flow_dataset = dict(ann_file='Label/fasion-resize-pairs-train.csv')
