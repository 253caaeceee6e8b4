# The first stage alone: the flow regressor.
_base_ = ['full_synthfashion.py']

model = dict(generator=None, pixel_warping=None, discriminator=None)
stages = _base_.stages[:1]
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]
