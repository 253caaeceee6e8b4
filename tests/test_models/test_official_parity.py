"""Our networks are the paper's, weight for weight."""

import pytest
import torch
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
    netG_residual=11.88, netG_none=9.99, netG_res_no_vis=10.84,
    netG_single=8.36, netPW=8.36, netF_unet=29.34, netF_unet_v2=6.59,
    netD=2.79)


@pytest.fixture(scope='module')
def inputs():
    return official_inputs()


@pytest.fixture(scope='module')
def outputs():
    return official_outputs()


def build(network):
    weights, config = convert_official_state_dict(
        official_state_dict(network))
    module = MODELS.build(config)
    module.load_state_dict(weights, strict=True)
    return module.eval()


@pytest.mark.parametrize('network', sorted(NETWORKS))
def test_weights_load_strictly(network):
    module = build(network)
    millions = sum(p.numel() for p in module.parameters()) / 1e6
    # "Parameters" counts shared tensors once; published to two decimals.
    assert millions == pytest.approx(PARAMETERS[network], abs=0.006)


@torch.no_grad()
def test_generator_gives_the_official_output(inputs, outputs):
    module = build('netG_residual')
    args = (inputs['tgt_pose'], inputs['ref_img'], inputs['flow'],
            inputs['visibility'])
    linear = module.forward_linear(*args)
    torch.testing.assert_close(
        kept(linear), outputs['netG_residual'], atol=1e-4, rtol=0)
    torch.testing.assert_close(module(*args), linear.tanh())


@torch.no_grad()
def test_flow_regressor_gives_the_official_output(inputs, outputs):
    prediction = build('netF_unet')(inputs['ref_pose'], inputs['tgt_pose'])
    for ours, name in ((kept(prediction.full), 'flow'),
                       (kept(prediction.logits), 'vis'),
                       (prediction.pyramid[-1], 'pyr_last')):
        torch.testing.assert_close(
            ours, outputs[f'netF_unet.{name}'], atol=1e-4, rtol=0)
    body = prediction.visibility < 2
    torch.testing.assert_close(
        prediction.flow, prediction.full * 20 * body)


def test_warped_image_is_the_official_one(inputs, outputs):
    warped = warp_image(inputs['ref_img'], inputs['flow'],
                        inputs['visibility'])
    torch.testing.assert_close(
        kept(warped), outputs['warp_ref_image'], atol=1e-4, rtol=0)


def test_foreign_weights_are_refused():
    with pytest.raises(ValueError, match='official network'):
        convert_official_state_dict({'layer4.weight': torch.zeros(1)})


def test_pixel_warping_takes_its_inputs_in_the_official_order(inputs):
    """Each slice of the stem's weights sees its input, and no other."""
    module = build('netPW')
    given = dict(generated=inputs['ref_img'].flip(-1),
                 ref_img=inputs['ref_img'], flow=inputs['flow'],
                 visibility=inputs['visibility'])
    # The warped image is made of all but the generated one.
    sees = [(slice(0, 3), {'generated'}),
            (slice(3, 6), {'ref_img', 'flow', 'visibility'}),
            (slice(6, 7), {'visibility'}), (slice(7, 9), {'flow'})]
    stem = module.stem[0].weight
    whole = stem.detach().clone()
    for channels, names in sees:
        with torch.no_grad():
            stem.zero_()
            stem[:, channels] = whole[:, channels]
            weight = module(**given)[1]
            for name, value in given.items():
                changed = dict(given, **{name: value.roll(7, -1)})
                same = torch.equal(module(**changed)[1], weight)
                assert same == (name not in names), (channels, name)
