# DPT on DeepFashion at 256x256, PATN's 101,966 / 8,570 pairs.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/deepfashion_patn.py',
    '../_base_/models/dpt.py',
    '../_base_/schedules/dpt.py',
]

# Bodies are fitted to the poses in the loader's workers. In place of FitIUV:
# dict(type='LoadIUV', folder='FOLDER OF DENSEPOSE PICTURES'), or
# dict(type='IUVFromFits', fits_file='FILE OF FITS').
train_pipeline = [
    dict(type='LoadPair'),
    dict(type='FitIUV'),
    dict(
        type='PackPoseTransferInputs',
        keys=(
            'ref_img',
            'tgt_img',
            'ref_keypoints',
            'tgt_keypoints',
            'ref_iuv',
            'tgt_iuv',
        ),
    ),
]
test_pipeline = train_pipeline
train_dataloader = dict(num_workers=8, dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(num_workers=8, dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
