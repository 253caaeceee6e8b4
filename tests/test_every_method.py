"""Every method by every door: train, test, infer, evaluate.

A method that is registered and has no row in ``smallest_models.MAKES``, or no
config on SynthFashion, fails here.
"""

import json
from functools import cache
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
import torch
from closeness import assert_same_picture
from mmengine.config import Config
from smallest_models import MAKES, shrink
from written_pairs import write_pairs

from mmposetransfer.apis import (
    PoseTransferInferencer,
    find_config,
    init_model,
    list_models,
)
from mmposetransfer.cli import evaluate, infer
from mmposetransfer.datasets import load_keypoints
from mmposetransfer.io.image_io import read_image
from mmposetransfer.models import BaseTransferer
from mmposetransfer.pose_estimators import build_pose_estimator
from mmposetransfer.registry import MODELS
from mmposetransfer.utils.setup_env import register_all_modules
from mmposetransfer.visualization import image_to_rgb
from mmposetransfer.visualization.strips import GAP

INPUTS = Path(__file__).parents[1] / 'demo' / 'inputs'
POSES = INPUTS / 'poses.csv'
# Also without a person's outline, that is, of every method.
ALWAYS = {'ref_id', 'tgt_id', 'image', 'ref_box', 'tgt_box'}
IN_ARRAYS = {'flow', 'visibility', 'weight_map'}
PAIRS = 2
# Whose pictures are mixed with pixels of the reference, by flow.
COPYING = {'dipt', 'completion'}


def whole_methods():
    """Folder of each method -> its registered class."""
    register_all_modules()
    place = 'mmposetransfer.models.methods.'
    return {
        cls.__module__.removeprefix(place).partition('.')[0]: cls
        for cls in MODELS.module_dict.values()
        if cls.__module__.startswith(place) and issubclass(cls, BaseTransferer)
    }


METHODS = whole_methods()
EVERY_METHOD = pytest.mark.parametrize('method', METHODS)


def test_what_every_method_makes_is_written_down():
    assert sorted(MAKES) == sorted(cls.__name__ for cls in METHODS.values())


def makes(method):
    return set(MAKES[METHODS[method].__name__])


def smallest_config(method):
    """The config on SynthFashion of the fewest pixels."""

    def size(name):
        last = name.rpartition('_')[2]
        return (int(last) if last.isdigit() else 256), name

    return min(list_models(f'{method}/*synthfashion*'), key=size)


def tiny(method, work_dir, cache_dir):
    """A config that trains for a step or two, and tests on two pairs."""
    cfg = Config.fromfile(find_config(smallest_config(method)))
    cfg.model = shrink(cfg.model)
    for loader in (cfg.train_dataloader, cfg.test_dataloader):
        loader.update(
            batch_size=PAIRS, num_workers=0, persistent_workers=False
        )
        loader.dataset.update(
            num_people=2, num_pairs=PAIRS, cache=str(cache_dir)
        )
    for stage in cfg.custom_hooks[0].stages:
        stage.update(
            epochs=None,
            iters=1,
            components=list(stage.components),
            freeze_norm=None,
            val_interval=None,
            param_scheduler=None,
        )
        stage.get('train_dataloader', {}).pop('batch_size', None)
    cfg.update(
        work_dir=str(work_dir),
        val_dataloader=None,
        val_evaluator=None,
        val_cfg=None,
        log_level='ERROR',
    )
    cfg.env_cfg.dist_cfg.backend = 'gloo'
    return cfg


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    """Train a method, once; hands out its config and work directory."""
    folder = tmp_path_factory.mktemp('methods')
    train = import_module('mmposetransfer.cli.train')

    @cache
    def run(method):
        work_dir = folder / method
        cfg = tiny(method, work_dir, folder / 'pairs')
        config = folder / f'{method}.py'
        cfg.dump(str(config))
        train.main([str(config)])
        return SimpleNamespace(cfg=cfg, config=config, work_dir=work_dir)

    return run


# ----------------------------------------------------------- test, evaluate


