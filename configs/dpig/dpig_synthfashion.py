# DPIG on SynthFashion at 256x256: walls and rooms behind the people have a code.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/synthfashion.py',
    '../_base_/models/dpig.py',
    '../_base_/schedules/dpig.py',
]

train_pipeline = [dict(type='RandomFlipPair'), _base_.train_pipeline[-1]]
train_dataloader = dict(batch_size=3, dataset=dict(pipeline=train_pipeline))

model = dict(
    data_preprocessor=dict(
        derived=dict(
            ref_mask=dict(type='LimbMask', radius=12, closing=5),
            tgt_mask=dict(type='LimbMask', radius=12, closing=5),
        ),
    ),
    generator=dict(background_channels=128),
    background_mapper=dict(
        type='CodeMapper',
        channels=128,
        hidden_channels=512,
        num_blocks=4,
        noise_std=0.2,
    ),
    background_critic=dict(
        type='CodeCritic',
        channels=128,
        hidden_channels=512,
        num_layers=3,
        clip=0.01,
    ),
)

stages = _base_.stages
stages[2].components += ['background_mapper', 'background_critic']
custom_hooks = [dict(type='StagedTrainingHook', stages=stages)]

# There is no flow to be measured.
val_evaluator = dict(metrics=[dict(type='ImageQuality', protocol='dsc')])
test_evaluator = val_evaluator

auto_scale_lr = dict(base_batch_size=3)
