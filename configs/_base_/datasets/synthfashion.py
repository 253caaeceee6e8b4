# SynthFashion: nothing to download, pairs are drawn in the loader's workers.
image_size = (256, 256)  # (height, width)

train_pipeline = [
    dict(
        type='PackPoseTransferInputs',
        keys=('ref_img', 'tgt_img', 'ref_keypoints', 'tgt_keypoints'),
    )
]
test_pipeline = [dict(type='PackPoseTransferInputs')]

train_dataloader = dict(
    batch_size=8,
    num_workers=8,
    persistent_workers=True,
    drop_last=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type='SynthFashionDataset',
        size=image_size,
        split='train',
        num_people=20000,
        num_pairs=100000,
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    batch_size=8,
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='SynthFashionDataset',
        size=image_size,
        split='test',
        num_people=500,
        num_pairs=1000,
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader

val_evaluator = dict(
    type='PoseTransferEvaluator',
    metrics=[
        dict(type='ImageQuality', protocol='dsc'),
        dict(type='FlowQuality'),
    ],
)
test_evaluator = val_evaluator

# What a flow regressor learns from: the poses of the bodies, exactly.
flow_dataset = dict(
    pipeline=[
        dict(type='UseFittedKeypoints'),
        dict(type='RandomAffineTarget', max_shift=(20 / 256, 10 / 256)),
        dict(
            type='PackPoseTransferInputs',
            keys=(
                'ref_keypoints',
                'tgt_keypoints',
                'flow',
                'visibility',
                'ref_parts',
                'tgt_parts',
            ),
        ),
    ]
)