@EVERY_METHOD
def test_testing_and_the_evaluation_of_its_folder_agree(
    trained, method, tmp_path
):
    run = trained(method)
    results = tmp_path / 'results'
    import_module('mmposetransfer.cli.test').main(
        [
            *(str(run.config), str(run.work_dir)),
            *('--show-dir', str(tmp_path / 'strips')),
            *('--out', str(tmp_path / 'metrics.json')),
            *('--image-dir', str(results)),
        ]
    )
    metrics = json.loads((tmp_path / 'metrics.json').read_text())
    assert np.isfinite(list(metrics.values())).all()
    # What is not predicted has no number, and no panel.
    assert ('EPE' in metrics) <= ('flow' in makes(method))
    assert len(list((tmp_path / 'strips').glob('*.png'))) == PAIRS + 1
    made, strip = (
        read_image(next((tmp_path / name).glob('*_*.png')))
        for name in ('results', 'strips')
    )
    width = made.shape[1] * -(-160 // made.shape[1]) + GAP
    panels = {'reference', 'pose', 'result', 'truth'} | makes(method)
    assert strip.shape[1] == len(panels) * width

    write_pairs(run.cfg, tmp_path)
    evaluate.main(
        [
            str(results),
            *('--pairs', str(tmp_path / 'pairs.csv')),
            *('--truths', str(tmp_path / 'truths')),
            *('--metrics', 'ImageQuality', '--workers', '1'),
            *('--out', str(tmp_path / 'scores.json')),
        ]
    )
    scores = json.loads((tmp_path / 'scores.json').read_text())
    assert scores['pairs'] == PAIRS
    for name in ('SSIM_dsc', 'L1_dsc'):
        assert scores['numbers'][name] == pytest.approx(
            metrics[name], abs=1e-9
        )


# --------------------------------------------------------------- inference


@pytest.fixture(scope='module')
def estimator():
    pytest.importorskip('mediapipe', reason='finds poses: make env')
    return build_pose_estimator('mediapipe')


@pytest.fixture(scope='module')
def infers(trained, estimator):
    """An inferencer of a method, made once."""

    @cache
    def make(method):
        run = trained(method)
        return PoseTransferInferencer(
            run.config, run.work_dir, 'cpu', pose_estimator=estimator
        )

    return make


def placed(size, scale, left, top):
    """The person of the cardigan in a picture of another size; the pose."""
    image = read_image(INPUTS / 'cardigan.png')
    pose = load_keypoints(POSES, 'cardigan.png').copy()
    move = np.array([[scale, 0, left], [0, scale, top]], np.float32)
    canvas = cv2.warpAffine(
        image, move, size[::-1], borderMode=cv2.BORDER_REPLICATE
    )
    pose[:, :2] = scale * pose[:, :2] + [left, top]
    x, y = pose[:, 0], pose[:, 1]
    pose[(x < 0) | (y < 0) | (x >= size[1]) | (y >= size[0])] = 0
    return canvas, pose


# (height, width), then where the person is.
PHOTOGRAPHS = dict(
    wide=((750, 1101), 2.5, 200, 60),
    tall=((400, 130), 1.5, -130, 20),
    tiny=((24, 20), 0.09, -2, 0),
    half_outside=((256, 140), 1, -120, 0),
)


def check_result(result, method):
    """All that the method makes, at the size of the photograph."""
    assert set(result) == ALWAYS | {'paths'} | makes(method)
    left, top, right, bottom = result['tgt_box']
    size = (bottom - top, right - left)
    for name in makes(method) | {'image'}:
        array = result[name]
        assert size in (array.shape[:2], array.shape[1:]), name
        assert np.isfinite(array).all(), name
    written = {*makes(method), 'image', 'strip', 'arrays'}
    assert set(result['paths']) == written
    folder = Path(result['paths']['arrays']).parent
    assert len(list(folder.iterdir())) % len(written) == 0
    with np.load(result['paths']['arrays']) as arrays:
        assert set(arrays) == {'ref_box', 'tgt_box'} | (
            makes(method) & IN_ARRAYS
        )


@EVERY_METHOD
def test_pictures_of_every_size_alone_and_in_batches(infers, method, tmp_path):
    images, poses = zip(
        *(placed(*place) for place in PHOTOGRAPHS.values()), strict=True
    )
    given = dict(
        target=INPUTS / 'dress.png', target_keypoints=POSES, out_dir=tmp_path
    )
    torch.manual_seed(1)
    many = infers(method)(list(images), list(poses), **given, batch_size=3)
    many = many['predictions']
    assert len(many) == len(PHOTOGRAPHS)
    for result in many:
        check_result(result, method)
    torch.manual_seed(2)  # what is sampled has a seed of its own
    for i in (0, 2):
        alone = infers(method)(images[i], poses[i], **given)['predictions']
        assert_same_picture(alone[0]['image'], many[i]['image'])


@EVERY_METHOD
def test_poses_that_are_found_and_poses_without_a_picture(
    infers, method, tmp_path
):
    reference, target = INPUTS / 'cardigan.png', INPUTS / 'dress.png'
    (found,) = infers(method)(reference, target=target, out_dir=tmp_path)[
        'predictions'
    ]
    check_result(found, method)
    for size in (None, (310, 200)):  # in the reference's pixels, or in these
        (posed,) = infers(method)(
            reference,
            POSES,
            POSES,
            target_name='dress.png',
            target_size=size,
            crop='none',
            out_dir=tmp_path,
        )['predictions']
        check_result(posed, method)
        assert posed['image'].shape[:2] == (size or (256, 256))


@EVERY_METHOD
def test_a_reference_without_a_pose(infers, method, monkeypatch, tmp_path):
    """Is enough where the method looks at the picture alone."""
    made = infers(method)
    nobody = np.full((120, 90, 3), (90, 140, 60), np.uint8)
    for finder, problem in (
        (made.pose_estimator, 'no person was found'),
        (None, 'reference_keypoints are missing'),
    ):
        monkeypatch.setattr(made, 'pose_estimator', finder)
        wanted = dict(
            target_keypoints=POSES,
            target=INPUTS / 'dress.png',
            out_dir=tmp_path,
        )
        if made.model.needs('ref_keypoints'):
            with pytest.raises(ValueError, match=problem):
                made(nobody, **wanted)
            continue
        (result,) = made(nobody, **wanted)['predictions']
        check_result(result, method)
        assert result['ref_box'] == (0, 0, 90, 120)


@EVERY_METHOD
def test_backgrounds_where_the_person_is_known(infers, method):
    call = [INPUTS / 'cardigan.png', POSES, POSES, INPUTS / 'dress.png']

    def image(background):
        result = infers(method)(*call, background=background)
        return result['predictions'][0]['image']

    generated = image('generated')
    if 'visibility' not in makes(method):
        for background in ('reference', 'white', 'transparent'):
            with pytest.raises(ValueError, match="background='generated'"):
                image(background)
        np.testing.assert_array_equal(image('auto'), generated)
        return
    *colours, alpha = cv2.split(image('transparent'))
    colours, share = cv2.merge(colours), alpha[..., None] / 255
    white = image('white')
    mixed = np.rint(255 + share * (colours.astype(float) - 255))
    assert_same_picture(white, mixed.astype(np.uint8), levels=2)
    assert share.min() < 0.9 and (image('reference') != white).any()
    solid = alpha == 255
    for picture in (colours, white):
        assert_same_picture(picture[solid], generated[solid])


@EVERY_METHOD
def test_the_photograph_is_in_the_pictures_of_those_who_copy(infers, method):
    """Of all others they are the network's own, and nothing is added."""
    call = [INPUTS / 'cardigan.png', POSES, POSES, INPUTS / 'dress.png']
    (result,), (sample,) = (
        infers(method)(
            *call, background='generated', return_datasamples=samples
        )['predictions']
        for samples in (False, True)
    )
    brought_up = sample.frames[1].cut_out(
        image_to_rgb(sample.pred_img)[..., ::-1]
    )
    added = (brought_up != result['image']).any()
    assert added == (method in COPYING)


@EVERY_METHOD
def test_the_command_line_makes_the_same_picture(
    trained, infers, method, tmp_path, capsys
):
    run = trained(method)
    call = [INPUTS / 'cardigan.png', POSES, POSES, INPUTS / 'dress.png']
    (result,) = infers(method)(*call)['predictions']
    infer.main(
        [
            *map(str, (call[0], run.config, run.work_dir)),
            *('--keypoints', str(POSES), '--target', str(call[3])),
            *('--device', 'cpu', '--out-dir', str(tmp_path)),
        ]
    )
    assert 'cardigan as dress' in capsys.readouterr().out
    written = read_image(tmp_path / 'cardigan_dress.png')
    assert_same_picture(written, result['image'])
    files = {*makes(method), 'image', 'strip', 'arrays'}
    assert len(list(tmp_path.iterdir())) == len(files)


# ------------------------------------------------------------- checkpoints


@EVERY_METHOD
def test_a_checkpoint_of_another_method_is_told_by_both_names(trained, method):
    others = list(METHODS)
    other = others[others.index(method) - 1]
    with pytest.raises(ValueError) as caught:
        init_model(trained(method).config, trained(other).work_dir)
    message = str(caught.value)
    assert f'it is of {METHODS[other].__name__} (' in message
    assert f'the config of {METHODS[method].__name__} (' in message
    assert str(trained(other).work_dir) in message


@pytest.mark.parametrize('option', ['load_from', 'resume'])
def test_training_does_not_start_from_another_method(
    trained, option, capsys, tmp_path
):
    run, other = trained('patn'), trained('vunet')
    checkpoint = (other.work_dir / 'last_checkpoint').read_text()
    start = dict(
        load_from=['--cfg-options', f'load_from={checkpoint}'],
        resume=['--resume', checkpoint],
    )
    with pytest.raises(SystemExit) as caught:
        import_module('mmposetransfer.cli.train').main(
            [str(run.config), '--work-dir', str(tmp_path), *start[option]]
        )
    assert 'it is of VUNet (' in str(caught.value)
    assert 'the config of PATN (' in str(caught.value)
