"""The converter of official checkpoints as a person calls it."""

import hashlib
import json
import os
import pickle
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import cv2
import numpy as np
import official_reference as reference
import pytest
import python2_checkpoint
import torch
from mmengine.config import Config
from mmengine.runner import load_checkpoint
from official_layout import (
    SMALL,
    net_f_unet_v2,
    net_g,
    random_weights,
    small_networks,
)
from official_networks import NETWORKS as NETWORK_SHAPES
from official_networks import official_state_dict
from tiny_training import tiny_config

from mmposetransfer.apis import PoseTransferInferencer, find_config
from mmposetransfer.models import convert_official_state_dict
from mmposetransfer.registry import MODELS

ROOT = Path(__file__).parents[2]
TOOL = 'model_converters/official_to_mmposetransfer.py'
NETWORKS = dict(netF='netF_unet', netG='netG_residual', netPW='netPW',
                netD='netD')


def run_tool(name, *args):
    env = dict(os.environ, PYTHONPATH=str(ROOT), OMP_NUM_THREADS='1')
    return subprocess.run(
        [sys.executable, str(ROOT / 'tools' / name), *map(str, args)],
        env=env, capture_output=True, text=True, timeout=400)


@pytest.fixture
def convert(capsys, monkeypatch):
    """The tool in this process: exit message (or None) and output."""
    spec = spec_from_file_location('official_tool', ROOT / 'tools' / TOOL)
    tool = module_from_spec(spec)
    spec.loader.exec_module(tool)

    def call(*args):
        code = None
        try:
            tool.main([str(arg) for arg in args])
        except SystemExit as error:
            code = error.code
        said = capsys.readouterr()
        return code, said.out + said.err
    return call


def same(ours, theirs):
    torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=0)


def load(path):
    return torch.load(path, weights_only=True)


@pytest.fixture(scope='module')
def small(tmp_path_factory):
    """Files of small official networks, as torch 0.4 wrote them."""
    folder = tmp_path_factory.mktemp('official')
    weights = {}
    for name, shapes in small_networks().items():
        weights[name] = random_weights(shapes)
        torch.save(weights[name], folder / f'{name}.pth',
                   _use_new_zipfile_serialization=False)
    return folder, weights


# ------------------------------------------------------------- what it writes

def test_one_network(small, convert, tmp_path):
    folder, weights = small
    for name in weights:
        out = tmp_path / f'{name}_ours.pth'
        code, said = convert(folder / f'{name}.pth', out)
        assert code is None and f'{name}.pth: net' in said
        checkpoint = load(out)
        module = MODELS.build(checkpoint['meta']['model'])
        module.load_state_dict(checkpoint['state_dict'], strict=True)
        expected, config = convert_official_state_dict(weights[name])
        assert checkpoint['meta']['model'] == config
        assert all(torch.equal(value, checkpoint['state_dict'][key])
                   for key, value in expected.items())
        (source, ) = checkpoint['meta']['sources']
        data = (folder / f'{name}.pth').read_bytes()
        assert source['sha256'] == hashlib.sha256(data).hexdigest()
        assert source['file'] == f'{name}.pth' and source['place'] == ''


def test_whole_method_and_its_config(small, convert, tmp_path):
    """The config file is one for `_base_`; sizes are the weights' own."""
    folder, weights = small
    out, config = tmp_path / 'new' / 'dipt.pth', tmp_path / 'model.py'
    code, said = convert(*(folder / f'{name}.pth' for name in weights), out,
                         '--config-out', config)
    assert code is None and 'generator' in said and 'not there' not in said
    model = MODELS.build(Config.fromfile(config).model)
    model.load_state_dict(load(out)['state_dict'], strict=True)
    assert model.discriminator.activation is None
    assert load(out)['meta']['model'] == Config.fromfile(config).model
    # Nothing but what was asked for is left.
    assert sorted(path.name for path in tmp_path.rglob('*')) == [
        'dipt.pth', 'model.py', 'new']


