"""Test a trained model: metrics beside free baselines, pictures, results."""

import json

from mmengine.dist import is_main_process
from mmengine.runner import Runner

from mmposetransfer.apis.model import (
    load_weights,
    resolve_checkpoint,
    without_training_only,
)
from mmposetransfer.cli.mistakes import told_plainly
from mmposetransfer.config.check import check_config
from mmposetransfer.config.protocol_choice import choose_protocols
from mmposetransfer.errors import UserValueError
from mmposetransfer.evaluation import format_table, get_protocol
from mmposetransfer.io.atomic_write import atomic_write, check_writable
from mmposetransfer.utils.dist import join_processes, unwrap_model
from mmposetransfer.utils.setup_env import register_all_modules

from .arguments import command_parser
from .run_config import add_run_arguments, load_run_config

__all__ = ['main']

LESS_MEMORY = (
    'Less is taken by smaller batches and fewer workers (--cfg-options '
    'test_dataloader.batch_size=N test_dataloader.num_workers=M).'
)


def parse_args(argv=None):
    """Read the command line."""
    parser = command_parser('test', __doc__)
    add_run_arguments(parser)
    parser.add_argument(
        'checkpoint',
        help='path of the checkpoint, or a work directory, '
        'whose newest checkpoint is taken',
    )
    parser.add_argument(
        '--protocol',
        nargs='+',
        metavar='NAME',
        help='evaluation protocols, such as patn2019, in place of those of '
        'the config; `mmposetransfer evaluate --list-protocols` tells all',
    )
    parser.add_argument('--out', help='write the metrics to this JSON file')
    parser.add_argument(
        '--show-dir',
        help='write a strip of pictures for every pair, and a '
        'grid of the first ones, to this folder',
    )
    parser.add_argument(
        '--image-dir',
        help='write the bare result of every pair to this folder, for '
        '`mmposetransfer evaluate` and other evaluation code',
    )
    return parser.parse_args(argv)


def draw_pictures(cfg, args):
    """Have the test of a config write the pictures that are asked for."""
    asked = {}
    if args.show_dir:
        asked['show_dir'] = args.show_dir
    if args.image_dir:
        asked['image_dir'] = args.image_dir
        asked['image_rounding'] = file_rounding(args.protocol or ())
    if asked:
        hooks = cfg.setdefault('default_hooks', {})
        hooks['visualization'] = dict(
            hooks.get('visualization')
            or dict(type='PoseTransferVisualizationHook'),
            **asked,
        )


def file_rounding(protocols):
    """How files hold the pictures that some protocols compare."""
    by_rounding = {
        get_protocol(name).rounding: name for name in reversed(protocols)
    }
    if len(by_rounding) > 1:
        raise UserValueError(
            'no file holds the pictures of both '
            f'{" and ".join(sorted(by_rounding.values()))}, as one rounds '
            'them and the other truncates: write --image-dir by one of them '
            'alone'
        )
    return next(iter(by_rounding), 'nearest')


@told_plainly(LESS_MEMORY)
def main(argv=None):
    """Check the config, build the runner, test, print the table.

    Args:
        argv (list[str], optional): Arguments; default: the command line's.
    """
    args = parse_args(argv)
    cfg = load_run_config(args)
    draw_pictures(cfg, args)
    register_all_modules()
    if args.protocol:
        choose_protocols(cfg, args.protocol)
    checkpoint = resolve_checkpoint(args.checkpoint)
    for path in (
        f'{cfg.work_dir}/run.log',
        args.out,
        args.show_dir and f'{args.show_dir}/grid.png',
        args.image_dir and f'{args.image_dir}/result.png',
    ):
        if path and is_main_process():
            check_writable(path)  # rather than after hours
    check_config(cfg)
    join_processes(args.launcher)
    cfg.model = without_training_only(cfg.model)
    cfg.load_from = None  # below, and all weights have to be there
    runner = Runner.from_cfg(cfg)
    load_weights(unwrap_model(runner.model), checkpoint)
    metrics = runner.test()
    if is_main_process():
        print(
            format_table(
                metrics,
                runner.test_loop.evaluator,
                # A line with the numbers of several is too long.
                by_protocol=len(args.protocol or ()) > 1,
            )
        )
        if args.out:
            with atomic_write(args.out, 'w') as file:
                file.write(json.dumps(metrics, indent=2) + '\n')
