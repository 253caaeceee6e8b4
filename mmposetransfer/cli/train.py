"""Train a model from a config: all of its stages, in one command."""

import torch
from mmengine.runner import Runner

from mmposetransfer.cli.mistakes import told_plainly
from mmposetransfer.config.check import check_config
from mmposetransfer.errors import UserValueError
from mmposetransfer.io.atomic_write import check_writable
from mmposetransfer.utils.dist import join_processes
from mmposetransfer.utils.setup_env import register_all_modules

from .arguments import command_parser
from .run_config import add_run_arguments, load_run_config

__all__ = ['main']

LESS_MEMORY = (
    'Less is taken by smaller batches (--cfg-options '
    'train_dataloader.batch_size=N; with '
    'optim_wrapper.PART.accumulative_counts=M the gradients of M of them are '
    'added up), by --amp, and by a config of smaller pictures or of fewer '
    'train_dataloader.num_workers.'
)


def parse_args(argv=None):
    """Read the command line."""
    parser = command_parser('train', __doc__)
    add_run_arguments(parser)
    parser.add_argument(
        '--resume',
        nargs='?',
        const='auto',
        metavar='CHECKPOINT',
        help='go on from this checkpoint, or from the newest one of the work '
        'directory when none is named',
    )
    parser.add_argument(
        '--stages',
        nargs='+',
        metavar='NAME',
        help='only these stages of the config, such as flow; what they need '
        'of those before comes with --cfg-options load_from=CHECKPOINT',
    )
    parser.add_argument(
        '--amp', action='store_true', help='train with mixed precision'
    )
    parser.add_argument(
        '--amp-dtype',
        choices=('float16', 'bfloat16'),
        help='of --amp (default: float16 on a GPU, bfloat16 on a CPU)',
    )
    parser.add_argument(
        '--auto-scale-lr',
        action='store_true',
        help='scale the learning rates by the real batch size over that of '
        'the config (auto_scale_lr.base_batch_size)',
    )
    return parser.parse_args(argv)


def use_amp(optim_wrapper, dtype=None):
    """Make every optimizer wrapper of a config one of mixed precision.

    Args:
        optim_wrapper (ConfigDict): Of a config; changed in place.
        dtype (str, optional): 'float16', which needs a GPU, or 'bfloat16'.
            Defaults to float16 on a GPU, to bfloat16 on a CPU.

    Raises:
        ValueError: For float16 where there is no GPU.
    """
    on_gpu = torch.cuda.is_available()
    dtype = dtype or ('float16' if on_gpu else 'bfloat16')
    if dtype == 'float16' and not on_gpu:
        raise UserValueError(
            '--amp-dtype float16 needs a GPU, and torch finds '
            'none here: use bfloat16.'
        )
    wrapper = dict(float16='AmpOptimWrapper', bfloat16='BFloat16OptimWrapper')
    if 'optimizer' in optim_wrapper:  # one for all of the model
        optim_wrapper['type'] = wrapper[dtype]
        return
    for name, part in optim_wrapper.items():
        if name not in ('constructor', 'paramwise_cfg'):
            part['type'] = wrapper[dtype]


def choose_stages(cfg, names):
    """Make a run of some of a config's stages.

    Args:
        cfg (Config): Of a run; changed in place.
        names (list[str]): Of stages.

    Raises:
        ValueError: If the config does not train in stages.
    """
    for hook in cfg.get('custom_hooks') or ():
        if str(hook['type']).endswith('StagedTrainingHook'):
            hook['only'] = names
            return
    raise UserValueError(
        '--stages chooses among the stages of a StagedTrainingHook, which '
        "this config's custom_hooks do not have"
    )


def load_config(args):
    """The config with the command line's changes."""
    cfg = load_run_config(args)
    if args.amp or args.amp_dtype:
        use_amp(cfg.optim_wrapper, args.amp_dtype)
    if args.stages:
        choose_stages(cfg, args.stages)
    if args.auto_scale_lr:
        cfg.auto_scale_lr.enable = True
    if args.resume:
        # 'auto': where there is no checkpoint yet, `load_from` counts.
        cfg.resume = 'auto' if args.resume == 'auto' else True
        if args.resume != 'auto':
            cfg.load_from = args.resume
    return cfg


@told_plainly(LESS_MEMORY)
def main(argv=None):
    """Check the config, build the runner, train.

    Args:
        argv (list[str], optional): Arguments; default: the command line's.
    """
    args = parse_args(argv)
    cfg = load_config(args)
    register_all_modules()
    check_config(cfg)
    check_writable(f'{cfg.work_dir}/run.log')
    join_processes(args.launcher)
    Runner.from_cfg(cfg).train()
