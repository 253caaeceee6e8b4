# The published checkpoint for DeepFashion (docs/published_weights.md): the
# refining generator and the borders of the authors' code.
_base_ = ['pg2_deepfashion_patn_256x256.py']

model = dict(
    generator_coarse=dict(tf_padding=True),
    generator_refine=dict(
        _delete_=True,
        type='PG2NarrowRefineGenerator',
        base_channels=128,
        num_levels=4,
        finest_skip=True,
    ),
)