def test_a_single_network_as_part_of_a_config(small, convert, tmp_path):
    """`--as-part` names it as `load_from` wants it."""
    folder, weights = small
    for name, part in (('netF', 'flow_regressor'), ('netG', 'generator')):
        code, _ = convert(folder / f'{name}.pth', tmp_path / f'{name}.pth',
                          '--as-part')
        assert code is None
        checkpoint = load(tmp_path / f'{name}.pth')
        alone, config = convert_official_state_dict(weights[name])
        assert checkpoint['meta']['model'] == {'type': 'DIPT', part: config}
        assert checkpoint['state_dict'].keys() == {
            f'{part}.{key}' for key in alone}
    theirs, config = convert_official_state_dict(weights['netF'])
    model = MODELS.build(dict(tiny_config(tmp_path).model,
                              flow_regressor=config))
    load_checkpoint(model, str(tmp_path / 'netF.pth'))  # as load_from does
    for key, value in model.flow_regressor.state_dict().items():
        assert torch.equal(value, theirs[key]), key


def test_files_in_any_order_and_several_networks_in_one(
        small, convert, tmp_path):
    folder, weights = small
    torch.save(dict(netG={f'module.{k}': v for k, v
                          in weights['netG'].items()},
                    netD=weights['netD'], epoch=3), tmp_path / 'gan.pth')
    args = [tmp_path / 'gan.pth', folder / 'netPW.pth', folder / 'netF.pth']
    convert(*args, tmp_path / 'a.pth')
    convert(*args[::-1], tmp_path / 'b.pth')
    first, second = load(tmp_path / 'a.pth'), load(tmp_path / 'b.pth')
    assert first['state_dict'].keys() == second['state_dict'].keys()
    places = {source['part']: source['place']
              for source in first['meta']['sources']}
    assert places['generator'] == 'netG.module'
    assert places['discriminator'] == 'netD'


def test_mode_that_the_weights_do_not_tell(convert, tmp_path):
    torch.save(random_weights(net_g('none', warped=0, **SMALL)),
               tmp_path / 'netG.pth')
    for mode, gate in (('none', 'PlainGate'), ('hard_gate', 'HardGate')):
        out = tmp_path / f'{mode}.pth'
        assert convert(tmp_path / 'netG.pth', out, '--mode', mode)[0] is None
        model = load(out)['meta']['model']
        assert model['warping']['gate']['type'] == gate


# --------------------------------------------------------------------- errors

