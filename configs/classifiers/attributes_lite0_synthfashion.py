# Attributes of SynthFashion's people: what AttrRec-k is measured by there.
# A head on a frozen EfficientNet-Lite0, whose features are computed once.
_base_ = ['../_base_/classifier.py']

trunk = dict(type='LiteTrunk', height=160, stages=(2, 4, 6), grid=(4, 3))
model = dict(
    type='ClothingClassifier',
    trunk=trunk,
    num_labels=101,
    hidden=64,
    dropout=0.5,
    normalize=True,
    loss_labels=dict(type='AttributeLoss'),
)

pipeline = [dict(type='PackClothes', labels='attributes')]
# The worlds of _base_/datasets/synthfashion_64.py and synthfashion_photos.py,
# the sizes of the tables: person i of both is the same one.
small = dict(type='SynthFashionClothes', size=(64, 64))
large = dict(type='SynthFashionClothes', size=(256, 176), same_studio=0.85)
small_train = dict(small, num_people=800, num_pairs=1600)
large_train = dict(large, num_people=20000, num_pairs=20000)
small_test = dict(small, split='test', num_people=100, num_pairs=100)
large_test = dict(large, split='test', num_people=100, num_pairs=100)
features = dict(
    type='TrunkFeatures',
    trunk=trunk,
    cache='work_dirs/clothing_features',
    pipeline=pipeline,
)

train_dataloader = dict(
    batch_size=32,
    num_workers=0,
    drop_last=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        datasets=[
            dict(pairs=(0, 700), **small_train),
            dict(pairs=(800, 3000), **large_train),
        ],
        **features,
    ),
)
# People 700 to 759, from whom the head does not learn, for the temperature.
val_dataloader = dict(
    batch_size=64,
    num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        datasets=[
            dict(pairs=(700, 760), **small_train),
            dict(pairs=(700, 760), **large_train),
        ],
        **features,
    ),
)
test_dataloader = dict(
    batch_size=64,
    num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(datasets=[small_test, large_test], **features),
)

val_evaluator = [dict(type='AttributeAccuracy')]
test_evaluator = val_evaluator

train_cfg = dict(type='ResumableTrainLoop', max_epochs=16, val_interval=16)
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='AdamW', lr=3e-3, weight_decay=0.05),
)
param_scheduler = [
    dict(type='CosineAnnealingLR', T_max=16, convert_to_iter_based=True)
]
