# The type of SynthFashion's clothes: the classifier of synthfashion-FashionIS.
_base_ = ['attributes_lite0_synthfashion.py']

model = dict(
    num_labels=14,
    dropout=0.4,
    loss_labels=dict(type='CategoryLoss'),
)

pipeline = [dict(type='PackClothes', labels='category')]
train_dataloader = dict(dataset=dict(pipeline=pipeline))
val_dataloader = dict(dataset=dict(pipeline=pipeline))
test_dataloader = dict(dataset=dict(pipeline=pipeline))
val_evaluator = [dict(type='CategoryAccuracy')]
test_evaluator = val_evaluator
