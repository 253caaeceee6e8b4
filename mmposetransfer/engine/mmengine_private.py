"""All private state of MMEngine that training touches, and why.

MMEngine promises nothing of it. Each function here says what there is no
public way to; no other file of the library touches any of it, and
``tests/test_engine/test_mmengine_private.py`` holds all of it to the MMEngine
that is installed (``tools/analysis_tools/mmengine_versions.py``: to others).

Two names go the other way: :meth:`mmengine.runner.Runner.resume` writes
``_epoch`` and ``_iter`` of the loop, which :class:`ResumableTrainLoop`
therefore keeps under these names.
"""

from collections.abc import Iterable
from typing import Any

from mmengine.logging import MessageHub
from mmengine.optim import OptimWrapper
from mmengine.runner import BaseLoop, Runner
from torch.utils.data import DataLoader

__all__ = [
    'count_as_stepped',
    'diff_rank_seed',
    'drop_scalar',
    'is_training',
    'loads_from',
    'resumes',
    'set_checkpoint',
    'set_inner_count',
    'set_train_dataloader',
    'vis_backends',
]


def is_training(runner: Runner) -> bool:
    """Whether a runner trains, rather than validates or tests alone.

    Its public ``train_loop``, ``epoch`` and ``iter`` would build the training
    data to find out.
    """
    return isinstance(runner._train_loop, BaseLoop)


def resumes(runner: Runner) -> bool | str:
    """The config's ``resume``, or what was decided since.

    A runner that was built without a config has it nowhere else.
    """
    return runner._resume


def loads_from(runner: Runner) -> str | None:
    """The config's ``load_from``, or what was decided since."""
    return runner._load_from


def set_checkpoint(runner: Runner, resume: bool, path: str | None) -> None:
    """Decide what a runner is about to load; its own choice is the last file.

    Args:
        runner: Before it loads anything.
        resume: Whether to go on from the checkpoint, or to take the weights.
        path: The checkpoint; None for none.
    """
    runner._resume = resume
    runner._load_from = path


def set_train_dataloader(runner: Runner, loader: DataLoader) -> None:
    """Have ``Runner.scale_lr`` read the batch size of the loader in use.

    It looks at what the runner was built with, not at that of its loop.
    """
    runner._train_dataloader = loader


def diff_rank_seed(runner: Runner) -> bool:
    """Whether processes draw their samples by seeds of their own.

    Loaders of the runner's are built by it; the runner tells nobody.
    """
    return runner._randomness_cfg.get('diff_rank_seed', False)


def set_inner_count(wrapper: OptimWrapper, count: int) -> None:
    """Set how many backward passes an optimizer's wrapper has counted.

    The public ``initialize_count_status`` warns that the gradients of an
    unfinished update are lost, which a resumed loop has restored.
    """
    wrapper._inner_count = count


def count_as_stepped(wrapper: OptimWrapper) -> None:
    """Have schedulers take an optimizer for one that has stepped.

    A schedule is its stage's, and runs while a component waits for its first
    step. MMEngine takes that for a wrong order of calls, and warns.
    """
    wrapper._global_step = 0


def drop_scalar(message_hub: MessageHub, name: str) -> None:
    """Forget the history of a scalar; a hub can only add to it."""
    message_hub.log_scalars.pop(name, None)
    message_hub._resumed_keys.pop(name, None)


def vis_backends(runner: Runner) -> Iterable[Any]:
    """All backends of the visualizer, which gives out one by its name."""
    return runner.visualizer._vis_backends.values()
