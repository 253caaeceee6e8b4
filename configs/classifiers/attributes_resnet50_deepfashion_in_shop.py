# What the paper's own code trains for AttrRec-k: In-shop's pictures, and the
# 347 of 463 attributes that some item has.
_base_ = ['attributes_resnet50_deepfashion.py']

model = dict(num_labels=347)

dataset = dict(
    _delete_=True,
    type='InShopClothes',
    data_root='data/deepfashion',  # with Anno, Eval and Img
    labels='attributes',
)
train_dataloader = dict(
    dataset=dict(split='train', pipeline=_base_.train_pipeline, **dataset)
)
val_dataloader = dict(
    dataset=dict(split='test', pipeline=_base_.test_pipeline, **dataset)
)
test_dataloader = val_dataloader
