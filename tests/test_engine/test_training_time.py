"""Seconds of a training, counted through interruptions."""

import torch
from mmengine.hooks import Hook
from toy_training import broken_run, toy_runner

from mmposetransfer.engine import TrainingTimeHook
from mmposetransfer.engine.checkpoint_files import find_last_good_checkpoint
from mmposetransfer.engine.hooks.training_time_hook import TRAINING_SECONDS


def seconds(work_dir):
    checkpoint = torch.load(
        find_last_good_checkpoint(work_dir), weights_only=True
    )
    return checkpoint['message_hub']['runtime_info'][TRAINING_SECONDS]


class Clock(Hook):
    """What is known after each step, by its number."""

    priority = 'LOWEST'

    def __init__(self):
        self.known = {}

    def after_train_iter(self, runner, *args, **kwargs):
        known = runner.message_hub.runtime_info[TRAINING_SECONDS]
        self.known.setdefault(runner.iter, []).append(known)


def test_checkpoints_know_it(tmp_path):
    clock = Clock()
    toy_runner(tmp_path, [TrainingTimeHook(), clock]).train()
    counted = [known for (known,) in clock.known.values()]
    assert counted[0] > 0 and counted == sorted(counted)
    assert seconds(tmp_path) == counted[-1]


def test_a_resumed_run_goes_on_from_its_checkpoint(tmp_path):
    clock = Clock()

    def make(work_dir, hooks, **options):
        return toy_runner(work_dir, [*hooks, TrainingTimeHook()], **options)

    broken_run(tmp_path, [7], make=make, more=[clock])
    # The seventh step was made twice, from the checkpoint of the sixth.
    assert {n for n, known in clock.known.items() if len(known) > 1} <= {6}
    assert clock.known[5][0] < clock.known[6][-1] < clock.known[7][0]
    assert seconds(tmp_path) == clock.known[max(clock.known)][-1]
