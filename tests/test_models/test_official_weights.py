"""Official weights are recognised wherever and whatever size they are."""

import copy

import official_layout as layout
import pytest
import torch
from mmengine.config import Config
from official_layout import random_weights, small_networks
from official_networks import NETWORKS

from mmposetransfer.apis import find_config
from mmposetransfer.models import (
    DIPT,
    convert_official_checkpoints,
    convert_official_state_dict,
)
from mmposetransfer.registry import MODELS

COMPONENTS = dict(
    netG='generator',
    netPW='pixel_warping',
    netF='flow_regressor',
    netD='discriminator',
)


def load(weights, mode=None):
    """Our module with these weights, and its config."""
    converted, config = convert_official_state_dict(weights, mode)
    module = MODELS.build(copy.deepcopy(config))
    module.load_state_dict(converted, strict=True)
    return module, config


@pytest.fixture(scope='module')
def small():
    return {
        name: random_weights(shapes)
        for name, shapes in small_networks().items()
    }


def test_layout_is_the_official_one():
    made = {
        f'netG_{mode}': layout.net_g(mode)
        for mode in ('residual', 'none', 'res_no_vis')
    }
    made |= dict(
        netG_single=layout.net_g_single(),
        netPW=layout.net_pw(),
        netF_unet=layout.net_f_unet(),
        netF_unet_v2=layout.net_f_unet_v2(),
        netD=layout.net_d(),
    )
    assert made == NETWORKS


# ------------------------------------------------------------------ sizes

RESIDUAL_SIZES = [
    dict(nf=8, max_nf=20, levels=4, blocks=1),
    dict(nf=6, max_nf=99, levels=2, blocks=3),
    dict(nf=32, max_nf=128, levels=5, blocks=2),
]


def residual_sizes(nf, max_nf, levels, blocks):
    # A bound that no level reaches leaves no trace.
    return dict(
        base_channels=nf,
        num_levels=levels,
        num_blocks=blocks,
        max_channels=min(max_nf, nf * (levels + 1)),
    )


@pytest.mark.parametrize('sizes', RESIDUAL_SIZES)
@pytest.mark.parametrize('network', ['net_g_single', 'net_pw'])
def test_sizes_of_residual_unets(network, sizes):
    """The third one is the pixel warping of Market-1501: five levels."""
    _, config = load(random_weights(getattr(layout, network)(**sizes)))
    assert config.items() >= residual_sizes(**sizes).items()
    assert (
        config['type']
        == dict(net_g_single='SinglePathGenerator', net_pw='PixelWarping')[
            network
        ]
    )


@pytest.mark.parametrize('sizes', RESIDUAL_SIZES)
@pytest.mark.parametrize('mode', ['residual', 'res_no_vis', 'soft_gate'])
def test_sizes_of_generators(mode, sizes):
    weights = random_weights(layout.net_g(mode, warped=2, **sizes))
    module, config = load(weights)
    assert config.items() >= residual_sizes(**sizes).items()
    assert config['num_warp_levels'] == 2
    gate = type(module.warpings[0][0].gate).__name__
    assert (
        gate
        == dict(
            residual='ResidualGate',
            soft_gate='SoftGate',
            res_no_vis='ResidualGateNoVis',
        )[mode]
    )


@pytest.mark.parametrize(('levels', 'warped'), [(7, 5), (5, 4), (3, 3)])
def test_warped_levels_that_leave_no_trace_are_those_of_the_authors(
    levels, warped
):
    """Five levels are Market-1501's, of which four are warped."""
    sizes = dict(layout.SMALL, levels=levels)
    _, config = load(random_weights(layout.net_g('none', **sizes, warped=0)))
    assert config['num_levels'] == levels
    assert config['num_warp_levels'] == warped


def test_market1501s_config_takes_the_authors_networks():
    cfg = Config.fromfile(find_config('dipt/full_market1501')).model
    for ours, official in (
        (cfg.flow_regressor, layout.net_f_unet_v2(levels=4)),
        (cfg.generator, layout.net_g('residual', levels=5, warped=4)),
        (cfg.pixel_warping, layout.net_pw(levels=5)),
    ):
        converted, _ = convert_official_state_dict(random_weights(official))
        MODELS.build(ours).load_state_dict(converted)


def test_sizes_of_flow_regressors():
    _, config = load(random_weights(layout.net_f_unet(6, 40, 4)))
    assert (
        config['backbone'].items()
        >= dict(
            type='FlowUNet', base_channels=6, max_channels=40, num_levels=4
        ).items()
    )
    _, config = load(random_weights(layout.net_f_unet_v2(6, 20, 3, 1)))
    assert (
        config['backbone'].items()
        >= dict(
            type='FlowUNetV2',
            base_channels=6,
            max_channels=20,
            num_levels=3,
            num_blocks=1,
        ).items()
    )


@pytest.mark.parametrize(
    ('inputs', 'ndf', 'layers'), [(24, 8, 3), (6, 4, 2), (3, 2, 5)]
)
def test_sizes_of_discriminators(inputs, ndf, layers):
    _, config = load(random_weights(layout.net_d(inputs, ndf, layers)))
    assert config == dict(
        type='PatchDiscriminator',
        in_channels=inputs,
        base_channels=ndf,
        num_conv=layers,
        activation='sigmoid',
    )


