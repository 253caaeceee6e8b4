"""Stages: who learns when, with what, and where a resumed run lands."""

from copy import deepcopy

import pytest
import torch
from mmengine.hooks import Hook
from mmengine.logging import MMLogger
from mmengine.registry import init_default_scope
from tiny_training import run_training, tiny_config

from mmposetransfer.cli.train import choose_stages, load_config, parse_args
from mmposetransfer.models import DIPT
from mmposetransfer.registry import HOOKS


class Recorder(Hook):
    """What changed in each epoch, and with which optimizers."""

    def __init__(self):
        self.epochs = []

    def before_train_epoch(self, runner):
        self.before = deepcopy(runner.model.state_dict())

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        self.lrs = {
            name: values[0]
            for name, values in runner.optim_wrapper.get_lr().items()
        }

    def after_train_epoch(self, runner):
        after = runner.model.state_dict()
        changed = {
            key.split('.')[0]
            for key, value in after.items()
            if not torch.equal(value, self.before[key])
        }
        self.epochs.append((changed, self.lrs))


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    work_dir = tmp_path_factory.mktemp('run')
    recorder = Recorder()
    runner = run_training(tiny_config(work_dir), recorder)
    return work_dir, recorder.epochs, runner


def test_only_the_components_of_the_stage_change(trained):
    assert [changed for changed, _ in trained[1]] == [
        {'flow_regressor'},
        {'flow_regressor'},
        {'generator'},
        {'generator', 'discriminator'},
        {'pixel_warping'},
    ]


def test_every_stage_has_its_own_optimizers_and_schedule(trained):
    lrs = [lrs for _, lrs in trained[1]]
    assert lrs[0] == {'flow_regressor.lr': pytest.approx(1e-4)}
    assert lrs[1] == {'flow_regressor.lr': pytest.approx(5e-5)}
    assert lrs[2] == lrs[3] == {'generator.lr': 2e-4, 'discriminator.lr': 2e-5}
    assert lrs[4] == {'pixel_warping.lr': 2e-4}


def test_checkpoints_are_plain_data(trained):
    work_dir, _, _ = trained
    checkpoint = torch.load(work_dir / 'epoch_5.pth', weights_only=True)
    assert checkpoint['stage'] == dict(index=2, first_epoch=4, first_iter=8)
    scalars = checkpoint['message_hub']['log_scalars']
    # Those of the last stage: an epoch of two steps.
    assert scalars['train/loss_l1']['log'].numel() == 2
    assert 'train/loss_epe' not in scalars


@pytest.mark.parametrize('epoch', [3, 4])
def test_resuming_gives_the_weights_of_an_unbroken_run(
    trained, tmp_path, epoch
):
    """From within a stage (3), and from the last epoch of one (4)."""
    work_dir, _, unbroken = trained
    cfg = tiny_config(
        tmp_path, resume=True, load_from=str(work_dir / f'epoch_{epoch}.pth')
    )
    recorder = Recorder()
    resumed = run_training(cfg, recorder)
    assert len(recorder.epochs) == 5 - epoch
    assert recorder.epochs == trained[1][epoch:]
    wanted = unbroken.model.state_dict()
    for key, value in resumed.model.state_dict().items():
        torch.testing.assert_close(value, wanted[key], rtol=1e-4, atol=1e-5)
    steps = resumed.message_hub.get_scalar('train/loss_l1')
    assert (
        steps.data[0].size
        == unbroken.message_hub.get_scalar('train/loss_l1').data[0].size
    )


def test_auto_scale_lr_scales_every_stage(tmp_path):
    cfg = tiny_config(tmp_path, auto_scale_lr__enable=True)
    recorder = Recorder()
    run_training(cfg, recorder)
    # Batches of 2 instead of 8: a quarter of the learning rates.
    assert recorder.epochs[0][1]['flow_regressor.lr'] == pytest.approx(
        1e-4 / 4
    )
    assert recorder.epochs[4][1]['pixel_warping.lr'] == pytest.approx(2e-4 / 4)


def test_a_stage_of_an_unknown_component_is_refused(tmp_path):
    cfg = tiny_config(tmp_path)
    cfg.custom_hooks[0].stages[1].components = ['generatr']
    with pytest.raises(ValueError, match=r"no component \['generatr'\]"):
        run_training(cfg)


def test_a_stage_on_untrained_components_is_refused(tmp_path):
    cfg = tiny_config(tmp_path)
    del cfg.custom_hooks[0].stages[0]
    with pytest.raises(ValueError, match=r"\['flow_regressor'\].*load_from"):
        run_training(cfg)


def test_a_length_other_than_that_of_the_stages_is_refused(tmp_path):
    with pytest.raises(ValueError, match='max_epochs is 7.*leave max_epochs'):
        run_training(tiny_config(tmp_path, train_cfg__max_epochs=7))


