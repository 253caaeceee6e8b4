"""Official checkpoints from file to picture and to measured numbers."""

import json
import pickle

import cv2
import numpy as np
import official_reference as reference
import pytest
import torch
from mmengine.config import Config
from official_files import ROOT, convert, load, run_tool, save_old
from official_layout import net_f_unet_v2, random_weights, small_networks
from official_networks import NETWORKS, official_state_dict

from mmposetransfer.apis import PoseTransferInferencer, find_config
from mmposetransfer.registry import MODELS

WHOLE = dict(
    netF='netF_unet', netG='netG_residual', netPW='netPW', netD='netD'
)


def same(ours, theirs):
    torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=0)


@pytest.fixture
def small(tmp_path):
    """Files of small official networks, and what is in them."""
    weights = {
        name: random_weights(shapes)
        for name, shapes in small_networks().items()
    }
    save_old(weights, tmp_path)
    return tmp_path, weights


def chained(weights, inputs, levels):
    """The official networks, one after the other, by hand."""
    flow, logits, _ = reference.net_f_unet(
        weights['netF'], torch.cat([inputs['ref_pose'], inputs['tgt_pose']], 1)
    )
    flow, visibility = reference.in_pixels(flow, logits)
    image = reference.net_g(
        weights['netG'],
        inputs['tgt_pose'],
        inputs['ref_img'],
        flow,
        visibility,
        'residual',
        levels,
    ).tanh()
    return reference.net_pw(
        weights['netPW'], image, inputs['ref_img'], flow, visibility
    )


def discs(keypoints, size, radius=8):
    """Pose map (1, 18, H, W) as the description of the data has it."""
    y, x = np.mgrid[:size, :size]
    maps = [
        ((x - a) ** 2 + (y - b) ** 2 <= radius**2) * (a >= 0)
        for a, b in keypoints
    ]
    return torch.from_numpy(np.float32(maps))[None]


def make_pair(size):
    """A picture (RGB), two poses, and the same for the networks."""
    rng = np.random.default_rng(3)
    image = cv2.resize(
        rng.integers(0, 256, (9, 9, 3), np.uint8),
        (size, size),
        interpolation=cv2.INTER_CUBIC,
    )
    joints = {side: rng.integers(8, size - 8, (18, 2)) for side in 'ab'}
    joints['b'][4] = -1
    return (
        image,
        joints,
        dict(
            ref_img=torch.from_numpy(np.float32(image) / 127.5 - 1).permute(
                2, 0, 1
            )[None],
            ref_pose=discs(joints['a'], size),
            tgt_pose=discs(joints['b'], size),
        ),
    )


@torch.no_grad()
def test_inferencer_gives_what_the_official_networks_give(tmp_path):
    """With the shipped config, at the official sizes."""
    weights = {
        name: official_state_dict(network) for name, network in WHOLE.items()
    }
    for name, value in weights.items():
        torch.save(value, tmp_path / f'{name}.pth')
    code, _ = convert(
        *(tmp_path / f'{name}.pth' for name in weights), tmp_path / 'dipt.pth'
    )
    assert code is None
    inferencer = PoseTransferInferencer(
        'dipt/full_deepfashion',
        tmp_path / 'dipt.pth',
        device='cpu',
        image_size=(128, 128),
    )
    image, joints, inputs = make_pair(128)
    poses = [np.concatenate([xy, xy[:, :1] >= 0], 1) for xy in joints.values()]
    sample = inferencer(
        image[..., ::-1].copy(),
        *poses,
        target_size=(128, 128),
        crop='none',
        return_datasamples=True,
    )['predictions'][0]
    picture, weight = chained(weights, inputs, 5)
    same(sample.pred_img[None], picture)
    same(sample.weight_map[None], weight)
    for path in tmp_path.iterdir():  # 400 MB
        path.unlink()


def write_data(folder, image, joints):
    """A pair in the layout of the paper's data."""
    (folder / 'Img/img').mkdir(parents=True)
    (folder / 'Label').mkdir()
    for side, picture in (('a', image), ('b', image[::-1])):
        # Named as the data's, but without the losses of JPEG.
        _, data = cv2.imencode('.png', picture[..., ::-1])
        (folder / f'Img/img/{side}.jpg').write_bytes(data.tobytes())
    (folder / 'Label/pair_split.json').write_text(
        json.dumps(dict(test=[['a', 'b']]))
    )
    (folder / 'Label/pose_label.pkl').write_bytes(
        pickle.dumps(
            {side: value.tolist() for side, value in joints.items()}, 2
        )
    )


