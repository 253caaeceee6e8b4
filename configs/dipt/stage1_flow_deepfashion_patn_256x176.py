# The flow regressor alone on DeepFashion at 256x176, PATN's split.
_base_ = ['full_deepfashion_patn_256x176.py']

model = dict(generator=None, pixel_warping=None, discriminator=None)

stages = _base_.stages[:1]
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]
