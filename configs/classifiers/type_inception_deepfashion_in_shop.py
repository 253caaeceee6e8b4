# What the paper's own code trains for FashionIS: the 23 folders of In-shop.
_base_ = ['attributes_resnet50_deepfashion.py']

model = dict(
    trunk=dict(type='InceptionTrunk'),
    num_labels=23,
    loss_labels=dict(type='CategoryLoss'),
    pretrained='https://download.pytorch.org/models/inception_v3_google-0cc3c7bd.pth',
)

load = dict(type='LoadClothes', size=_base_.image_size)
pack = dict(type='PackClothes', labels='category')
dataset = dict(
    _delete_=True,
    type='InShopClothes',
    data_root='data/deepfashion',  # with Anno, Eval and Img
    labels='category',
)
train_dataloader = dict(
    dataset=dict(
        split='train',
        pipeline=[load, dict(type='RandomFlipClothes'), pack],
        **dataset,
    )
)
val_dataloader = dict(
    dataset=dict(split='test', pipeline=[load, pack], **dataset)
)
test_dataloader = val_dataloader
val_evaluator = [dict(type='CategoryAccuracy', k=(1, 3, 5))]
test_evaluator = val_evaluator
