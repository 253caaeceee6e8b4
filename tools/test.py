"""Test a trained model: metrics beside free baselines, pictures, results."""

import argparse
import json
from pathlib import Path

from mmengine.config import Config
from mmengine.dist import is_main_process
from mmengine.runner import Runner

from mmposetransfer.apis.model import resolve_checkpoint
from mmposetransfer.evaluation import format_table
from mmposetransfer.utils.arguments import (
    add_run_arguments,
    parse_run_arguments,
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
    return parse_run_arguments(parser)


def main():
    """Check the config, build the runner, test, print the table."""
    args = parse_args()
    cfg = Config.fromfile(args.config)
    cfg.merge_from_dict(args.cfg_options)
    cfg.launcher = args.launcher
    cfg.load_from = resolve_checkpoint(args.checkpoint)
    cfg.work_dir = args.work_dir
    if args.show_dir:
        hook = cfg.default_hooks.setdefault(
            'visualization', dict(type='PoseTransferVisualizationHook'))
        hook.show_dir = args.show_dir
    register_all_modules()
    check_config(cfg)
    init_gloo_without_gpu(args.launcher)
    metrics = Runner.from_cfg(cfg).test()
    if is_main_process():
        print(format_table(metrics))
        if args.out:
            Path(args.out).parent.mkdir(parents=True, exist_ok=True)
            Path(args.out).write_text(json.dumps(metrics, indent=2) + '\n')


if __name__ == '__main__':
    main()
