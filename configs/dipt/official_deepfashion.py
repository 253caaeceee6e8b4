# The official checkpoints as the authors test them (docs/official_weights.md):
# all BatchNorm but the flow regressor's uses the statistics of the test batch,
# so numbers depend on the batch size, and SSIM is that of their code.
_base_ = ['full_deepfashion.py']

model = dict(batch_stats_components=['generator', 'pixel_warping'])
test_evaluator = dict(metrics=[dict(type='ImageQuality', protocol='official')])
