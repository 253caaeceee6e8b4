# The 50 clothing types of DeepFashion's Category and Attribute Prediction
# benchmark, by Inception-v3: FashionIS is the inception score through it.
_base_ = ['attributes_resnet50_deepfashion.py']

model = dict(
    trunk=dict(type='InceptionTrunk'),
    num_labels=50,
    loss_labels=dict(type='CategoryLoss'),
    pretrained='https://download.pytorch.org/models/inception_v3_google-0cc3c7bd.pth',
)

image_size = _base_.image_size
pack = dict(type='PackClothes', labels='category')
train_pipeline = [
    dict(type='LoadClothes', size=image_size),
    dict(type='RandomFlipClothes'),
    pack,
]
test_pipeline = [dict(type='LoadClothes', size=image_size), pack]

train_dataloader = dict(
    dataset=dict(labels='category', pipeline=train_pipeline)
)
val_dataloader = dict(dataset=dict(labels='category', pipeline=test_pipeline))
test_dataloader = dict(dataset=dict(labels='category', pipeline=test_pipeline))
val_evaluator = [dict(type='CategoryAccuracy', k=(1, 3, 5))]
test_evaluator = val_evaluator
