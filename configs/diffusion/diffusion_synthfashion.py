# Diffusion on SynthFashion at 256x256.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/synthfashion.py',
    '../_base_/models/diffusion.py',
    '../_base_/schedules/diffusion.py',
]

# There is no flow to be measured.
val_evaluator = dict(metrics=[dict(type='ImageQuality', protocol='dsc')])
test_evaluator = val_evaluator
