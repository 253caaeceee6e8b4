# Geometry alone: bodies fitted to both poses, no network and no weights.
# What the reference shows is copied; what it hides is taken from the body's
# mirror twins and filled in from around it. Nothing in it learns.
default_scope = 'mmposetransfer'
image_size = (512, 352)  # flow of a body is exact at any size

model = dict(
    type='DIPT',
    data_preprocessor=dict(type='PoseTransferDataPreprocessor', sides=()),
    # Beyond the outline a network would have to tell hair from wall.
    flow_regressor=dict(type='FittedFlow', margin=0, median=5),
    generator=None,
)
