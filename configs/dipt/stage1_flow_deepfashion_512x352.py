# The flow regressor alone on DeepFashion at 512x352, 89,262 / 12,000 pairs.
_base_ = ['full_deepfashion_512x352.py']

model = dict(generator=None, pixel_warping=None, discriminator=None)

stages = _base_.stages[:1]
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]
