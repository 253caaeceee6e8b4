"""Train a model from a config: all of its stages, in one command."""

import argparse

import torch
from mmengine.runner import Runner

from mmposetransfer.utils.arguments import (
    add_run_arguments,
    load_run_config,
)
from mmposetransfer.utils.config_check import check_config
from mmposetransfer.utils.dist import init_gloo_without_gpu
from mmposetransfer.utils.setup_env import register_all_modules


def parse_args():
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='path of the config')
    parser.add_argument(
        '--resume', nargs='?', const='auto', metavar='CHECKPOINT',
        help='go on from this checkpoint, or from the newest one of the work '
        'directory when none is named')
    parser.add_argument(
        '--amp', action='store_true', help='train with mixed precision')
    parser.add_argument(
        '--auto-scale-lr', action='store_true',
        help='scale the learning rates by the real batch size over that of '
        'the config (auto_scale_lr.base_batch_size)')
    add_run_arguments(parser)
    return parser.parse_args()


def use_amp(optim_wrapper):
    """Make every optimizer wrapper of a config one of mixed precision."""
    if not torch.cuda.is_available():
        raise SystemExit('--amp needs a GPU, and torch finds none here.')
    for name, part in optim_wrapper.items():
        if name not in ('constructor', 'paramwise_cfg'):
            part['type'] = 'AmpOptimWrapper'


def load_config(args):
    """The config with the command line's changes."""
    cfg = load_run_config(args)
    if args.amp:
        use_amp(cfg.optim_wrapper)
    if args.auto_scale_lr:
        cfg.auto_scale_lr.enable = True
    if args.resume:
        cfg.resume = True
        cfg.load_from = None if args.resume == 'auto' else args.resume
    return cfg


def main():
    """Check the config, build the runner, train."""
    args = parse_args()
    cfg = load_config(args)
    register_all_modules()
    check_config(cfg)
    init_gloo_without_gpu(args.launcher)
    Runner.from_cfg(cfg).train()


if __name__ == '__main__':
    main()
