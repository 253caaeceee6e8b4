# The whole method on DeepFashion at 512x352, PATN's 101,966 / 8,570 pairs.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/deepfashion_patn.py',
    '../_base_/models/dipt.py',
    '../_base_/schedules/dipt_stages.py',
]

# Pictures made of img_highres by prepare-deepfashion --size 512x352. Flow,
# body parts and keypoints are those of smaller pictures, brought to this size.
image_size = (512, 352)
dataset = dict(
    size=image_size,
    data_prefix=dict(img='Img/img_512x352'),
    fitted_keypoints_size=(256, 256),
)
train_dataloader = dict(dataset=dataset)
val_dataloader = dict(dataset=dataset)
test_dataloader = val_dataloader

# Networks of 7 levels need multiples of 128: borders are added and taken off.
model = dict(
    data_preprocessor=dict(pose_encoder=dict(radius=16), pad_size_divisor=128)
)

stages = _base_.stages
stages[0].train_dataloader = dict(dataset=_base_.flow_dataset)
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]
