# The published checkpoint for DeepFashion (docs/published_weights.md): the
# layers of the authors' code.
_base_ = ['gfla_deepfashion_patn_256x256.py']

model = dict(
    flow_net=dict(as_published=True), generator=dict(as_published=True)
)
