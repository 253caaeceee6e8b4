"""Command-line arguments that training and testing share."""

import os

from mmengine.config import Config, DictAction

__all__ = ['add_run_arguments', 'load_run_config']


def add_run_arguments(parser):
    """Add ``--work-dir``, ``--cfg-options`` and ``--launcher``.

    Args:
        parser (argparse.ArgumentParser): Of a tool that has ``config``.
    """
    parser.add_argument(
        '--work-dir', help='where logs and checkpoints go (default: '
        'work_dirs/NAME_OF_THE_CONFIG)')
    parser.add_argument(
        '--cfg-options', nargs='+', action=DictAction, default={},
        metavar='KEY=VALUE',
        help='change the config, such as train_dataloader.batch_size=4')
    parser.add_argument(
        '--launcher', choices=('none', 'pytorch', 'slurm', 'mpi'),
        default='none', help='how the processes were started')


def load_run_config(args):
    """The config with the command line's changes.

    Its work directory is that of ``--work-dir``, else the config's own, else
    one named after the config.
    """
    # MMEngine reads it; torchrun and srun set it, a plain start does not.
    os.environ.setdefault('LOCAL_RANK', '0')
    cfg = Config.fromfile(args.config)
    cfg.merge_from_dict(args.cfg_options)
    cfg.launcher = args.launcher
    name = os.path.splitext(os.path.basename(args.config))[0]
    cfg.work_dir = args.work_dir or cfg.get('work_dir') or os.path.join(
        'work_dirs', name)
    return cfg
