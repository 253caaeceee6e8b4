"""Test a trained model: metrics beside free baselines, pictures, results."""

import argparse
import json
from pathlib import Path

from mmengine.dist import is_main_process
from mmengine.runner import Runner

from mmposetransfer.apis.model import (
    load_weights,
    resolve_checkpoint,
    without_training_parts,
)
from mmposetransfer.evaluation import format_table
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
        'checkpoint', help='path of the checkpoint, or a work directory, '
        'whose newest checkpoint is taken')
    parser.add_argument('--out', help='write the metrics to this JSON file')
    parser.add_argument(
        '--show-dir', help='write a strip of pictures for every pair, and a '
        'grid of the first ones, to this folder')
    add_run_arguments(parser)
    return parser.parse_args()


def main():
    """Check the config, build the runner, test, print the table."""
    args = parse_args()
    cfg = load_run_config(args)
    if args.show_dir:
        hooks = cfg.setdefault('default_hooks', {})
        hooks['visualization'] = dict(
            hooks.get('visualization') or dict(
                type='PoseTransferVisualizationHook'),
            show_dir=args.show_dir)
    register_all_modules()
    check_config(cfg)
    init_gloo_without_gpu(args.launcher)
    cfg.model = without_training_parts(cfg.model)
    cfg.load_from = None  # below, and all weights have to be there
    runner = Runner.from_cfg(cfg)
    load_weights(getattr(runner.model, 'module', runner.model),
                 resolve_checkpoint(args.checkpoint))
    metrics = runner.test()
    if is_main_process():
        print(format_table(metrics))
        if args.out:
            Path(args.out).parent.mkdir(parents=True, exist_ok=True)
            Path(args.out).write_text(json.dumps(metrics, indent=2) + '\n')


if __name__ == '__main__':
    main()