def test_modes_without_weights_have_to_be_told():
    weights = random_weights(layout.net_g('none', **layout.SMALL, warped=0))
    for mode, gate in (
        (None, 'PlainGate'),
        ('none', 'PlainGate'),
        ('hard_gate', 'HardGate'),
    ):
        module, _ = load(weights, mode)
        assert type(module.warpings[0][0].gate).__name__ == gate
    with pytest.raises(ValueError, match="'none' or 'hard_gate'"):
        convert_official_state_dict(weights, 'residual')
    with pytest.raises(ValueError, match="one of .*'hardgate'"):
        convert_official_state_dict(weights, 'hardgate')
    with pytest.raises(ValueError, match='netPW'):
        convert_official_state_dict(
            random_weights(layout.net_pw(**layout.SMALL)), 'none'
        )


def test_counters_of_batches_may_be_absent(small):
    """Torch has them since 0.4.1."""
    for weights in small.values():
        old = {
            key: value
            for key, value in weights.items()
            if not key.endswith('num_batches_tracked')
        }
        module, _ = load(old)
        expected, _ = load(weights)
        theirs = expected.state_dict()
        for key, value in module.state_dict().items():
            if key.endswith('num_batches_tracked'):
                assert value.dtype == torch.long and value == 0
            else:
                assert torch.equal(value, theirs[key])


def test_layers_that_the_encoders_should_share(small):
    changed = dict(small['netG'])
    changed['enca_1_downsample.1.weight'] = torch.zeros_like(
        changed['enca_1_downsample.1.weight']
    )
    with pytest.raises(ValueError, match='share.*enca_1_downsample.1.weight'):
        convert_official_state_dict(changed)


# --------------------------------------------------------------------- errors


def test_any_single_weight_is_missed(small):
    for weights in small.values():
        for key in list(weights)[:: 1 + len(weights) // 25]:
            if key.endswith('num_batches_tracked'):
                continue
            lacking = {k: v for k, v in weights.items() if k != key}
            with pytest.raises(ValueError, match='missing') as error:
                convert_official_state_dict(lacking)
            assert key in str(error.value)


def test_partial_files_are_refused():
    for shapes in NETWORKS.values():
        keys = list(shapes)[: 2 * len(shapes) // 3]
        component = {
            key: torch.empty(shapes[key], device='meta') for key in keys
        }
        with pytest.raises(ValueError, match='missing|no official network'):
            convert_official_state_dict(component)


def test_error_counts_and_names_all_kinds_of_problems(small):
    weights = dict(small['netG'])
    del weights['dec_fuse.0.weight'], weights['dec_output.1.bias']
    for key in [key for key in weights if key.startswith('dec_0_res_')]:
        del weights[key]
    weights['foo.bar'] = torch.ones(1)
    weights['enca_pre_conv.1.bias'] = torch.ones(7)
    with pytest.raises(ValueError) as error:
        convert_official_state_dict(weights)
    message = str(error.value)
    gone = sum(
        key.startswith('dec_0_res_') and 'num_' not in key
        for key in small['netG']
    )
    for text in (
        f'{gone + 2} of ',
        ' are missing: ',
        '1 are of another shape: enca_pre_conv.1.bias is (7,), not (4,)',
        '1 do not belong to it: foo.bar',
        'fetch it again',
        "netG of mode 'residual' ",
        'num_levels 3',
    ):
        assert text in message, text


def test_more_than_one_network_is_none(small, tmp_path):
    """The authors publish one in each file."""
    mixed = small['netG'] | {
        f'netD.{key}': value for key, value in small['netD'].items()
    }
    with pytest.raises(ValueError, match=r'do not belong.* netD\.model'):
        convert_official_state_dict(mixed)
    torch.save(small, tmp_path / 'all.pth')
    with pytest.raises(ValueError, match="all.pth.*names here are 'netG'"):
        convert_official_checkpoints([tmp_path / 'all.pth'])


def test_several_files_make_the_method(small, tmp_path):
    for name, weights in small.items():
        torch.save(weights, tmp_path / f'{name}.pth')
    checkpoint = convert_official_checkpoints(sorted(tmp_path.iterdir()))
    files = {
        source['component']: source['file']
        for source in checkpoint['meta']['sources']
    }
    assert files == {
        component: f'{name}.pth' for name, component in COMPONENTS.items()
    }
    model = MODELS.build(checkpoint['meta']['model'])
    assert isinstance(model, DIPT)
    model.load_state_dict(checkpoint['state_dict'], strict=True)


@pytest.mark.parametrize(
    ('content', 'reason'),
    [
        ({'layer4.weight': torch.zeros(1)}, "names here are 'layer4.weight'"),
        ({}, 'names here are none'),
        ([1], 'this is a list'),
        (None, 'a NoneType'),
        ({1: 2, 'a': {}}, "1, 'a'"),
        ({'model.0.weight': 'text'}, "'model.0.weight'"),
    ],
)
def test_what_holds_no_official_network(content, reason):
    with pytest.raises(ValueError, match='no official network') as error:
        convert_official_state_dict(content)
    assert reason in str(error.value)


def test_no_files():
    with pytest.raises(ValueError, match='No files'):
        convert_official_checkpoints([])
