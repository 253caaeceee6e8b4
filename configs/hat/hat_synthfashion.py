# HAT on SynthFashion at 256x256: both stages in one run.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/synthfashion.py',
    '../_base_/models/hat.py',
    '../_base_/schedules/hat.py',
]

# Random features are meant here: nothing is to be downloaded.
model = dict(loss_perceptual=dict(pretrained='random'))

# The person's outline is known here.
train_pipeline = [
    _base_.fit_pipeline[0],
    dict(type='PackPoseTransferInputs', keys=(*_base_.fit_keys, 'ref_person')),
]
# Fitted likewise, by the model; the true flow comes along, to be compared.
test_pipeline = _base_.test_pipeline
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
