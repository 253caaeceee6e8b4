"""Train as tools/train.py does, but die of SIGKILL at a chosen moment.

python tools/analysis_tools/crash_points.py POINT STEP DELAY CONFIG [ARGUMENT]

From the training step STEP on, the process kills itself DELAY seconds after
it next comes to POINT. With `start` the delay counts from the program's
start, whatever the step.
"""

import os
import signal
import sys
import threading
import time

# The program's start, before anything slow is imported.
STARTED = time.monotonic()


def die():
    """As the kernel does when memory runs out."""
    os.kill(os.getpid(), signal.SIGKILL)


class Trap:
    """Kills the process at a point, once it is armed.

    Args:
        delay (float): Seconds from there.
    """

    def __init__(self, delay):
        self.delay = delay
        self.armed = False

    def spring(self):
        """Die now, or a little later."""
        if self.armed:
            self.armed = False
            if self.delay <= 0:
                die()
            threading.Timer(self.delay, die).start()

    def set(self, owner, name, after=False, only=lambda *args: True):
        """Put the trap before, or after, a function."""
        function = getattr(owner, name)

        def trapped(*args, **kwargs):
            here = only(*args)
            if here and not after:
                self.spring()
            result = function(*args, **kwargs)
            if here and after:
                self.spring()
            return result

        setattr(owner, name, trapped)


def _is_checkpoint(*args):
    return str(args[-1]).endswith('.pth')


def _cut_half(trap):
    """Before a checkpoint is flushed, half of it is on the disk."""
    sync = os.fsync

    def cut(descriptor):
        if trap.armed and '.pth.' in os.readlink(
            f'/proc/self/fd/{descriptor}'
        ):
            os.ftruncate(descriptor, os.fstat(descriptor).st_size // 2)
            trap.spring()
        sync(descriptor)

    os.fsync = cut


def _set(trap, point):
    from mmengine.runner import ValLoop

    from mmposetransfer.engine import StagedTrainingHook

    if point == 'half-written':
        _cut_half(trap)
    elif point == 'stage-switch':
        trap.set(StagedTrainingHook, '_enter')
    elif point == 'validation':
        trap.set(ValLoop, 'run_iter')
    elif point == 'validated':
        trap.set(ValLoop, 'run', after=True)
    elif point in ('before-rename', 'after-rename'):
        trap.set(
            os, 'replace', after=point == 'after-rename', only=_is_checkpoint
        )
    elif point == 'before-last':
        trap.set(
            os,
            'replace',
            only=lambda *args: args[-1].endswith('last_checkpoint'),
        )
    elif point == 'before-removal':
        trap.set(os, 'remove', only=_is_checkpoint)
    elif point != 'step':
        raise SystemExit(
            f"error: there is no point '{point}'; there are {POINTS}"
        )


POINTS = (
    'start',
    'step',
    'half-written',
    'before-rename',
    'after-rename',
    'before-last',
    'before-removal',
    'stage-switch',
    'validation',
    'validated',
)


def main():
    """Set the trap, then train."""
    point, step, delay = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    trap = Trap(delay)
    if point == 'start':
        left = delay - (time.monotonic() - STARTED)
        threading.Timer(max(left, 0), die).start()
    from mmposetransfer.cli.train import main as train
    from mmposetransfer.engine import ResumableTrainLoop

    if point != 'start':
        _set(trap, point)

    run_iter = ResumableTrainLoop.run_iter

    def armed_run_iter(loop, *args):
        if loop.iter >= step and not getattr(trap, 'was_armed', False):
            trap.armed = trap.was_armed = True
            if point == 'step':
                trap.spring()
        run_iter(loop, *args)

    ResumableTrainLoop.run_iter = armed_run_iter
    train(sys.argv[4:])


if __name__ == '__main__':
    main()
