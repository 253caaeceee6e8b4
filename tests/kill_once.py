"""A training that kills its process, once."""

import os
import signal
from pathlib import Path

from mmengine.hooks import Hook

from mmposetransfer.cli import main
from mmposetransfer.registry import HOOKS


@HOOKS.register_module()
class KillOnce(Hook):
    """Kill the process as `kill -9` does, unless that was done before.

    Args:
        step (int): After so many steps, before a checkpoint holds the last.
        flag (str): A file that says that it was done.
    """

    priority = 'HIGHEST'

    def __init__(self, step, flag):
        self.step = step
        self.flag = Path(flag)

    def after_train_iter(self, runner, *args, **kwargs):
        if runner.iter + 1 == self.step and not self.flag.exists():
            self.flag.touch()
            os.kill(os.getpid(), signal.SIGKILL)


def command(rank, argv):
    """The command line, in a process of its own."""
    main(argv)
