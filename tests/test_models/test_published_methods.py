"""Networks that other methods' authors publish become ours, value for value.

Their outputs are compared with those of second implementations on the
published names (``published_patn.py`` and so on).
"""

import re
from pathlib import Path

import numpy as np
import published_gfla
import published_nted
import published_patn
import published_pg2
import pytest
import torch
from mmengine.config import Config
from official_files import convert
from official_layout import random_weights

from mmposetransfer.apis import find_config
from mmposetransfer.models import (
    convert_official_checkpoints,
    convert_official_state_dict,
)
from mmposetransfer.models.methods.pg2 import PG2
from mmposetransfer.models.official_weights.convert import convert_network
from mmposetransfer.registry import MODELS

TENSORFLOW = Path(__file__).parents[1] / 'data' / 'pg2_tensorflow'


@pytest.fixture(scope='module', autouse=True)
def no_grad():
    with torch.no_grad():
        yield


def noise(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(*shape, generator=generator) * 2 - 1


def ours(state):
    """Our module with published weights, and its config."""
    weights, config = convert_official_state_dict(state)
    module = MODELS.build(config)
    module.load_state_dict(weights, strict=True)
    return module.eval(), config


def same(found, expected, tolerance=1e-4):
    assert expected.std() > 0.01  # nothing that is the same whatever is done
    torch.testing.assert_close(found, expected, atol=tolerance, rtol=0)


def refused_without_any_weight(shapes, needless=()):
    """Whatever weight is left out is named."""
    for key in list(shapes)[:: 1 + len(shapes) // 25]:
        if key.endswith(needless):
            continue
        lacking = random_weights({k: v for k, v in shapes.items() if k != key})
        with pytest.raises(ValueError, match='missing') as error:
            convert_official_state_dict(lacking)
        assert key in str(error.value)


# ----------------------------------------------------------------------- PATN

SMALL = dict(ngf=4, blocks=2)


@pytest.mark.parametrize('dropout', [True, False])
@pytest.mark.parametrize('norm', ['instance', 'batch'])
def test_patn_generator(norm, dropout):
    shapes = published_patn.shapes(norm=norm, dropout=dropout, **SMALL)
    state = random_weights(shapes)
    generator, config = ours(state)
    assert config == dict(
        type='PATNGenerator',
        base_channels=4,
        num_levels=2,
        num_blocks=2,
        pose_channels=36,
        norm=norm,
        dropout=0.5 if dropout else 0,
    )
    inputs = noise(2, 3, 24, 16), noise(2, 18, 24, 16), noise(2, 18, 24, 16)
    same(generator(*inputs), published_patn.generator(state, *inputs))


@pytest.mark.parametrize('norm', ['instance', 'batch'])
@pytest.mark.parametrize(
    ('channels', 'component'), [(6, 'appearance'), (21, 'shape')]
)
def test_patn_discriminators(channels, component, norm):
    state = random_weights(
        published_patn.discriminator_shapes(channels, 4, norm=norm)
    )
    module, config = ours(state)
    assert config['in_channels'] == channels and config['norm'] == norm
    x = noise(2, channels, 24, 16)
    same(module(x), published_patn.discriminator(state, x))


@pytest.mark.parametrize(
    ('name', 'norm'),
    [
        ('patn_deepfashion_patn_256x176', 'instance'),
        ('patn_market1501', 'batch'),
    ],
)
def test_published_sizes_are_those_of_the_configs(name, norm):
    config = Config.fromfile(find_config(f'patn/{name}')).model.generator
    shapes = published_patn.shapes(norm=norm)
    converted, found = convert_official_state_dict(random_weights(shapes))
    MODELS.build(config).load_state_dict(converted, strict=True)
    assert {**found, 'pose_channels': 36} == {**config, 'pose_channels': 36}


@pytest.mark.parametrize('norm', ['instance', 'batch'])
def test_patn_is_refused_if_not_whole(norm):
    unused = 'running_mean', 'running_var'
    needless = unused if norm == 'instance' else ()
    refused_without_any_weight(
        published_patn.shapes(norm=norm, **SMALL), needless
    )
    refused_without_any_weight(
        published_patn.discriminator_shapes(6, 4, norm=norm), needless
    )


def test_statistics_that_torch_0_3_stored_may_be_absent():
    """Their own tool takes them out, for torch 1."""
    state = random_weights(published_patn.shapes(**SMALL))
    plain = {k: v for k, v in state.items() if 'running' not in k}
    assert len(plain) < len(state)
    first, second = (convert_official_state_dict(s)[0] for s in (state, plain))
    assert first.keys() == second.keys()
    assert all(torch.equal(first[key], second[key]) for key in first)


def test_patn_of_another_branch_is_refused():
    state = {'model.stream1_down.0.1.weight': noise(64, 3, 7, 7)}
    with pytest.raises(ValueError, match='PATN_Fine'):
        convert_official_state_dict(state)


# ----------------------------------------------------------------------- GFLA

SMALL_FLOW = dict(first=4, most=16, depth=4)


def gfla_state(shapes, seed=0):
    """Random weights; a layer under two names is one, and flow is large."""
    state = random_weights(shapes, seed)
    for name in state:
        if '.conv1.' in name:
            state[name] = state[name.replace('.conv1.', '.model.2.')].clone()
        if '.output' in name:
            state[name] = 3 * state[name]
    return state


def gfla_inputs(height=32, width=16):
    return noise(2, 3, height, width), *noise(2, 2, 18, height, width, seed=1)


@pytest.mark.parametrize('blocks', [1, 2, 3])
@pytest.mark.parametrize('kernels', [{2: 5, 3: 3}, {2: 3}])
def test_gfla(kernels, blocks):
    """Both networks of net_G, as on DeepFashion and on Market-1501."""
    shapes = published_gfla.shapes(
        4, 3, kernels, blocks, hidden=6, **SMALL_FLOW
    )
    state = gfla_state(shapes)
    model, config = ours(state)
    assert config['generator']['kernel_sizes'] == tuple(
        kernels[level] for level in sorted(kernels)
    )
    assert config['flow_net']['flow_levels'] == tuple(sorted(kernels))
    ref_img, ref_pose, tgt_pose = gfla_inputs()
    flows, masks = model.flow_net(ref_img, ref_pose, tgt_pose)
    expected = published_gfla.flow_net(state, ref_img, ref_pose, tgt_pose)
    for level, flow, mask in zip(sorted(kernels), flows, masks, strict=True):
        same(flow, expected[level][0])
        same(mask, expected[level][1])
        assert flow.abs().max() > 2  # pixels: beyond borders, too
    same(
        model.generator(tgt_pose, ref_img, flows, masks),
        published_gfla.net_g(state, ref_img, ref_pose, tgt_pose),
    )


def test_gfla_flow_network_of_the_first_stage():
    state = gfla_state(published_gfla.flow_shapes(**SMALL_FLOW))
    module, config = ours(state)
    assert config['type'] == 'GFLAFlowNet' and config['pose_channels'] == 18
    inputs = gfla_inputs()
    for level, flow in zip((2, 3), module(*inputs).flows, strict=True):
        same(flow, published_gfla.flow_net(state, *inputs)[level][0])


@pytest.mark.parametrize(
    'sizes', [published_gfla.FASHION, published_gfla.MARKET]
)
def test_published_sizes_of_gfla(sizes):
    state = gfla_state(published_gfla.shapes(**sizes))
    weights, config = convert_official_state_dict(state)
    generator, levels = config['generator'], tuple(sizes['kernels'])
    assert generator == dict(
        type='GFLAGenerator',
        pose_channels=18,
        base_channels=64,
        max_channels=256,
        num_levels=3,
        num_blocks=2,
        warp_levels=levels,
        kernel_sizes=tuple(sizes['kernels'].values()),
        hidden_channels=128,
        as_published=True,
    )
    preprocess = config['data_preprocessor']
    assert preprocess['pose_encoder'] == dict(type='GaussianPoses', sigma=6)
    stretched = (256, 256) if sizes is published_gfla.FASHION else None
    assert preprocess.get('network_size') == stretched
    MODELS.build(config).load_state_dict(weights, strict=True)


def test_gfla_from_the_command_line_stretches(tmp_path):
    """The config that is written makes pictures of 256x176 as they came."""
    shapes = published_gfla.shapes(4, 3, {2: 5, 3: 3}, hidden=6, **SMALL_FLOW)
    torch.save(gfla_state(shapes), tmp_path / 'latest_net_G.pth')
    out, config = tmp_path / 'gfla.pth', tmp_path / 'model.py'
    code, _ = convert(
        tmp_path / 'latest_net_G.pth', out, '--config-out', config
    )
    assert code is None
    model = MODELS.build(Config.fromfile(config).model).eval()
    checkpoint = torch.load(out, weights_only=True)
    model.load_state_dict(checkpoint['state_dict'], strict=True)
    assert checkpoint['meta']['model'] == Config.fromfile(config).model
    pictures = torch.zeros(2, 1, 3, 256, 176, dtype=torch.uint8)
    poses = 100 * torch.ones(2, 1, 18, 3)
    names = 'ref_img', 'tgt_img', 'ref_keypoints', 'tgt_keypoints'
    inputs = dict(zip(names, (*pictures, *poses), strict=True))
    seen = model.data_preprocessor(dict(inputs=inputs))['inputs']
    assert seen['ref_img'].shape[-2:] == seen['tgt_pose'].shape[-2:]
    assert seen['ref_img'].shape[-2:] == (256, 256)
    (sample,) = model.test_step(dict(inputs=inputs))
    for name in ('pred_img', 'pred_flow', 'weight_map', 'gt_img'):
        assert sample.get(name).shape[-2:] == (256, 176)


def test_gfla_is_refused_if_not_whole():
    shapes = published_gfla.shapes(4, 3, {2: 5, 3: 3}, hidden=6, **SMALL_FLOW)
    twins = tuple(key for key in shapes if '.conv1.' in key)
    refused_without_any_weight(shapes, twins)


def test_gfla_layer_that_differs_under_its_two_names():
    shapes = published_gfla.shapes(4, 3, {2: 3}, hidden=6, **SMALL_FLOW)
    state = gfla_state(shapes)
    state['flow_net.jump1.conv1.weight'] += 1
    with pytest.raises(ValueError, match=r'jump1\.conv1\.weight.*differ'):
        convert_official_state_dict(state)


def test_gfla_discriminator_is_refused():
    state = {'block0.model.1.weight_orig': noise(4, 3, 3, 3)}
    with pytest.raises(ValueError, match='net_D cannot be converted'):
        convert_official_state_dict(state)


# ----------------------------------------------------------------------- NTED

SMALL_NTED = dict(
    channels=(4, 8, 12, 12), textures=(5, 4, 3), kernels=(3, 3, 1)
)


def nted_state(shapes):
    """Random weights, of the size that layers scale; and the filters."""
    state = random_weights(shapes)
    for name, value in state.items():
        if name.endswith('upsample.kernel') or 'conv0.blur' in name:
            state[name] = 4 * published_nted.BLUR
        elif name.endswith('.kernel'):
            state[name] = published_nted.BLUR
        elif value.ndim == 4:
            state[name] = value * value[0].numel() ** 0.5
        elif 'activate' in name:
            state[name] = 10 * value  # of order 1, as much as the features
    return state


def test_nted():
    state = nted_state(published_nted.shapes(**SMALL_NTED))
    generator, config = ours(state)
    assert config == dict(
        type='NTEDGenerator',
        pose_channels=20,
        base_channels=4,
        max_channels=12,
        num_levels=3,
        num_textures=(5, 4, 3),
        match_kernels=(3, 3, 1),
        bias_last=True,
    )
    inputs = noise(2, 3, 32, 24), noise(2, 20, 32, 24, seed=1)
    same(generator(*inputs)[0], published_nted.generator(state, *inputs))


def test_nted_with_biases_before_the_textures_is_another():
    state = nted_state(published_nted.shapes(**SMALL_NTED))
    weights, config = convert_official_state_dict(state)
    generator = MODELS.build(dict(config, bias_last=False))
    generator.load_state_dict(weights)
    inputs = noise(2, 3, 32, 24), noise(2, 20, 32, 24, seed=1)
    expected = published_nted.generator(state, *inputs)
    assert (generator(*inputs)[0] - expected).abs().max() > 0.1


@pytest.mark.parametrize(
    ('sizes', 'found'),
    [
        (published_nted.SIZE_256, dict(base_channels=128, num_levels=4)),
        (published_nted.SIZE_512, dict(base_channels=64, num_levels=5)),
    ],
)
def test_published_sizes_of_nted(sizes, found):
    state = nted_state(published_nted.shapes(**sizes))
    weights, config = convert_official_state_dict(state)
    assert config.items() >= dict(found, max_channels=512).items()
    assert config['num_textures'] == sizes['textures']
    assert config['match_kernels'] == sizes['kernels']
    MODELS.build(config).load_state_dict(weights, strict=True)


def test_nted_as_its_trainer_stores_it():
    """Of the two generators in there, the moving average."""
    state = nted_state(published_nted.shapes(**SMALL_NTED))
    stored = dict(
        net_G={f'module.{key}': value + 1 for key, value in state.items()},
        net_D={},
        net_G_ema=state,
        opt_G=dict(state={}, param_groups=[]),
        current_epoch=2,
    )
    expected, _ = convert_official_state_dict(state)
    found, _ = convert_official_state_dict(stored)
    assert all(torch.equal(found[key], expected[key]) for key in expected)


def test_nted_is_refused_if_not_whole_or_filtered_otherwise():
    shapes = published_nted.shapes(**SMALL_NTED)
    refused_without_any_weight(shapes, ('.kernel',))
    state = nted_state(shapes)
    state['reference_encoder.convs.1.blur.kernel'] = torch.ones(4, 4) / 16
    with pytest.raises(ValueError, match=r'convs\.1\.blur\.kernel'):
        convert_official_state_dict(state)


# ------------------------------------------------------------------------ PG2

SMALL_PG2 = [
    dict(hidden=4, levels=4, size=(4, 4), finest=True),
    dict(hidden=4, levels=4, size=(4, 2), finest=False),
]


def pg2_state(sizes):
    """Random variables, of the size that lets all layers count."""
    state = random_weights(published_pg2.shapes(**sizes))
    for name, value in state.items():
        if name.endswith('weights'):
            inputs = value[..., 0].numel()
            scale = value.std() * inputs**0.5 / 2**0.5
            state[name] = value / scale
    return state


@pytest.mark.parametrize('sizes', SMALL_PG2)
def test_pg2(sizes):
    """As on DeepFashion and on Market-1501, of which one is no square."""
    state = pg2_state(sizes)
    model, config = ours(state)
    assert config['generator_coarse']['bottleneck_size'] == sizes['size']
    assert config['generator_refine']['finest_skip'] == sizes['finest']
    height, width = (8 * side for side in sizes['size'])
    ref_img, tgt_pose = noise(2, height, width, 3), noise(2, height, width, 18)
    coarse, missing = published_pg2.generators(
        state, ref_img, tgt_pose, **sizes
    )
    scale = 1e-5 * coarse.abs().max(), 1e-5 * missing.abs().max()
    expected = coarse.permute(0, 3, 1, 2), missing.permute(0, 3, 1, 2)
    ref_img, tgt_pose = (x.permute(0, 3, 1, 2) for x in (ref_img, tgt_pose))
    same(model.generator_coarse(ref_img, tgt_pose), expected[0], scale[0])
    same(model.generator_refine(expected[0], ref_img), expected[1], scale[1])


def test_pg2_as_tensorflow_stores_and_computes_it():
    """Small networks that TensorFlow 2.15 made, with slim as the authors."""
    checkpoint = convert_official_checkpoints([TENSORFLOW / 'model.ckpt-0'])
    assert checkpoint['meta']['sources'][0]['file'] == 'model.ckpt-0.index'
    model = MODELS.build(checkpoint['meta']['model']).eval()
    assert isinstance(model, PG2)
    model.load_state_dict(checkpoint['state_dict'], strict=True)
    with np.load(TENSORFLOW / 'pictures.npz') as file:
        pictures = {
            name: torch.from_numpy(value).permute(0, 3, 1, 2).float()
            for name, value in file.items()
        }
    ref_img, coarse = pictures['ref_img'], pictures['coarse']
    same(model.generator_coarse(ref_img, pictures['tgt_pose']), coarse)
    same(model.generator_refine(coarse, ref_img), pictures['missing'])


@pytest.mark.parametrize(
    'sizes', [published_pg2.DEEPFASHION, published_pg2.MARKET]
)
def test_published_sizes_of_pg2(sizes):
    shapes = published_pg2.shapes(**sizes)
    state = {name: torch.zeros(shape) for name, shape in shapes.items()}
    weights, config = convert_official_state_dict(state)
    assert config['generator_coarse'] == dict(
        type='PG2CoarseGenerator',
        bottleneck_size=sizes['size'],
        pose_channels=18,
        base_channels=128,
        num_levels=sizes['levels'],
        code_channels=64,
        tf_padding=True,
    )
    assert config['generator_refine'] == dict(
        type='PG2NarrowRefineGenerator',
        base_channels=128,
        num_levels=sizes['levels'] - 2,
        finest_skip=sizes['finest'],
    )
    with torch.device('meta'):
        model = MODELS.build(config)
    found = {key: value.shape for key, value in model.state_dict().items()}
    found.pop('pending_components', None)
    assert found == {key: value.shape for key, value in weights.items()}


@pytest.mark.parametrize('sizes', SMALL_PG2)
def test_pg2_is_refused_if_not_whole(sizes):
    refused_without_any_weight(published_pg2.shapes(**sizes))


# --------------------------------------------------------- files and methods


PUBLISHED = [
    ('patn/official_deepfashion', published_patn.shapes()),
    ('patn/patn_market1501', published_patn.shapes(norm='batch')),
    (
        'gfla/official_deepfashion',
        published_gfla.shapes(**published_gfla.FASHION),
    ),
    (
        'gfla/official_market1501',
        published_gfla.shapes(**published_gfla.MARKET),
    ),
    (
        'nted/official_deepfashion_256x176',
        published_nted.shapes(**published_nted.SIZE_256),
    ),
    (
        'nted/official_deepfashion_512x352',
        published_nted.shapes(**published_nted.SIZE_512),
    ),
    (
        'pg2/official_deepfashion',
        published_pg2.shapes(**published_pg2.DEEPFASHION),
    ),
    (
        'pg2/official_market1501',
        published_pg2.shapes(**published_pg2.MARKET),
    ),
]


def without_values(shapes):
    """Weights of these shapes that take no memory."""
    return {
        # Values of filters are looked at, and of layers with two names.
        key: published_nted.BLUR
        if key.endswith('.kernel')
        else torch.empty(shape, device='meta')
        for key, shape in shapes.items()
        if not re.search(r'(outconv|jump\d)\.conv1', key)
    }


@pytest.mark.parametrize(('name', 'shapes'), PUBLISHED)
def test_configs_written_show_what_the_shipped_ones_do(name, shapes):
    """Poses are drawn as the authors had them, borders are as narrow."""
    _, network = convert_network(without_values(shapes))
    config = Config.fromfile(find_config(name)).model.data_preprocessor
    poses = torch.tensor([90.0, 200.0, 1.0]) * torch.rand(2, 18, 3)
    pictures = torch.zeros(2, 3, 250, 170, dtype=torch.uint8)
    names = 'ref_img', 'tgt_img', 'ref_keypoints', 'tgt_keypoints'
    batch = dict(
        zip(names, (*pictures[:, None], *poses[:, None]), strict=True)
    )
    written, shipped = (
        MODELS.build(c)(dict(inputs=batch))['inputs']
        for c in (network.data_preprocessor, config)
    )
    for key in 'ref_img', 'ref_pose', 'tgt_pose':
        assert (key in written) == (key in shipped)
        if key in shipped:
            assert torch.equal(written[key], shipped[key]), key


@pytest.mark.parametrize(('name', 'shapes'), PUBLISHED)
def test_shipped_configs_are_those_of_published_files(name, shapes):
    """In sizes and in what the shapes do not show."""
    weights, found = convert_official_state_dict(without_values(shapes))
    several = found['type'] in ('GFLA', 'PG2')
    if not several:
        weights = {f'generator.{key}': v for key, v in weights.items()}
        found = dict(generator=found)
    shipped = Config.fromfile(find_config(name)).model
    for component in found.keys() - {'type'}:
        config, given = found[component], shipped[component]
        with torch.device('meta'):
            module = MODELS.build(given)
        start = f'{component}.'
        module.load_state_dict(
            {
                key.removeprefix(start): value
                for key, value in weights.items()
                if key.startswith(start)
            },
            strict=True,
        )
        told = {
            key: value
            for key, value in config.items()
            if key
            in ('type', 'norm', 'dropout', 'bottleneck_size', 'network_size')
            or isinstance(value, bool)
        }
        assert told.items() <= dict(given).items()


@pytest.mark.parametrize(
    'shapes',
    [
        published_patn.shapes(),
        published_patn.shapes(norm='batch'),
        published_gfla.shapes(**published_gfla.FASHION),
        published_gfla.flow_shapes(),
        published_nted.shapes(**published_nted.SIZE_256),
        published_pg2.shapes(**published_pg2.DEEPFASHION),
    ],
)
def test_partial_files_are_refused(shapes):
    """The first or the last part of the published weights."""
    names = list(shapes)
    third = len(names) // 3
    for kept in (names[:third], names[third:], names[: 2 * third]):
        state = {
            name: torch.empty(shapes[name], device='meta') for name in kept
        }
        with pytest.raises(
            ValueError, match='missing|no official network|do not belong'
        ):
            convert_official_state_dict(state)


def test_a_generator_alone_is_a_whole_method(tmp_path):
    """A pose can be transferred with it; with a discriminator it cannot."""
    state = random_weights(published_patn.shapes(**SMALL))
    torch.save(state, tmp_path / 'latest_net_netG.pth')
    judge = random_weights(published_patn.discriminator_shapes(21, 4))
    torch.save(judge, tmp_path / 'latest_net_netD_PB.pth')
    whole = convert_official_checkpoints([tmp_path / 'latest_net_netG.pth'])
    assert whole['meta']['model']['type'] == 'PATN'
    assert all(key.startswith('generator.') for key in whole['state_dict'])
    alone = convert_official_checkpoints([tmp_path / 'latest_net_netD_PB.pth'])
    assert alone['meta']['model']['type'] == 'ResidualDiscriminator'
    both = convert_official_checkpoints(sorted(tmp_path.iterdir()))
    MODELS.build(both['meta']['model']).load_state_dict(both['state_dict'])
    assert set(both['meta']['model']) == {
        'type',
        'data_preprocessor',
        'generator',
        'discriminator_shape',
    }


def test_networks_of_two_methods_are_not_mixed(tmp_path):
    torch.save(
        random_weights(published_patn.shapes(**SMALL)), tmp_path / 'patn.pth'
    )
    torch.save(
        gfla_state(published_gfla.flow_shapes(**SMALL_FLOW)),
        tmp_path / 'gfla.pth',
    )
    files = tmp_path / 'patn.pth', tmp_path / 'gfla.pth'
    with pytest.raises(ValueError, match=r'gfla.*of GFLA.*patn.*of PATN'):
        convert_official_checkpoints(files)


def test_from_the_command_line_with_a_config(tmp_path):
    """A checkpoint of TensorFlow, and what can be built of it."""
    out, config = tmp_path / 'pg2.pth', tmp_path / 'model.py'
    code, said = convert(
        TENSORFLOW / 'model.ckpt-0.index', out, '--config-out', config
    )
    assert code is None
    assert "model.ckpt-0.index: PG2's generators -> generator_coarse" in said
    assert "PG2's generators -> generator_refine" in said
    assert 'not there: discriminator' in said
    checkpoint = torch.load(out, weights_only=True)
    model = MODELS.build(Config.fromfile(config).model)
    model.load_state_dict(checkpoint['state_dict'], strict=True)
