"""Command-line arguments that training and testing share."""

import os

from mmengine.config import DictAction

__all__ = ['add_run_arguments', 'parse_run_arguments']


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


def parse_run_arguments(parser):
    """Parse the command line; ``work_dir`` is always set."""
    args = parser.parse_args()
    if args.work_dir is None:
        name = os.path.splitext(os.path.basename(args.config))[0]
        args.work_dir = os.path.join('work_dirs', name)
    # MMEngine reads it; torchrun and srun set it, a plain start does not.
    os.environ.setdefault('LOCAL_RANK', '0')
    return args
