# The published checkpoint for DeepFashion as its authors test it
# (docs/published_weights.md): the layers of their code, and pictures and joints
# of 256x176 stretched to 256x256 for the networks.
_base_ = ['gfla_deepfashion_patn_256x176.py']

model = dict(
    data_preprocessor=dict(network_size=(256, 256)),
    flow_net=dict(as_published=True),
    generator=dict(as_published=True),
)
