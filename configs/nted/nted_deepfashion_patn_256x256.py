# NTED on DeepFashion at 256x256, PATN's 101,966 / 8,570 pairs.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/deepfashion_patn.py',
    '../_base_/models/nted.py',
    '../_base_/schedules/nted.py',
]
