"""Our networks are the paper's, weight for weight and value for value."""

from functools import cache

import official_reference as reference
import pytest
import torch
from official_layout import SMALL, net_g, random_weights
from official_networks import (
    NETWORKS,
    kept,
    official_inputs,
    official_outputs,
    official_state_dict,
)

from mmposetransfer.models import convert_official_state_dict, warp_image
from mmposetransfer.registry import MODELS

PARAMETERS = dict(
    netG_residual=11.88,
    netG_none=9.99,
    netG_res_no_vis=10.84,
    netG_single=8.36,
    netPW=8.36,
    netF_unet=29.34,
    netF_unet_v2=6.59,
    netD=2.79,
)
MODES = ('residual', 'none', 'res_no_vis', 'hard_gate', 'soft_gate')


@pytest.fixture(scope='module', autouse=True)
def no_grad():
    with torch.no_grad():
        yield


@pytest.fixture(scope='module')
def inputs():
    return official_inputs()


@pytest.fixture(scope='module')
def outputs():
    return official_outputs()


@pytest.fixture(scope='module')
def residual(inputs):
    """What the reference computes for the paper's generator."""
    return reference.net_g(
        official('netG_residual')[0], *guide(inputs), 'residual'
    )


@cache
def official(network):
    """An official network's weights, and our module with them."""
    weights = official_state_dict(network)
    return weights, build(weights)


def build(weights, mode=None):
    converted, config = convert_official_state_dict(weights, mode)
    module = MODELS.build(config)
    module.load_state_dict(converted, strict=True)
    return module.eval()


def same(ours, theirs):
    torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=0)


def guide(inputs):
    return (
        inputs['tgt_pose'],
        inputs['ref_img'],
        inputs['flow'],
        inputs['visibility'],
    )


def poses(inputs):
    return torch.cat([inputs['ref_pose'], inputs['tgt_pose']], 1)


# ------------------------------------- the reference, by the official outputs


def test_reference_generator_is_the_official_one(residual, outputs):
    same(kept(residual), outputs['netG_residual'])


def test_reference_flow_regressor_is_the_official_one(inputs, outputs):
    flow, logits, pyramid = reference.net_f_unet(
        official('netF_unet')[0], poses(inputs)
    )
    for value, name in (
        (kept(flow), 'flow'),
        (kept(logits), 'vis'),
        (pyramid[-1], 'pyr_last'),
    ):
        same(value, outputs[f'netF_unet.{name}'])


def test_reference_warp_is_the_official_one(inputs, outputs):
    same(
        kept(
            reference.warp_image(
                inputs['ref_img'], inputs['flow'], inputs['visibility']
            )
        ),
        outputs['warp_ref_image'],
    )


# ----------------------------- our networks, by official outputs and reference


@pytest.mark.parametrize('network', sorted(NETWORKS))
def test_weights_load_strictly(network):
    _, module = official(network)
    millions = sum(p.numel() for p in module.parameters()) / 1e6
    # "Parameters" counts shared tensors once; published to two decimals.
    assert millions == pytest.approx(PARAMETERS[network], abs=0.006)


def test_generator(inputs, outputs, residual):
    _, module = official('netG_residual')
    linear = module.forward_linear(*guide(inputs))
    same(linear, residual)
    same(kept(linear), outputs['netG_residual'])


@pytest.mark.parametrize('mode', ['none', 'res_no_vis'])
def test_generator_of_other_modes(inputs, mode):
    weights, module = official(f'netG_{mode}')
    same(
        module(*guide(inputs)),
        reference.net_g(weights, *guide(inputs), mode).tanh(),
    )


@pytest.mark.parametrize('mode', MODES)
def test_small_generator_of_any_mode(inputs, mode):
    """Also of those that no published network has."""
    weights = random_weights(net_g(mode, warped=2, **SMALL))
    module = build(weights, mode)
    # Gates without weights leave no trace of how many levels they are on.
    levels = module.num_warp_levels
    assert levels == (3 if mode in ('none', 'hard_gate') else 2)
    given = [value[..., 32:96, 32:96] for value in guide(inputs)]
    image = module(*given)
    same(image, reference.net_g(weights, *given, mode, levels).tanh())
    for other in {'none', 'hard_gate'} - {mode}:
        assert not torch.allclose(
            image, reference.net_g(weights, *given, other, levels).tanh()
        )


def test_single_path_generator(inputs):
    weights, module = official('netG_single')
    same(
        module(*guide(inputs)),
        reference.net_g_single(
            weights, inputs['tgt_pose'], inputs['ref_img']
        ).tanh(),
    )


def test_pixel_warping(inputs):
    weights, module = official('netPW')
    given = (
        inputs['ref_img'].flip(-1),
        inputs['ref_img'],
        inputs['flow'],
        inputs['visibility'],
    )
    image, weight, warped = module(*given)
    expected, z = reference.net_pw(weights, *given)
    same(image, expected)
    same(weight, z)
    same(warped, reference.warp_image(*given[1:]))


@pytest.mark.parametrize('network', ['unet', 'unet_v2'])
def test_flow_regressor(inputs, outputs, network):
    weights, module = official(f'netF_{network}')
    prediction = module(inputs['ref_pose'], inputs['tgt_pose'])
    flow, logits, pyramid = getattr(reference, f'net_f_{network}')(
        weights, poses(inputs)
    )
    same(prediction.full, flow)
    same(prediction.logits, logits)
    assert len(prediction.pyramid) == len(pyramid) == 5
    for ours, theirs in zip(prediction.pyramid, pyramid, strict=True):
        same(ours, theirs)
    flow, visibility = reference.in_pixels(flow, logits)
    # Where two classes are as likely, rounding decides.
    likeliest = logits.topk(2, 1).values
    sure = likeliest[:, :1] - likeliest[:, 1:] > 1e-3
    assert sure.float().mean() > 0.98
    assert torch.equal(prediction.visibility[sure], visibility[sure].byte())
    same(prediction.flow * sure, flow * sure)
    if network == 'unet':
        for ours, name in (
            (kept(prediction.full), 'flow'),
            (kept(prediction.logits), 'vis'),
            (prediction.pyramid[-1], 'pyr_last'),
        ):
            same(ours, outputs[f'netF_unet.{name}'])


def test_discriminator(inputs):
    weights, module = official('netD')
    x = torch.cat(
        [inputs['ref_img'], inputs['ref_img'].flip(-1), inputs['tgt_pose']], 1
    )
    expected = reference.net_d(weights, x)
    same(module(x), expected)
    assert expected.std() > 0.01
    # Within the method the losses want logits.
    _, config = convert_official_state_dict(weights)
    module = MODELS.build(dict(config, activation=None)).eval()
    module.load_state_dict(convert_official_state_dict(weights)[0])
    same(module(x).sigmoid(), expected)
    with pytest.raises(ValueError, match="activation .*'sigmoid'.*'relu'"):
        MODELS.build(dict(config, activation='relu'))


def test_warped_image_is_the_official_one(inputs, outputs):
    warped = warp_image(
        inputs['ref_img'], inputs['flow'], inputs['visibility']
    )
    same(kept(warped), outputs['warp_ref_image'])
