# The flow regressor alone on Market-1501 at 128x64.
_base_ = ['full_market1501.py']

model = dict(generator=None, pixel_warping=None, discriminator=None)

stages = _base_.stages[:1]
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]
