"""A trained model made ready to be shipped, and used as such."""

import hashlib

import torch
from mmengine.config import Config

from mmposetransfer.apis import init_model
from mmposetransfer.apis.shipped_weights import with_shipped_weights
from mmposetransfer.cli.publish_model import main

CONFIG = """image_size = (32, 16)
model = dict(
    type='DIPT',
    flow_regressor=dict(
        type='FlowRegressor',
        backbone=dict(type='FlowUNet', base_channels=4, num_levels=2),
    ),
    discriminator=None,
)
optim_wrapper = dict(flow_regressor=dict(optimizer=dict(type='Adam')))
"""


def test_what_is_published_is_what_was_trained(tmp_path, capsys):
    config = tmp_path / 'tiny.py'
    config.write_text(CONFIG)
    torch.manual_seed(0)
    trained = init_model(config)
    torch.save(trained.state_dict(), tmp_path / 'tiny.pth')
    out = tmp_path / 'shipped'
    main([str(config), str(tmp_path / 'tiny.pth'), '--out', str(out)])
    assert 'tiny.safetensors' in capsys.readouterr().out
    assert {path.name for path in out.iterdir()} == {
        'tiny.py',
        'tiny.safetensors',
        'tiny.sha256',
    }
    shipped = Config.fromfile(out / 'tiny.py')
    assert set(shipped) == {'default_scope', 'image_size', 'model'}
    assert shipped.image_size == (32, 16)
    weights = (out / 'tiny.safetensors').read_bytes()
    digest = hashlib.sha256(weights).hexdigest()
    assert (out / 'tiny.sha256').read_text().startswith(digest)
    used = init_model(*with_shipped_weights('tiny', folder=out))
    for key, value in trained.state_dict().items():
        got = used.state_dict()[key]
        wanted = value.half().to(value) if value.is_floating_point() else value
        assert torch.equal(got, wanted), key
