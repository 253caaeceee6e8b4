# Market-1501 in the layout of the paper's data (docs/data.md), 128x64 images.
image_size = (128, 64)  # (height, width)
data_root = 'data/market1501/'

test_pipeline = [
    dict(type='LoadPair'),
    dict(
        type='PackPoseTransferInputs',
        keys=('ref_img', 'tgt_img', 'ref_keypoints', 'tgt_keypoints'),
    ),
]
# Targets are moved by up to 10 pixels and scaled.
train_pipeline = [
    test_pipeline[0],
    dict(
        type='RandomAffineTarget',
        max_shift=(10 / 128, 10 / 128),
        max_scale=1.2,
    ),
    test_pipeline[1],
]

train_dataloader = dict(
    batch_size=8,
    num_workers=4,
    persistent_workers=True,
    drop_last=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type='PoseTransferDataset',
        layout='market1501',
        data_root=data_root,
        ann_file='Label/pair_split.json',
        split='train',
        keypoints_file='Label/pose_label.pkl',
        data_prefix=dict(img='Images/img'),
        pipeline=train_pipeline,
    ),
)
test_dataloader = dict(
    batch_size=8,
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='PoseTransferDataset',
        layout='market1501',
        data_root=data_root,
        ann_file='Label/pair_split.json',
        split='test',
        keypoints_file='Label/pose_label.pkl',
        data_prefix=dict(img='Images/img'),
        pipeline=test_pipeline,
    ),
)
# As for DeepFashion: a fifth of the test pairs, which the authors list.
val_dataloader = dict(
    test_dataloader,
    dataset=dict(test_dataloader['dataset'], split='test_small'),
)

# The flow regressor learns from the same pairs and joints: none were chosen
# by how well their bodies fit, and no joints were rendered from these.
flow_dataset = dict(
    data_prefix=dict(seg='Images/seg', corr='3d/hmr/corr'),
    pipeline=[
        dict(type='LoadPair', with_flow=True),
        dict(type='RandomAffineTarget', max_shift=(5 / 128, 5 / 128)),
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
    ],
)

# The flow of the test pairs is not known, so only images are compared.
val_evaluator = dict(
    type='PoseTransferEvaluator',
    metrics=[dict(type='ImageQuality', protocol='dsc')],
)
test_evaluator = val_evaluator
