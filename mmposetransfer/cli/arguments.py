"""What commands share: arguments, their types, and how they are spelled."""

import argparse
import os

from mmposetransfer.apis import find_config
from mmposetransfer.config.file import OptionsAction, read_config
from mmposetransfer.utils.spelling import spelled

__all__ = [
    'add_run_arguments',
    'at_least',
    'load_run_config',
    'positive',
    'spelled_as_options',
]


def at_least(minimum):
    """An argparse type: whole numbers from ``minimum`` on.

    Args:
        minimum (int): The least that is meant.

    Returns:
        Callable: From text to int.
    """

    def whole_number(text):
        try:
            number = int(text)
        except ValueError:
            number = None
        if number is None or number < minimum:
            raise argparse.ArgumentTypeError(
                f"expected a whole number of at least {minimum}, got '{text}'"
            )
        return number

    return whole_number


def positive(text):
    """An argparse type: numbers above 0, infinity among them."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not number > 0:
        raise argparse.ArgumentTypeError(
            f"expected a number above 0, got '{text}'"
        )
    return number


def spelled_as_options(*names, **others):
    """Have messages speak of options in place of Python's arguments.

    Args:
        *names (str): Arguments whose option has the same name, such as
            'target_name' for ``--target-name``.
        **others (str): Argument -> option of another name.

    Returns:
        ContextManager: For the code that a command runs.
    """
    return spelled(
        **{name: f'--{name.replace("_", "-")}' for name in names}, **others
    )


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
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=OptionsAction,
        default={},
        metavar='KEY=VALUE',
        help='change the config, such as train_dataloader.batch_size=4',
    )
    parser.add_argument(
        '--launcher',
        choices=('none', 'pytorch', 'slurm', 'mpi'),
        default='none',
        help='how the processes were started',
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
