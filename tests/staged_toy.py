"""A run of milliseconds through stages of epochs and of iterations."""

from copy import deepcopy

import torch
from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.model import BaseModel
from torch import nn
from toy_training import VALIDATION, Noise, toy_runner

from mmposetransfer.registry import DATASETS

# Steps of the run: 2 epochs of 5, 11 iterations in passes of 4, 2 epochs of 5.
STAGES = [
    dict(
        name='epochs',
        components=['first'],
        epochs=2,
        param_scheduler=dict(type='ExponentialLR', gamma=0.9),
    ),
    dict(
        name='iterations',
        components=dict(first=0, second=5),
        iters=11,
        freeze_norm=7,
        val_interval=3,
        param_scheduler=[
            dict(
                type='LinearLR',
                start_factor=1.0,
                end_factor=0.1,
                by_epoch=False,
            )
        ],
        train_dataloader=dict(dataset=dict(length=8)),
    ),
    dict(name='more epochs', components=['second'], epochs=2),
]
STEPS, EPOCHS = 31, 7


@DATASETS.register_module()
class RegisteredNoise(Noise):
    """For loaders that a stage builds."""


class StagedToy(BaseModel):
    """Two networks with dropout and BatchNorm that learn in stages."""

    def __init__(self):
        super().__init__()
        for name in ('first', 'second'):
            net = nn.Sequential(
                nn.Linear(4, 4),
                nn.BatchNorm1d(4),
                nn.Dropout(0.5),
                nn.Linear(4, 1),
            )
            setattr(self, name, net)
        self.learning = frozenset()
        self.freeze_norm = False
        self.pending = set()

    def set_learning(self, components):
        self.learning = frozenset(components)
        self.train(self.training)

    def set_pending(self, components):
        self.pending = set(components)

    def needed_by(self, components):
        return set()

    def train(self, mode=True):
        super().train(mode)
        for name in {'first', 'second'} - self.learning:
            getattr(self, name).eval()
        for module in self.modules():
            if self.freeze_norm and isinstance(module, nn.BatchNorm1d):
                module.eval()
        return self

    def train_step(self, data, optim_wrapper):
        batch, losses = torch.stack(list(data)), {}
        for name in sorted(self.learning):
            net = getattr(self, name)
            with optim_wrapper[name].optim_context(net):
                loss = net(batch).square().mean()
            optim_wrapper[name].update_params(loss)
            losses[f'loss_{name}'] = loss.detach()
        return losses

    def val_step(self, data):
        hidden = self.first(torch.stack(list(data)))
        return [self.second(hidden.expand(-1, 4)).mean()]

    def forward(self, *batch, mode):
        raise NotImplementedError


class Watch(Hook):
    """What is known of the run at each step, by number."""

    priority = 'VERY_LOW'

    def __init__(self):
        self.steps = {}
        self.validated = []

    def after_train_iter(
        self, runner, batch_idx, data_batch=None, outputs=None
    ):
        self.steps[runner.iter] = dict(
            epoch=runner.epoch,
            lengths=(runner.max_epochs, runner.max_iters),
            told=(
                runner.message_hub.get_info('max_epochs'),
                runner.message_hub.get_info('max_iters'),
            ),
            eta=runner.message_hub.get_info('eta'),
            losses=sorted(outputs),
            mean=runner.model.first[1].running_mean.clone(),
            lrs={
                name.removesuffix('.lr'): values[0]
                for name, values in runner.optim_wrapper.get_lr().items()
            },
            updates={
                name: max(
                    (
                        int(state['step'])
                        for state in wrapper.optimizer.state.values()
                    ),
                    default=0,
                )
                for name, wrapper in runner.optim_wrapper.items()
            },
        )

    def before_val_epoch(self, runner):
        self.validated.append(runner.iter)


def staged_runner(
    work_dir, hooks=(), stages=STAGES, wrapper=None, settings=None, **options
):
    """As :func:`toy_runner`, through some stages, with validation.

    Args:
        work_dir (Path): Where it writes.
        hooks (Sequence[Hook]): More hooks.
        stages (list[dict]): Of the StagedTrainingHook.
        wrapper (dict, optional): Changes to the optimizers' wrappers.
        settings (dict, optional): More of the config.
        options: As of :func:`toy_runner`.
    """
    optimizer = dict(optimizer=dict(type='Adam', lr=1e-2), **wrapper or {})
    optim_wrapper = dict(
        constructor='MultiOptimWrapperConstructor',
        first=optimizer,
        second=deepcopy(optimizer),
    )
    loader = {
        **dict(
            dataset=dict(type='RegisteredNoise'),
            batch_size=2,
            num_workers=0,
            sampler=dict(type='DefaultSampler', shuffle=True),
        ),
        **options.pop('loader', {}),
    }
    return toy_runner(
        work_dir,
        hooks,
        **{
            **VALIDATION,
            **dict(
                model=dict(type=StagedToy),
                cfg=Config(
                    dict(
                        optim_wrapper=optim_wrapper,
                        train_dataloader=loader,
                        **settings or {},
                    )
                ),
                loader=loader,
                optim_wrapper=optim_wrapper,
                param_scheduler=None,
                train_cfg=dict(type='ResumableTrainLoop'),
                custom_hooks=[
                    dict(type='StagedTrainingHook', stages=deepcopy(stages))
                ],
            ),
            **options,
        },
    )
