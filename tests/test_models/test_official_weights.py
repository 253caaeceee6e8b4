"""Official weights are recognised wherever and whatever size they are."""

import copy
from collections import OrderedDict

import official_layout as layout
import pytest
import torch
from mmengine.config import Config, ConfigDict
from official_layout import random_weights, small_networks
from official_networks import NETWORKS

from mmposetransfer.apis import find_config
from mmposetransfer.models import (
    DIPT,
    convert_official_checkpoints,
    convert_official_state_dict,
)
from mmposetransfer.registry import MODELS

PARTS = dict(
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


def test_soft_gate_however_deep_and_without_bias():
    weights = random_weights(
        layout.net_g('soft_gate', **layout.SMALL, warped=1)
    )
    nested = {
        key.replace('_vis_0.conv.', '_vis_0.conv.1.'): value
        for key, value in weights.items()
    }
    nested.pop('enca_0_vis_1.conv.bias')
    module, _ = load(nested)
    first, second = (warping.gate.mask[1] for warping in module.warpings[0])
    assert torch.equal(first.bias, weights['enca_0_vis_0.conv.bias'])
    assert torch.equal(second.weight, weights['enca_0_vis_1.conv.weight'])
    assert not second.bias.any()


# ----------------------------------------------------------------- wrappings


def wrap(weights):
    """State dicts as they come: name -> content."""
    prefixed = {f'module.{key}': value for key, value in weights.items()}
    optimizer = dict(
        state={0: dict(step=3, exp_avg=torch.ones(2))},
        param_groups=[dict(lr=1e-4)],
    )
    return dict(
        bare=weights,
        ordered=OrderedDict(weights),
        module=prefixed,
        twice={f'module.{key}': v for key, v in prefixed.items()},
        part_of_method={f'netX.module.{key}': v for key, v in weights.items()},
        state_dict=dict(state_dict=weights, epoch=3, best=torch.ones(())),
        params=dict(params=ConfigDict(prefixed), optimizer=optimizer),
        deep=dict(
            a=dict(model=prefixed, b=[1]), optimizer=optimizer, none=None
        ),
    )


@pytest.mark.parametrize('network', ['netG', 'netPW', 'netF', 'netD'])
def test_weights_are_found_in_any_wrapping(small, network):
    expected, config = convert_official_state_dict(small[network])
    for name, content in wrap(small[network]).items():
        found, found_config = convert_official_state_dict(content)
        assert found_config == config, name
        assert found.keys() == expected.keys(), name
        assert all(torch.equal(found[key], expected[key]) for key in found)


def test_several_networks_in_one_file(small, tmp_path):
    together = [
        dict(small, optimizer=dict(state={})),
        {
            f'{name}.{key}': value
            for name, weights in small.items()
            for key, value in weights.items()
        }
        | {'vgg.features.0.weight': torch.ones(1)},
        dict(models=list(small.values()), optimizers=[dict(state={})]),
    ]
    for number, content in enumerate(together):
        with pytest.raises(ValueError, match='4 networks.*netPW at'):
            convert_official_state_dict(content)
        torch.save(content, tmp_path / 'all.pth')
        checkpoint = convert_official_checkpoints([tmp_path / 'all.pth'])
        places = {
            source['part']: source['place']
            for source in checkpoint['meta']['sources']
        }
        assert places == {
            part: f'models.{i}' if number == 2 else name
            for i, (name, part) in enumerate(PARTS.items())
        }
        model = MODELS.build(checkpoint['meta']['model'])
        assert isinstance(model, DIPT)
        model.load_state_dict(checkpoint['state_dict'], strict=True)


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


def test_shared_layers_under_one_name(small):
    expected, _ = convert_official_state_dict(small['netG'])
    for path in ('encp', 'enca'):
        once = {
            key: value
            for key, value in small['netG'].items()
            if not (key.startswith(path) and '_downsample' in key)
        }
        assert len(once) < len(small['netG'])
        found, _ = convert_official_state_dict(once)
        assert all(torch.equal(found[key], expected[key]) for key in expected)
    changed = dict(small['netG'])
    changed['enca_1_downsample.1.weight'] = torch.zeros_like(
        changed['enca_1_downsample.1.weight']
    )
    with pytest.raises(ValueError, match='share.*enca_1_downsample.1.weight'):
        convert_official_state_dict(changed)


# --------------------------------------------------------------------- errors


def test_any_single_weight_is_missed(small):
    for name, weights in small.items():
        for key in list(weights)[:: 1 + len(weights) // 25]:
            if (
                '_downsample' in key
                and name == 'netG'
                or key.endswith('num_batches_tracked')
            ):
                continue
            lacking = {k: v for k, v in weights.items() if k != key}
            with pytest.raises(ValueError, match='missing') as error:
                convert_official_state_dict(lacking)
            assert key in str(error.value)


def test_partial_files_are_told_apart():
    """Any half of an official network is known, and what it lacks listed."""
    names = dict(
        netG_residual="netG of mode 'residual'",
        netPW='netPW',
        netF_unet='netF_unet',
        netF_unet_v2='netF_unet_v2',
        netG_single='netG_single',
        netD='netD',
    )
    for network, label in names.items():
        shapes = NETWORKS[network]
        keys = list(shapes)
        half = {
            key: torch.empty(shapes[key], device='meta')
            for key in keys[: 2 * len(keys) // 3]
        }
        with pytest.raises(ValueError, match='are missing') as error:
            convert_official_state_dict(half)
        assert f'weights of {label} (' in str(error.value)
        lacks = keys[-1].split('.')[0]
        assert lacks in str(error.value)


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
    counters = sum(
        key.startswith('dec_0_res_') and 'num_' not in key
        for key in small['netG']
    )
    assert f'{counters + 2} of {len(small["netG"])} are missing' in message
    for part in (
        'dec_fuse.* (1)',
        'dec_output.* (1)',
        'dec_0_res_1.* (10)',
        '1 do not belong to it: foo.bar',
        'fetch it again',
        'enca_pre_conv.1.bias is (7,), not (4,)',
        "netG of mode 'residual' ",
        'num_levels 3',
    ):
        assert part in message, part


def test_another_network_among_the_weights_of_one(small):
    mixed = small['netG'] | {
        f'netD.{key}': value for key, value in small['netD'].items()
    }
    with pytest.raises(ValueError, match=r'do not belong.* netD\.\* \('):
        convert_official_state_dict(mixed)


def test_one_odd_shape_does_not_hide_the_network(small):
    """The stem is what the width is read from, with others."""
    for network, stem in (
        ('netG', 'encp_pre_conv.0.weight'),
        ('netPW', 'pre_conv.0.weight'),
        ('netF', 'conv_downsample.1.weight'),
    ):
        weights = dict(small[network])
        weights[stem] = torch.ones(9, *weights[stem].shape[1:])
        with pytest.raises(ValueError, match=f'1 are of another.*{stem}'):
            convert_official_state_dict(weights)


@pytest.mark.parametrize(
    ('content', 'reason'),
    [
        ({'layer4.weight': torch.zeros(1)}, "names here are 'layer4.weight'"),
        ({}, 'names here are none'),
        ([1], 'this is a list'),
        (None, 'a NoneType'),
        ({1: 2, 'a': {}}, "'1', 'a'"),
        ({'generator.fuse.0.weight': torch.zeros(1)}, 'already'),
    ],
)
def test_what_holds_no_official_network(content, reason):
    with pytest.raises(ValueError, match='no official network') as error:
        convert_official_state_dict(content)
    assert reason in str(error.value)


def test_no_files():
    with pytest.raises(ValueError, match='No files'):
        convert_official_checkpoints([])


def test_a_dict_within_itself():
    content = dict(epoch=1)
    content['again'] = content
    with pytest.raises(ValueError, match='no official network'):
        convert_official_state_dict(content)
