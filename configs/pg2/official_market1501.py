# The published checkpoint for Market-1501 (docs/published_weights.md): the
# refining generator and the borders of the authors' code.
_base_ = ['pg2_market1501.py']

model = dict(
    generator_coarse=dict(tf_padding=True),
    generator_refine=dict(
        _delete_=True,
        type='PG2NarrowRefineGenerator',
        base_channels=128,
        num_levels=3,
        finest_skip=False,
    ),
)