def test_mistakes_are_told_and_write_nothing(small, convert, tmp_path):
    folder, weights = small
    lacking = dict(weights['netPW'])
    del lacking['dec_output_0.3.weight']
    torch.save(lacking, tmp_path / 'partial.pth')
    torch.save(dict(weights['netD'], w=torch.ones(1)), tmp_path / 'more.pth')
    (tmp_path / 'text.pth').write_text('<html>moved</html>')
    good = (folder / 'netG.pth').read_bytes()
    (tmp_path / 'cut.pth').write_bytes(good[:len(good) // 2])
    netg = folder / 'netG.pth'
    for inputs, expected in {
            (tmp_path / 'partial.pth', ):
            ('partial.pth', 'netPW', '1 of', 'dec_output_0.3.weight'),
            (netg, tmp_path / 'more.pth'): ('more.pth', 'belong', ': w.'),
            (netg, netg): ('Two networks would be the generator', ),
            (netg, tmp_path / 'none.pth'): ('none.pth', ),
            (tmp_path / 'text.pth', ): ('text.pth', 'cannot be read'),
            (tmp_path / 'cut.pth', ): ('cut.pth', 'cannot be read'),
            (netg, tmp_path): (str(tmp_path), ),
            ('--mode', 'none', folder / 'netPW.pth'): ("mode='none'", ),
    }.items():
        code, _ = convert(*inputs, tmp_path / 'out.pth')
        assert isinstance(code, str) and code.startswith('error: ')
        for part in expected:
            assert part in code, (code, part)
        assert not (tmp_path / 'out.pth').exists()


def test_a_forgotten_output_harms_no_input(small, convert, tmp_path):
    folder, _ = small
    before = (folder / 'netPW.pth').read_bytes()
    code, said = convert(folder / 'netG.pth', folder / 'netPW.pth')
    assert code == 2 and 'netPW.pth' in said and '--overwrite' in said
    code, said = convert(folder / 'netPW.pth', folder / 'netPW.pth',
                         '--overwrite')
    assert code == 2 and 'to be read and to be written' in said
    assert (folder / 'netPW.pth').read_bytes() == before
    (tmp_path / 'old.pth').write_text('old')
    assert convert(folder / 'netG.pth', tmp_path / 'old.pth',
                   '--overwrite')[0] is None
    assert load(tmp_path / 'old.pth')['state_dict']


# ------------------------------------------------------- files of torch 0.4

def test_checkpoint_of_torch_0_4_on_python_2(small, convert, tmp_path):
    """On a GPU, without counters of batches, which came with 0.4.1."""
    _, weights = small
    old = {key: value for key, value in weights['netG'].items()
           if not key.endswith('num_batches_tracked')}
    python2_checkpoint.write(tmp_path / 'old.pth', old)
    code, _ = convert(tmp_path / 'old.pth', tmp_path / 'new.pth')
    assert code is None
    converted = load(tmp_path / 'new.pth')['state_dict']
    expected, config = convert_official_state_dict(weights['netG'])
    assert converted.keys() == expected.keys()
    for key, value in expected.items():
        assert converted[key].device.type == 'cpu'
        if not key.endswith('num_batches_tracked'):
            assert torch.equal(converted[key], value), key
    MODELS.build(config).load_state_dict(converted, strict=True)


def test_a_hostile_file_of_python_2_is_refused(convert, tmp_path):
    mark = tmp_path / 'hacked'
    body = (python2_checkpoint.name('posix', 'mkdir')
            + python2_checkpoint.string(str(mark)) + b'\x85R')
    python2_checkpoint.write(tmp_path / 'bad.pth', {}, body=body)
    code, _ = convert(tmp_path / 'bad.pth', tmp_path / 'out.pth')
    assert 'would run code' in code
    assert not mark.exists() and not (tmp_path / 'out.pth').exists()
    # It is hostile indeed.
    with open(tmp_path / 'bad.pth', 'rb') as file:
        for _ in range(4):
            pickle.load(file)
    assert mark.exists()


# ------------------------------------- the whole method, from file to picture

def chained(weights, inputs, levels):
    """The official networks, one after the other, by hand."""
    flow, logits, _ = reference.net_f_unet(
        weights['netF'], torch.cat([inputs['ref_pose'], inputs['tgt_pose']],
                                   1))
    flow, visibility = reference.in_pixels(flow, logits)
    image = reference.net_g(
        weights['netG'], inputs['tgt_pose'], inputs['ref_img'], flow,
        visibility, 'residual', levels).tanh()
    return reference.net_pw(
        weights['netPW'], image, inputs['ref_img'], flow, visibility)


def discs(keypoints, size, radius=8):
    """Pose map (1, 18, H, W) as the description of the data has it."""
    y, x = np.mgrid[:size, :size]
    maps = [((x - a)**2 + (y - b)**2 <= radius**2) * (a >= 0)
            for a, b in keypoints]
    return torch.from_numpy(np.float32(maps))[None]


def make_pair(size):
    """A picture (RGB), two poses, and the same for the networks."""
    rng = np.random.default_rng(3)
    image = cv2.resize(rng.integers(0, 256, (9, 9, 3), np.uint8),
                       (size, size), interpolation=cv2.INTER_CUBIC)
    joints = {side: rng.integers(8, size - 8, (18, 2)) for side in 'ab'}
    joints['b'][4] = -1
    return image, joints, dict(
        ref_img=torch.from_numpy(
            np.float32(image) / 127.5 - 1).permute(2, 0, 1)[None],
        ref_pose=discs(joints['a'], size), tgt_pose=discs(joints['b'], size))


@torch.no_grad()
def test_inferencer_gives_what_the_official_networks_give(convert, tmp_path):
    """With the shipped config, at the official sizes."""
    weights = {name: official_state_dict(network)
               for name, network in NETWORKS.items()}
    for name, value in weights.items():
        torch.save(value, tmp_path / f'{name}.pth')
    code, _ = convert(*(tmp_path / f'{name}.pth' for name in weights),
                      tmp_path / 'dipt.pth')
    assert code is None
    inferencer = PoseTransferInferencer(
        'dipt/full_deepfashion', tmp_path / 'dipt.pth', device='cpu',
        image_size=(128, 128))
    image, joints, inputs = make_pair(128)
    poses = [np.concatenate([xy, xy[:, :1] >= 0], 1)
             for xy in joints.values()]
    sample = inferencer(
        image[..., ::-1].copy(), *poses, target_size=(128, 128), crop='none',
        return_datasamples=True)['predictions'][0]
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
        json.dumps(dict(test=[['a', 'b']])))
    (folder / 'Label/pose_label.pkl').write_bytes(pickle.dumps(
        {side: value.tolist() for side, value in joints.items()}, 2))


def test_testing_measures_what_the_official_networks_give(
        small, convert, tmp_path):
    """With a config around the file that the converter writes."""
    folder, weights = small
    code, _ = convert(
        *(folder / f'{name}.pth' for name in weights), tmp_path / 'dipt.pth',
        '--config-out', tmp_path / 'model.py')
    assert code is None
    image, joints, inputs = make_pair(64)
    write_data(tmp_path / 'data', image, joints)
    bases = [str(ROOT / f'configs/_base_/{name}.py') for name in (
        'default_runtime', 'datasets/deepfashion', 'schedules/dipt_stages')]
    (tmp_path / 'config.py').write_text(f"_base_ = {[*bases, 'model.py']}")
    done = run_tool(
        'test.py', tmp_path / 'config.py', tmp_path / 'dipt.pth',
        '--out', tmp_path / 'metrics.json', '--work-dir', tmp_path / 'run',
        '--cfg-options', f'test_dataloader.dataset.data_root={tmp_path}/data',
        'test_dataloader.num_workers=0',
        'test_dataloader.persistent_workers=False')
    assert done.returncode == 0, done.stderr[-3000:]
    metrics = json.loads((tmp_path / 'metrics.json').read_text())
    picture, _ = chained(weights, inputs, 2)
    picture = ((picture[0].clamp(-1, 1) + 1) * 127.5).round()
    truth = torch.from_numpy(image[::-1].copy()).permute(2, 0, 1)
    error = (picture - truth).abs().mean().item() / 255
    assert metrics['L1'] == pytest.approx(error, abs=1e-5)


SHIPPED = dict(
    full_deepfashion=['netF_unet', 'netG_residual', 'netPW', 'netD'],
    official_deepfashion=['netF_unet', 'netG_residual', 'netPW', 'netD'],
    wo_dual_encoder_deepfashion=['netG_single'],
    wo_flow_deepfashion=['netG_none'],
    wo_visibility_deepfashion=['netF_unet', 'netG_res_no_vis'],
    wo_pixel_warping_deepfashion=['netF_unet', 'netG_residual'])


@pytest.mark.parametrize('name', SHIPPED)
def test_shipped_configs_are_of_the_official_sizes(name, convert, tmp_path):
    for network in SHIPPED[name]:
        torch.save({key: torch.zeros(shape) for key, shape
                    in NETWORK_SHAPES[network].items()},
                   tmp_path / f'{network}.pth')
    convert(*(tmp_path / f'{network}.pth' for network in SHIPPED[name]),
            tmp_path / 'out.pth', '--as-part')
    config = dict(Config.fromfile(find_config(f'dipt/{name}')).model,
                  loss_perceptual=None)
    with torch.device('meta'):
        expected = MODELS.build(config).state_dict()
    shapes = {key: tuple(value.shape) for key, value in expected.items()
              if key.split('.')[0] != 'pending_parts'}
    if 'netD' not in SHIPPED[name]:
        shapes = {key: shape for key, shape in shapes.items()
                  if not key.startswith('discriminator.')}
    assert shapes == {key: tuple(value.shape) for key, value
                      in load(tmp_path / 'out.pth')['state_dict'].items()}
    for path in tmp_path.iterdir():
        path.unlink()


def test_sizes_without_a_shipped_config(convert, small, tmp_path):
    """Such as a FlowUNetV2: by the config file that the tool writes."""
    folder, _ = small
    torch.save(random_weights(net_f_unet_v2(4, 12, 2)), tmp_path / 'f2.pth')
    out, config = tmp_path / 'dipt.pth', tmp_path / 'dipt.py'
    convert(tmp_path / 'f2.pth', folder / 'netG.pth', out, '--config-out',
            config)
    inferencer = PoseTransferInferencer(config, out, device='cpu',
                                        image_size=(64, 32))
    backbone = inferencer.model.flow_regressor.backbone
    assert type(backbone).__name__ == 'FlowUNetV2'
    poses = np.random.default_rng(0).uniform(4, 28, (18, 2))
    image = np.zeros((64, 32, 3), np.uint8)
    result = inferencer(image, poses, poses)['predictions'][0]
    assert result['image'].shape == (64, 32, 3)
