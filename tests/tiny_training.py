"""A training run of DIPT that is small enough for a test."""

from pathlib import Path

from mmengine.config import Config
from mmengine.runner import Runner

CONFIGS = Path(__file__).parents[1] / 'configs'


def tiny_config(work_dir, **options):
    """The quick start's config, cut down to seconds.

    Args:
        work_dir (Path): Where the run writes.
        options: Values by dotted key, with ``__`` for the dots.
    """
    cfg = Config.fromfile(CONFIGS / 'dipt' / 'full_synthfashion_64.py')
    for loader in (cfg.train_dataloader, cfg.test_dataloader):
        loader.update(num_workers=0, persistent_workers=False, batch_size=2)
        loader.dataset.update(num_people=4, num_pairs=4)
    cfg.merge_from_dict(
        {
            'work_dir': str(work_dir),
            'model.flow_regressor.backbone.base_channels': 4,
            'model.flow_regressor.backbone.max_channels': 8,
            'model.generator.base_channels': 4,
            'model.generator.max_channels': 8,
            'model.pixel_warping.base_channels': 4,
            'model.pixel_warping.max_channels': 8,
            'model.discriminator.base_channels': 4,
            'model.loss_perceptual': None,
            'log_level': 'ERROR',
            'env_cfg.dist_cfg.backend': 'gloo',
        }
    )
    cfg.default_hooks.pop('visualization')
    for component, lr in dict(
        flow_regressor=1e-4,
        generator=2e-4,
        pixel_warping=2e-4,
        discriminator=2e-5,
    ).items():
        cfg.optim_wrapper[component].optimizer.lr = lr
    stages = cfg.custom_hooks[0].stages
    for stage, epochs in zip(stages, (2, 2, 1), strict=True):
        stage.update(epochs=epochs, param_scheduler=None)
    stages[0].param_scheduler = [dict(type='StepLR', step_size=1, gamma=0.5)]
    stages[1].components = dict(generator=0, discriminator=1)
    cfg.default_hooks.checkpoint.max_keep_ckpts = -1
    cfg.merge_from_dict(
        {key.replace('__', '.'): value for key, value in options.items()}
    )
    return cfg


def run_training(cfg, *hooks):
    """Train from a config; returns the runner."""
    cfg.experiment_name = f'tiny_{id(cfg)}'
    runner = Runner.from_cfg(cfg)
    for hook in hooks:
        runner.register_hook(hook, 'VERY_LOW')
    runner.train()
    return runner
