"""Pictures that networks get at another size than they have."""

import pytest
import torch
from closeness import assert_near
from mmengine.config import Config
from smallest_models import UNET
from synthetic_batch import PREDICTED, make_batch

from mmposetransfer.apis import find_config
from mmposetransfer.models import DIPT, Canvas, PoseTransferDataPreprocessor
from mmposetransfer.models.stretching import stretch_field
from mmposetransfer.registry import MODELS
from mmposetransfer.structures import FIELDS

PICTURES, NETWORK = (64, 44), (64, 64)


def batch(size=PICTURES):
    height, width = size
    data = make_batch(2, 64)
    for key, values in data['inputs'].items():
        if not key.endswith('keypoints'):
            data['inputs'][key] = [v[..., :height, :width] for v in values]
    return data


def preprocessed(**changes):
    return PoseTransferDataPreprocessor(**changes)(batch())['inputs']


def model(**preprocessing):
    torch.manual_seed(0)
    backbone = dict(type='FlowUNet', **UNET)
    return DIPT(
        flow_regressor=dict(type='FlowRegressor', backbone=backbone),
        generator=dict(type='DualPathGenerator', **UNET, num_warp_levels=1),
        pixel_warping=dict(type='PixelWarping', **UNET),
        data_preprocessor=dict(
            type='PoseTransferDataPreprocessor', **preprocessing
        ),
    ).eval()


def as_canvas(inputs):
    """Without what undoes it: the network's own point of view."""
    return {k: v for k, v in inputs.items() if k not in ('canvas', 'given')}


def test_all_of_a_batch_is_stretched():
    discs = dict(type='DiscPoses', radius=4)
    plain = preprocessed()
    wide = preprocessed(network_size=NETWORK, pose_encoder=discs)
    assert wide['canvas'] == Canvas(PICTURES, (0, 0, 64, 64), NETWORK)
    for name in plain.keys() & FIELDS.keys():
        assert_near(
            wide[name],
            stretch_field(FIELDS[name], plain[name], PICTURES, NETWORK),
        )
    # Discs are drawn at this size: they stay round.
    nose = wide['tgt_keypoints'][0, 0, :2].round()
    y, x = torch.meshgrid(torch.arange(64), torch.arange(64), indexing='ij')
    disc = (x - nose[0]) ** 2 + (y - nose[1]) ** 2 <= 16
    assert disc.any()
    assert torch.equal(wide['tgt_pose'][0, 0] > 0, disc)


def test_a_border_comes_after_the_stretch():
    inputs = preprocessed(network_size=(40, 60), pad_size_divisor=16)
    canvas = inputs['canvas']
    assert canvas == Canvas(PICTURES, (2, 4, 60, 40), (48, 64))
    wide = preprocessed(network_size=(40, 60))
    inside = (..., slice(4, 44), slice(2, 62))
    for name, fill in (('ref_img', 1), ('visibility', 2), ('flow', 0)):
        assert inputs[name].shape[-2:] == (48, 64)
        assert_near(inputs[name][inside], wide[name])
        assert (inputs[name][..., :4, :] == fill).all()
    assert_near(
        inputs['ref_keypoints'],
        wide['ref_keypoints'] + torch.tensor([2.0, 4, 0]),
    )


@pytest.mark.parametrize('size', [PICTURES, list(PICTURES)])
def test_pictures_of_the_networks_size_are_left_alone(size):
    plain, same = preprocessed(), preprocessed(network_size=size)
    assert same.keys() == plain.keys()
    for name, value in plain.items():
        assert torch.equal(same[name], value)


@pytest.mark.parametrize(
    'size', [256, (256,), (0, 176), (256, -1), (25.5, 176), 'large', (3, 2, 1)]
)
def test_what_is_no_size_is_refused(size):
    with pytest.raises(ValueError, match=r"'network_size'.*\(height, width\)"):
        PoseTransferDataPreprocessor(network_size=size)


def test_a_size_that_the_network_cannot_halve_is_refused():
    with pytest.raises(ValueError, match='multiples of 8, got 60x60'):
        model(network_size=(60, 60)).test_step(batch())


@torch.no_grad()
@pytest.mark.parametrize(
    'preprocessing',
    [
        dict(network_size=NETWORK),
        dict(network_size=(40, 60), pad_size_divisor=16),
    ],
)
def test_predictions_have_the_size_of_the_pictures(preprocessing):
    """They are the network's, brought back; what was given is as it was."""
    net = model(**preprocessing)
    inputs = net.data_preprocessor(batch())['inputs']
    left, top, width, height = inputs['canvas'].box
    own = net.predict(as_canvas(inputs))
    given = preprocessed()
    for n, sample in enumerate(net.test_step(batch())):
        for name in PREDICTED:
            cut = own[n].get(name)[None]
            cut = cut[..., top : top + height, left : left + width]
            wanted = stretch_field(
                FIELDS[name], cut, (height, width), PICTURES
            )
            assert sample.get(name).shape[-2:] == PICTURES
            assert_near(sample.get(name), wanted[0])
        for name, field in FIELDS.items():
            if name in given:
                kept = sample.get(field.sample_name)
                assert torch.equal(kept, given[name][n]), name
    image = net(net.data_preprocessor(batch())['inputs'], mode='tensor')
    assert image.shape == (2, 3, *PICTURES)


def test_losses_are_those_of_the_networks_size():
    net = model(network_size=NETWORK)
    net.set_learning(['flow_regressor', 'generator'])
    inputs = net.data_preprocessor(batch(), training=True)['inputs']
    wide = {
        name: value
        for name, value in as_canvas(inputs).items()
        if name in FIELDS or name.endswith('_pose')
    }
    losses = net(inputs, mode='loss')
    assert len(losses) > 3
    assert_near(losses, net(wide, mode='loss'))


def test_the_published_gfla_sees_stretched_pictures():
    """256x176 for data and metrics, 256x256 for the networks."""
    cfg = Config.fromfile(find_config('gfla/official_deepfashion'))
    assert cfg.image_size == (256, 176)
    assert cfg.test_dataloader.dataset['size'] == (256, 176)
    preprocess = MODELS.build(cfg.model.data_preprocessor)
    joints = torch.ones(1, 18, 3)
    joints[..., :2] = torch.tensor([87.5, 100])  # the middle of 176 columns
    picture = torch.zeros(1, 3, 256, 176, dtype=torch.uint8)
    pair = dict(
        ref_img=picture,
        tgt_img=picture,
        ref_keypoints=joints,
        tgt_keypoints=joints,
    )
    inputs = preprocess(dict(inputs=pair))['inputs']
    assert inputs['canvas'].size == (256, 256)
    assert inputs['ref_img'].shape == (1, 3, 256, 256)
    # A Gaussian of sigma 6 at this size, round, in the middle.
    row = inputs['tgt_pose'][0, 0, 100]
    offset = torch.arange(256) - 127.5
    assert_near(row, torch.exp(-(offset**2) / 72))
