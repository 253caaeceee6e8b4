# SynthFashion at 64x64, few enough pairs for minutes on a CPU.
_base_ = ['synthfashion.py']

image_size = (64, 64)
train_dataloader = dict(
    batch_size=4,  # of each of two processes, as `make quickstart` has it
    num_workers=1,
    # Drawn in the first epoch, then read from this folder: by all processes, in
    # every stage, in later runs and by other methods.
    dataset=dict(
        size=image_size,
        num_people=800,
        num_pairs=1600,
        cache='work_dirs/synthfashion_64',
    ),
)
# No validation: tools/test.py measures the result once.
val_dataloader = None
val_evaluator = None
test_dataloader = dict(
    batch_size=20,
    num_workers=2,  # the training is over: both cores are free to draw
    dataset=dict(
        size=image_size,
        num_people=100,
        num_pairs=200,
        cache='work_dirs/synthfashion_64',
    ),
)
