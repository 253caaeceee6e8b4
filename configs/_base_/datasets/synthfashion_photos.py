# SynthFashion as photographs meet the model: 256x176, poses and masks as
# estimators find them, flow from bodies fitted to those, photographs' faults.
_base_ = ['synthfashion.py']

image_size = (256, 176)  # (height, width)

# Once, before a pair is kept on disk.
cached_pipeline = [
    dict(type='EstimatorNoise'),
    dict(type='FitFlow', surface=True),
]
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
    'tgt_surface',
)
test_pipeline = [dict(type='PackPoseTransferInputs', keys=cached_keys)]
train_pipeline = [
    dict(type='PhotographDegradation'),
    dict(type='MaskNoise'),
    *test_pipeline,
]

kept = dict(
    size=image_size,
    same_studio=0.85,
    cache='work_dirs/synthfashion_photos',
    cached_pipeline=cached_pipeline,
    cached_keys=cached_keys,
)
train_dataloader = dict(
    num_workers=1,
    dataset=dict(num_pairs=20000, pipeline=train_pipeline, **kept),
)
val_dataloader = dict(
    num_workers=1,
    dataset=dict(
        kept,
        num_people=100,
        num_pairs=100,
        pipeline=test_pipeline,
        # Pictures of a test are called by them.
        cached_keys=(*cached_keys, 'ref_id', 'tgt_id'),
    ),
)
test_dataloader = val_dataloader
val_evaluator = dict(
    metrics=[
        dict(type='ImageQuality', protocol='dsc'),
        dict(type='Lite0Distance'),
        dict(type='Sharpness'),
    ],
)
test_evaluator = val_evaluator