@pytest.mark.parametrize(('freeze_norm', 'warned'), [(1, True), (0, False)])
def test_a_stage_too_short_for_its_freeze_norm_is_told(
    tmp_path, monkeypatch, freeze_norm, warned
):
    """It ends in statistics that the model is not used with."""
    cfg = tiny_config(tmp_path)
    cfg.custom_hooks[0].stages[1].freeze_norm = 1  # of two epochs
    cfg.custom_hooks[0].stages[2].freeze_norm = freeze_norm
    told = []
    monkeypatch.setattr(
        MMLogger, 'warning', lambda self, text, *_: told.append(text)
    )
    run_training(cfg)
    told = [text for text in told if 'freeze_norm' in text]
    assert len(told) == warned
    assert all("'pixel_warping' of 1 epochs" in text for text in told)


def test_the_length_follows_from_the_stages(tmp_path):
    """One changed on the command line is enough; the same in max_epochs is."""
    cfg = tiny_config(tmp_path, custom_hooks__0__stages__0__epochs=1)
    cfg.train_cfg.max_epochs = 4
    runner = run_training(cfg)
    assert (runner.epoch, runner.max_epochs, runner.max_iters) == (4, 4, 8)


def test_steps_to_come_are_counted_after_resuming(trained, tmp_path):
    work_dir, _, unbroken = trained
    cfg = tiny_config(
        tmp_path, resume=True, load_from=str(work_dir / 'epoch_4.pth')
    )
    resumed = run_training(cfg)
    assert resumed.max_iters == unbroken.max_iters == unbroken.iter == 10


def test_checkpoints_say_which_components_were_still_to_be_trained(trained):
    work_dir, _, _ = trained
    pending = [
        torch.load(work_dir / f'epoch_{epoch}.pth', weights_only=True)[
            'state_dict'
        ]['pending_components'].tolist()
        for epoch in (3, 4, 5)
    ]
    # flow_regressor, generator, pixel_warping, discriminator
    assert pending == [[0, 0, 1, 0], [0, 0, 1, 0], [0, 0, 0, 0]]


def test_hook_is_built_by_the_root_registry():
    init_default_scope('mmposetransfer')
    hook = HOOKS.build(
        dict(
            type='StagedTrainingHook',
            stages=[dict(name='a', components=['x'], epochs=1)],
        )
    )
    assert [stage.length for stage in hook.stages] == [1]


def test_a_run_of_some_of_the_stages(trained, tmp_path):
    """Flow alone, then the generator on it: as in one run, but for pixels."""
    flow = tmp_path / 'flow'
    recorder = Recorder()
    cfg = tiny_config(flow)
    cfg.custom_hooks[0].only = ['flow']
    run_training(cfg, recorder)
    assert [changed for changed, _ in recorder.epochs] == [
        {'flow_regressor'},
        {'flow_regressor'},
    ]
    weights = torch.load(flow / 'epoch_2.pth', weights_only=True)['state_dict']
    pending = dict(
        zip(DIPT.COMPONENTS, weights['pending_components'], strict=True)
    )
    assert not pending['flow_regressor'] and pending['generator']
    whole = trained[2].model.state_dict()
    for key, value in weights.items():
        if key.startswith('flow_regressor'):
            assert torch.equal(value, whole[key]), key
    cfg = tiny_config(tmp_path / 'rest', load_from=str(flow / 'epoch_2.pth'))
    cfg.custom_hooks[0].only = ['generator']
    recorder = Recorder()
    runner = run_training(cfg, recorder)
    assert [changed for changed, _ in recorder.epochs] == [
        {'generator'},
        {'generator', 'discriminator'},
    ]
    assert not runner.model.is_pending('flow_regressor')
    assert runner.model.is_pending('pixel_warping')


def test_stages_that_there_are_none_of(tmp_path):
    cfg = tiny_config(tmp_path)
    cfg.custom_hooks[0].only = ['flow', 'generatr']
    with pytest.raises(ValueError, match=r"'generatr'.*'generator'\?"):
        run_training(cfg)


def test_what_a_stage_needs_of_others_is_asked_for(tmp_path):
    cfg = tiny_config(tmp_path)
    cfg.custom_hooks[0].only = ['pixel_warping']
    with pytest.raises(ValueError, match='load_from=PATH'):
        run_training(cfg)


def test_stages_of_the_command_line(tmp_path):
    arguments = ['dipt/full_synthfashion_64', '--work-dir', str(tmp_path)]
    cfg = load_config(parse_args([*arguments, '--stages', 'flow']))
    assert cfg.custom_hooks[0].only == ['flow']
    cfg.custom_hooks = []
    with pytest.raises(ValueError, match='custom_hooks'):
        choose_stages(cfg, ['flow'])
