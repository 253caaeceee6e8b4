# Attributes of SynthFashion's people: what AttrRec-k is measured by there.
# A head on a frozen EfficientNet-Lite0, whose features are computed once.
_base_ = ['../_base_/classifier.py']

trunk = dict(type='LiteTrunk', height=192, stages=(2, 4, 6), grid=(6, 3))
model = dict(
    type='ClothingClassifier',
    trunk=trunk,
    num_labels=101,
    hidden=128,
    dropout=0.5,
    normalize=True,
    loss_labels=dict(type='AttributeLoss'),
)

pipeline = [dict(type='PackClothes', labels='attributes')]


def people(split, seed, count, pairs_of_64):
    """Some at the sizes of the tables: 256x176, and 64x64."""
    world = dict(type='SynthFashionClothes', split=split, num_people=count)
    return dict(
        type='TrunkFeatures',
        datasets=[
            dict(size=(256, 176), num_pairs=count, seed=seed, **world),
            dict(size=(64, 64), num_pairs=pairs_of_64, seed=seed + 1, **world),
        ],
        trunk=trunk,
        cache='work_dirs/clothing_features',
        pipeline=pipeline,
    )


train_dataloader = dict(
    batch_size=64,
    num_workers=0,
    drop_last=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=people('train', 0, 800, 1600),
)
# People that the head has not learnt from, for the temperature.
val_dataloader = dict(
    batch_size=64,
    num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=people('train', 10, 100, 100),
)
test_dataloader = dict(
    batch_size=64,
    num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=people('test', 0, 150, 150),
)

val_evaluator = [dict(type='AttributeAccuracy')]
test_evaluator = val_evaluator

train_cfg = dict(type='ResumableTrainLoop', max_epochs=20, val_interval=5)
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='AdamW', lr=1e-3, weight_decay=0.05),
)
param_scheduler = [
    dict(type='CosineAnnealingLR', T_max=20, convert_to_iter_based=True)
]
auto_scale_lr = dict(base_batch_size=64)
