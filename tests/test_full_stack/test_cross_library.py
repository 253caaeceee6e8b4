"""Types of mmagic and mmpose in our configs, and of ours in theirs."""

import pytest
import torch
from mmengine.config import Config
from mmengine.hub import get_config
from mmengine.registry import DefaultScope, init_default_scope
from tiny_training import run_training, tiny_config

from mmposetransfer.config import ConfigError, check_config
from mmposetransfer.doctor.collect_env import collect_env
from mmposetransfer.models import (
    FlowUNet,
    FlowWarp,
    GANLoss,
    PatchDiscriminator,
)
from mmposetransfer.registry import METRICS, MODELS, TRANSFORMS

needs_mmagic = pytest.mark.full_stack('mmagic.models')
needs_mmpose = pytest.mark.full_stack('mmpose.models')
needs_mmcv_ops = pytest.mark.full_stack('mmcv.ops')


@pytest.fixture(autouse=True)
def default_scope():
    """Each test starts in our scope, whichever was used before."""
    init_default_scope('mmposetransfer')


@needs_mmagic
@pytest.mark.parametrize('gan_type', ['vanilla', 'lsgan'])
@pytest.mark.parametrize('is_real', [True, False])
def test_gan_loss_is_mmagics(gan_type, is_real):
    logits = torch.linspace(-3, 3, 50).view(2, 1, 5, 5)
    theirs = MODELS.build(
        dict(type='mmagic.GANLoss', gan_type=gan_type, loss_weight=0.01)
    )
    ours = GANLoss(gan_type, loss_weight=0.01)
    # Mmagic leaves the weight out for discriminators.
    torch.testing.assert_close(
        ours(logits, is_real), theirs(logits, is_real, is_disc=False)
    )


@needs_mmagic
def test_discriminator_is_mmagics():
    theirs = MODELS.build(
        dict(
            type='mmagic.PatchDiscriminator',
            in_channels=24,
            base_channels=8,
            num_conv=3,
            norm_cfg=dict(type='BN'),
        )
    )
    ours = PatchDiscriminator(24, 8, 3)
    values = list(theirs.state_dict().values())
    ours.load_state_dict(dict(zip(ours.state_dict(), values, strict=True)))
    img = torch.rand(2, 24, 64, 64)
    torch.testing.assert_close(ours(img), theirs(img))


@needs_mmagic
@needs_mmcv_ops
def test_our_training_runs_with_types_of_mmagic(tmp_path):
    cfg = tiny_config(tmp_path)
    cfg.model.loss_gan = dict(
        type='mmagic.GANLoss', gan_type='vanilla', loss_weight=0.01
    )
    cfg.model.loss_l1 = dict(type='mmagic.L1Loss', loss_weight=1.0)
    cfg.model.generator.warping.warp.backend = 'mmcv'
    check_config(cfg)
    model = run_training(cfg).model
    for part in (model.loss_gan, model.loss_l1):
        assert type(part).__module__.startswith('mmagic.')
    assert all(torch.isfinite(p).all() for p in model.parameters())


@needs_mmagic
def test_misspelt_types_and_arguments_of_mmagic_are_found(tmp_path):
    cfg = tiny_config(tmp_path)
    cfg.model.loss_gan = dict(type='mmagic.GANLos', gan_type='vanilla')
    cfg.model.loss_l1 = dict(type='mmagic.L1Loss', los_weight=1.0)
    with pytest.raises(ConfigError) as info:
        check_config(cfg)
    assert len(info.value.problems) == 2
    assert "'GANLoss'" in str(info.value)
    assert "'loss_weight'" in str(info.value)


@needs_mmagic
def test_mmagics_model_holds_ours():
    from mmagic.registry import MODELS as THEIRS

    with DefaultScope.overwrite_default_scope('mmagic'):
        model = THEIRS.build(
            dict(
                type='BaseEditModel',
                generator=dict(type='mmposetransfer.FlowWarp'),
                pixel_loss=dict(type='mmposetransfer.L1Loss'),
                data_preprocessor=dict(type='DataPreprocessor'),
            )
        )
    assert isinstance(model.generator, FlowWarp)
    assert type(model.pixel_loss).__module__.startswith('mmposetransfer.')
    assert type(model.data_preprocessor).__module__.startswith('mmagic.')


@needs_mmpose
def test_mmposes_model_holds_ours():
    from mmpose.registry import MODELS as THEIRS

    with DefaultScope.overwrite_default_scope('mmpose'):
        model = THEIRS.build(
            dict(
                type='TopdownPoseEstimator',
                backbone=dict(type='mmposetransfer.FlowUNet', in_channels=3),
                head=dict(type='HeatmapHead', in_channels=32, out_channels=18),
            )
        )
    assert isinstance(model.backbone, FlowUNet)
    assert type(model.head).__module__.startswith('mmpose.')


@needs_mmpose
def test_our_registries_build_mmposes():
    backbone = MODELS.build(dict(type='mmpose.ResNet', depth=18))
    features = backbone(torch.zeros(1, 3, 64, 64))
    assert features[-1].shape == (1, 512, 2, 2)
    assert TRANSFORMS.build(dict(type='mmpose.GetBBoxCenterScale'))
    metric = METRICS.build(dict(type='mmpose.PCKAccuracy'))
    assert type(metric).__module__.startswith('mmpose.')


@needs_mmpose
def test_a_pipeline_mixes_ours_and_mmposes(tmp_path):
    cfg = tiny_config(tmp_path)
    cfg.train_dataloader.dataset.pipeline.insert(
        0, dict(type='mmpose.GetBBoxCenterScale', paddin=1.25)
    )
    with pytest.raises(ConfigError, match="Did you mean 'padding'"):
        check_config(cfg)


@needs_mmagic
def test_metric_of_mmagic_agrees_with_ours():
    from mmposetransfer.evaluation.functional import psnr

    theirs = pytest.importorskip('mmagic.evaluation').psnr
    generator = torch.Generator().manual_seed(0)
    a, b = torch.randint(0, 256, (2, 32, 32, 3), generator=generator).numpy()
    ours = psnr(
        *(torch.from_numpy(img).permute(2, 0, 1)[None] / 255 for img in (a, b))
    )
    assert float(ours) == pytest.approx(theirs(a, b), rel=1e-6)


@needs_mmagic
def test_config_inherits_from_mmagics():
    theirs = get_config(
        'mmagic::pix2pix/pix2pix_vanilla-unet-bn_1xb1-80kiters_facades.py'
    )
    ours = Config.fromstring(
        "_base_ = 'mmagic::pix2pix/pix2pix_vanilla-unet-bn_1xb1-80kiters_"
        "facades.py'\nmodel = dict(discriminator=dict(\n"
        "    type='mmposetransfer.PatchDiscriminator', _delete_=True))\n",
        '.py',
    )
    assert theirs.model.type == ours.model.type == 'Pix2Pix'
    check_config(ours)


@pytest.mark.full_stack('mmcv.ops', 'torchvision', 'mmdet', 'mmpose', 'mmagic')
def test_report_finds_everything():
    report = collect_env()
    assert report['Warp backends'] == dict(
        grid_sample='available', mmcv='available'
    )
    for name in ('torchvision', 'mmdet', 'mmpose', 'mmagic'):
        assert report['Optional parts'][name].startswith(f'{name} ')
        assert 'FAILS' not in report['Optional parts'][name]
