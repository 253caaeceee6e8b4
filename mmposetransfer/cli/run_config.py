"""The arguments of commands that run a config, and the config of a run."""

import os

from mmposetransfer.apis import find_config
from mmposetransfer.utils.config_file import OptionsAction, read_config

__all__ = ['add_cfg_options', 'add_run_arguments', 'load_run_config']


def add_run_arguments(parser):
    """Add ``config``, ``--work-dir``, ``--cfg-options`` and ``--launcher``.

    Args:
        parser (argparse.ArgumentParser): ``config`` is its first positional
            argument.
    """
    parser.add_argument(
        'config',
        help='path of the config, or a name that `mmposetransfer '
        'list-models` prints',
    )
    parser.add_argument(
        '--work-dir',
        help='where logs and checkpoints go (default: '
        'work_dirs/NAME_OF_THE_CONFIG)',
    )
    add_cfg_options(parser, 'train_dataloader.batch_size=4')
    parser.add_argument(
        '--launcher',
        choices=('none', 'pytorch', 'slurm', 'mpi'),
        default='none',
        help='how the processes were started',
    )


def add_cfg_options(parser, example):
    """Add ``--cfg-options``.

    Args:
        parser (argparse.ArgumentParser): Of a command.
        example (str): A change of a config, for the help.
    """
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=OptionsAction,
        default={},
        metavar='KEY=VALUE',
        help=f'change the config, such as {example}',
    )


def load_run_config(args):
    """The config with the command line's changes.

    Its work directory is that of ``--work-dir``, else the config's own, else
    one named after the config.
    """
    # MMEngine reads it; torchrun and srun set it, a plain start does not.
    os.environ.setdefault('LOCAL_RANK', '0')
    path = find_config(args.config)
    cfg = read_config(path, args.cfg_options)
    cfg.launcher = args.launcher
    cfg.work_dir = (
        args.work_dir
        or cfg.get('work_dir')
        or os.path.join('work_dirs', path.stem)
    )
    return cfg
