"""MMPose, the real one, on networks whose heatmaps are known."""

import sys

import numpy as np
import pytest
import torch
from mmengine.registry import DefaultScope, init_default_scope
from torch import nn

from mmposetransfer.pose_estimators import build_pose_estimator

pytestmark = pytest.mark.full_stack('mmpose.apis')

COLORS = dict(blue=(255, 0, 0), green=(0, 255, 0), red=(0, 0, 255))
# Joints of COCO by the colour of the dot that they are found at.
CHANNEL = np.arange(17) % 3
CONFIG = """
custom_imports = dict(imports=['known_backbone'], allow_failed_imports=False)
default_scope = 'mmpose'
data_mode = 'topdown'
codec = dict(type='MSRAHeatmap', input_size=(192, 256), heatmap_size=(48, 64),
             sigma=2)
model = dict(
    type='TopdownPoseEstimator',
    data_preprocessor=dict(type='PoseDataPreprocessor', mean=[0., 0., 0.],
                           std=[255., 255., 255.], bgr_to_rgb=False),
    backbone=dict(type='KnownBackbone'),
    head=dict(type='HeatmapHead', in_channels=3, out_channels=17,
              deconv_out_channels=None,
              loss=dict(type='KeypointMSELoss'), decoder=codec),
    test_cfg=dict(flip_test=False))
val_pipeline = [
    dict(type='LoadImage'), dict(type='GetBBoxCenterScale', padding=1.0),
    dict(type='TopdownAffine', input_size=(192, 256)),
    dict(type='PackPoseInputs')]
test_dataloader = dict(dataset=dict(
    type='CocoDataset', data_mode='topdown', pipeline=val_pipeline))
train_dataloader = test_dataloader
"""
BACKBONE = """
from mmpose.registry import MODELS
from torch import nn

@MODELS.register_module(force=True)
class KnownBackbone(nn.Module):
    def forward(self, x):
        # A heatmap's pixel i stands for the input's pixel 4 i.
        return (nn.functional.avg_pool2d(x, 5, 4, 2), )
"""


@pytest.fixture(autouse=True)
def our_scope():
    init_default_scope('mmposetransfer')


@pytest.fixture
def config(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / 'known_backbone.py').write_text(BACKBONE)
    (tmp_path / 'config.py').write_text(CONFIG)
    yield tmp_path / 'config.py'
    sys.modules.pop('known_backbone', None)


@pytest.fixture
def checkpoint(tmp_path):
    """Each joint's heatmap is a colour, brought to a score of about 0.8.

    With the arrays of numpy that mmpose writes into its checkpoints.
    """
    weight = torch.zeros(17, 3, 1, 1)
    weight[np.arange(17), CHANNEL] = 0.8
    path = tmp_path / 'known.pth'
    torch.save(
        dict(
            meta=dict(dataset_meta=dict(sigmas=np.ones(17, np.float32))),
            state_dict={
                'head.final_layer.weight': weight,
                'head.final_layer.bias': torch.zeros(17),
            },
        ),
        path,
    )
    return path


def dots(size, places):
    """A black picture with a soft dot of each colour."""
    image = np.zeros((*size, 3), np.uint8)
    rows, columns = np.indices(size)
    sigma = size[0] / 40
    for color, (x, y) in places.items():
        bump = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 2 / sigma**2)
        image += (bump[..., None] * COLORS[color]).round().astype(np.uint8)
    return image


@pytest.mark.parametrize('size', [(256, 192), (128, 64), (300, 400)])
def test_joints_are_where_the_heatmaps_peak(config, checkpoint, size):
    height, width = size
    places = {
        'blue': (0.3 * width, 0.2 * height),
        'green': (0.6 * width, 0.5 * height),
        'red': (0.45 * width, 0.8 * height),
    }
    image = dots(size, places)
    estimator = build_pose_estimator(
        'mmpose', config=config, checkpoint=checkpoint
    )
    (persons,) = estimator([image])
    assert persons.shape == (1, 18, 3)
    # COCO: nose 0, left shoulder 5, right shoulder 6, right ankle 16.
    # OpenPose: nose 0, left shoulder 5, right shoulder 2, right ankle 10.
    colors = list(places)
    expected = {
        op: places[colors[CHANNEL[coco]]]
        for coco, op in ((0, 0), (5, 5), (6, 2), (16, 10))
    }
    expected[1] = np.mean([expected[5], expected[2]], axis=0)  # the neck
    # A heatmap's pixel is four of the input's, the decoder tells quarters.
    tolerance = 0.5 * 4 * max(height / 256, width / 192)
    for joint, place in expected.items():
        np.testing.assert_allclose(
            persons[0, joint, :2], place, atol=tolerance
        )
    assert (persons[0, :, 2] > 0.5).all()


def test_our_scope_is_left_as_it_was(config, checkpoint):
    estimator = build_pose_estimator(
        'mmpose', config=config, checkpoint=checkpoint
    )
    estimator([np.zeros((64, 48, 3), np.uint8)])
    assert DefaultScope.get_current_instance().scope_name == 'mmposetransfer'


def test_black_picture_has_nobody(config, checkpoint):
    estimator = build_pose_estimator(
        'mmpose', config=config, checkpoint=checkpoint
    )
    (persons,) = estimator([np.zeros((64, 48, 3), np.uint8)])
    assert persons.shape == (0, 18, 3)


def test_a_config_that_mmpose_brings_runs_with_random_weights():
    name = (
        'mmpose::body_2d_keypoint/topdown_heatmap/coco/'
        'td-hm_mobilenetv2_8xb64-210e_coco-256x192.py'
    )
    with pytest.warns(UserWarning, match='random weights'):
        estimator = build_pose_estimator('mmpose', config=name, min_score=0)
    image = np.random.default_rng(0).integers(0, 255, (128, 64, 3), np.uint8)
    (persons,) = estimator([image])
    assert persons.shape[1:] == (18, 3)


def test_checkpoint_of_another_model_is_refused(config, tmp_path):
    torch.save(
        dict(state_dict=nn.Linear(2, 2).state_dict()), tmp_path / 'other.pth'
    )
    with pytest.raises(ValueError, match='of another model than the config'):
        build_pose_estimator(
            'mmpose', config=config, checkpoint=tmp_path / 'other.pth'
        )
