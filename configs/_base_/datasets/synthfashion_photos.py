# SynthFashion as photographs meet the model: 256x176, poses as an estimator
# finds them, flow from bodies fitted to those, photographs' faults.
image_size = (256, 176)  # (height, width)

# Once, before a pair is kept on disk.
cached_pipeline = [dict(type='EstimatorNoise'), dict(type='FitFlow')]
cached_keys = (
    'ref_img',
    'tgt_img',
    'ref_keypoints',
    'tgt_keypoints',
    'ref_person',
    'tgt_person',
    'fit_flow',
    'fit_visibility',
    'twin_flow',
    'twin_visibility',
    'near_flow',
    'near_trust',
)
test_pipeline = [dict(type='PackPoseTransferInputs', keys=cached_keys)]
train_pipeline = [
    dict(type='PhotographDegradation'),
    dict(type='RandomFlipPair'),
    *test_pipeline,
]

train_dataloader = dict(
    batch_size=8,
    num_workers=1,
    persistent_workers=True,
    drop_last=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type='SynthFashionDataset',
        size=image_size,
        split='train',
        num_people=20000,
        num_pairs=20000,
        same_studio=0.85,
        cache='work_dirs/synthfashion_photos',
        cached_pipeline=cached_pipeline,
        cached_keys=cached_keys,
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    batch_size=8,
    num_workers=1,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='SynthFashionDataset',
        size=image_size,
        split='test',
        num_people=100,
        num_pairs=100,
        same_studio=0.85,
        cache='work_dirs/synthfashion_photos',
        cached_pipeline=cached_pipeline,
        cached_keys=cached_keys,
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader
val_evaluator = dict(
    type='PoseTransferEvaluator',
    metrics=[
        dict(type='ImageQuality', protocol='dsc'),
        dict(type='Lite0Distance'),
        dict(type='Sharpness'),
    ],
)
test_evaluator = val_evaluator