def test_testing_measures_what_the_official_networks_give(small, tmp_path):
    """With a config around the file that the converter writes."""
    folder, weights = small
    code, _ = convert(
        *(folder / f'{name}.pth' for name in weights),
        tmp_path / 'dipt.pth',
        '--config-out',
        tmp_path / 'model.py',
    )
    assert code is None
    image, joints, inputs = make_pair(64)
    write_data(tmp_path / 'data', image, joints)
    bases = [
        str(ROOT / f'configs/_base_/{name}.py')
        for name in (
            'default_runtime',
            'datasets/deepfashion',
            'schedules/dipt_stages',
        )
    ]
    (tmp_path / 'config.py').write_text(f'_base_ = {[*bases, "model.py"]}')
    done = run_tool(
        'test.py',
        tmp_path / 'config.py',
        tmp_path / 'dipt.pth',
        '--out',
        tmp_path / 'metrics.json',
        '--work-dir',
        tmp_path / 'run',
        '--cfg-options',
        f'test_dataloader.dataset.data_root={tmp_path}/data',
        'test_dataloader.num_workers=0',
        'test_dataloader.persistent_workers=False',
    )
    assert done.returncode == 0, done.stderr[-3000:]
    metrics = json.loads((tmp_path / 'metrics.json').read_text())
    picture, _ = chained(weights, inputs, 2)
    picture = ((picture[0].clamp(-1, 1) + 1) * 127.5).round()
    truth = torch.from_numpy(image[::-1].copy()).permute(2, 0, 1)
    error = (picture - truth).abs().mean().item() / 255
    assert metrics['L1_dsc'] == pytest.approx(error, abs=1e-5)


SHIPPED = dict(
    full_deepfashion=['netF_unet', 'netG_residual', 'netPW', 'netD'],
    official_deepfashion=['netF_unet', 'netG_residual', 'netPW', 'netD'],
    wo_dual_encoder_deepfashion=['netG_single'],
    wo_flow_deepfashion=['netG_none'],
    wo_visibility_deepfashion=['netF_unet', 'netG_res_no_vis'],
    wo_pixel_warping_deepfashion=['netF_unet', 'netG_residual'],
)


@pytest.mark.parametrize('name', SHIPPED)
def test_shipped_configs_are_of_the_official_sizes(name, tmp_path):
    for network in SHIPPED[name]:
        torch.save(
            {
                key: torch.zeros(shape)
                for key, shape in NETWORKS[network].items()
            },
            tmp_path / f'{network}.pth',
        )
    convert(
        *(tmp_path / f'{network}.pth' for network in SHIPPED[name]),
        tmp_path / 'out.pth',
        '--as-component',
    )
    config = dict(
        Config.fromfile(find_config(f'dipt/{name}')).model,
        loss_perceptual=None,
    )
    with torch.device('meta'):
        expected = MODELS.build(config).state_dict()
    shapes = {
        key: tuple(value.shape)
        for key, value in expected.items()
        if key.split('.')[0] != 'pending_components'
    }
    if 'netD' not in SHIPPED[name]:
        shapes = {
            key: shape
            for key, shape in shapes.items()
            if not key.startswith('discriminator.')
        }
    assert shapes == {
        key: tuple(value.shape)
        for key, value in load(tmp_path / 'out.pth')['state_dict'].items()
    }
    for path in tmp_path.iterdir():
        path.unlink()


def test_sizes_without_a_shipped_config(small, tmp_path):
    """Such as a FlowUNetV2: by the config file that the tool writes."""
    folder, _ = small
    torch.save(random_weights(net_f_unet_v2(4, 12, 2)), tmp_path / 'f2.pth')
    out, config = tmp_path / 'dipt.pth', tmp_path / 'dipt.py'
    convert(
        tmp_path / 'f2.pth', folder / 'netG.pth', out, '--config-out', config
    )
    inferencer = PoseTransferInferencer(
        config, out, device='cpu', image_size=(64, 32)
    )
    backbone = inferencer.model.flow_regressor.backbone
    assert type(backbone).__name__ == 'FlowUNetV2'
    poses = np.random.default_rng(0).uniform(4, 28, (18, 2))
    image = np.zeros((64, 32, 3), np.uint8)
    result = inferencer(image, poses, poses)['predictions'][0]
    assert result['image'].shape == (64, 32, 3)
