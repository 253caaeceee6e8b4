# Attributes, on DeepFashion's Category and Attribute Prediction benchmark.
_base_ = ['../_base_/classifier.py']

data_root = 'data/deepfashion_attributes'  # with Anno, Eval and Img
image_size = (256, 256)  # (height, width)

model = dict(
    type='ClothingClassifier',
    trunk=dict(type='ResNetTrunk'),
    num_labels=1000,
    loss_labels=dict(type='AttributeLoss'),
    # ImageNet's, which training starts from: the file, or its URL.
    pretrained='https://download.pytorch.org/models/resnet50-0676ba61.pth',
)

pack = dict(type='PackClothes', labels='attributes')
train_pipeline = [
    dict(type='LoadClothes', size=image_size),
    dict(type='RandomFlipClothes'),
    pack,
]
test_pipeline = [dict(type='LoadClothes', size=image_size), pack]
dataset = dict(
    type='DeepFashionClothes', data_root=data_root, labels='attributes'
)

train_dataloader = dict(
    batch_size=32,
    num_workers=8,
    persistent_workers=True,
    drop_last=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(split='train', pipeline=train_pipeline, **dataset),
)
val_dataloader = dict(
    batch_size=32,
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(split='val', pipeline=test_pipeline, **dataset),
)
test_dataloader = dict(
    batch_size=32,
    num_workers=4,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(split='test', pipeline=test_pipeline, **dataset),
)
# Without mAP, which would keep 40 million logits.
val_evaluator = [dict(type='AttributeAccuracy', with_map=False)]
test_evaluator = val_evaluator

# As the paper's code: Adam, a tenth of the rate every 10 of 30 epochs.
train_cfg = dict(type='ResumableTrainLoop', max_epochs=30, val_interval=1)
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='Adam', lr=1e-4, weight_decay=1e-4),
)
param_scheduler = [dict(type='StepLR', step_size=10, gamma=0.1)]
