# The flow regressor alone on DeepFashion at 512x352, PATN's split.
_base_ = ['full_deepfashion_patn_512x352.py']

model = dict(generator=None, pixel_warping=None, discriminator=None)

stages = _base_.stages[:1]
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]
