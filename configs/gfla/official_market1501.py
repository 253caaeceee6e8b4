# The published checkpoint for Market-1501 at 128x64
# (docs/published_weights.md): the layers of the authors' code, flow and
# attention at a quarter of the size alone.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/market1501.py',
    '../_base_/models/gfla.py',
    '../_base_/schedules/gfla.py',
]

model = dict(
    flow_net=dict(flow_levels=(2,), as_published=True),
    generator=dict(warp_levels=(2,), kernel_sizes=(3,), as_published=True),
    discriminator=dict(num_levels=3),
    loss_correctness=dict(layers=('relu3_1',)),
    loss_regularization=dict(kernel_sizes=(3,)),
)
