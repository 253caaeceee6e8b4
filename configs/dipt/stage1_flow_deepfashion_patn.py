# The flow regressor alone on DeepFashion at 256x256, PATN's split.
_base_ = ['full_deepfashion.py']

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

model = dict(generator=None, pixel_warping=None, discriminator=None)

stages = _base_.stages[:1]
flow_dataset = stages[0].train_dataloader.dataset
# No pairs of this split were published as fitted well: all are taken.
flow_dataset.ann_file = 'Label/fasion-resize-pairs-train.csv'
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]
