"""One method of a comparison, trained and scored; or a free baseline."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.device import get_device
from mmengine.registry import DefaultScope
from mmengine.runner import Runner
from torch import nn

from mmposetransfer.apis.model import init_model
from mmposetransfer.config.file import import_custom_modules
from mmposetransfer.engine.checkpoint_files import find_last_good_checkpoint
from mmposetransfer.engine.hooks.training_time_hook import TRAINING_SECONDS
from mmposetransfer.evaluation import (
    Baseline,
    CopyReference,
    FittedFlowWarp,
    PredictedFlowWarp,
    TrueFlowWarp,
    TruePicture,
    ZeroFlow,
)
from mmposetransfer.io.atomic_write import atomic_write
from mmposetransfer.io.checkpoint import read_checkpoint
from mmposetransfer.io.text_files import read_json
from mmposetransfer.jobs import Part, check_same, filling
from mmposetransfer.registry import SCOPE
from mmposetransfer.utils.setup_env import register_all_modules

from .entries import Entry, flat_settings
from .scoring import COST_COLUMNS, DataOnly, Number, milliseconds, score

__all__ = [
    'BASELINES',
    'Work',
    'baseline_parts',
    'check_settings',
    'numbers_of',
    'run_folder',
    'training_parts',
    'work_on',
]

NUMBERS = 'numbers.json'
SETTINGS = 'settings.json'
#: Folder of the generated pictures, within that of a run.
PICTURES = 'results'
#: Free baselines by name.
BASELINES: dict[str, type[Baseline]] = {
    baseline.name: baseline
    for baseline in (
        TruePicture,
        CopyReference,
        FittedFlowWarp,
        TrueFlowWarp,
        ZeroFlow,
    )
}
_TIMED = 21  # pictures, of which the first counts not


class Work(NamedTuple):
    """What is to be done for one file of numbers.

    Attributes:
        folder: Where all goes.
        cfg: The config.
        baseline: Name of a free baseline; '' for what is trained.
    """

    folder: Path
    cfg: Config
    baseline: str


def run_folder(root: Path, name: str, seed: int | None = None) -> Path:
    """Where a training lies, or a free baseline, which has no seed."""
    if seed is None:
        return Path(root, 'baselines', name)
    return Path(root, 'methods', name, f'seed_{seed}')


def baseline_parts(root: Path, entry: Entry) -> list[Part]:
    """The free baselines as parts of a job."""
    return [
        _part(Work(run_folder(root, name), entry.cfg, name))
        for name in BASELINES
    ]


def training_parts(
    root: Path, entries: Sequence[Entry], seeds: Sequence[int]
) -> list[Part]:
    """All methods with the first seed, then with the next."""
    parts = []
    for seed in seeds:
        for entry in entries:
            folder = run_folder(root, entry.name, seed)
            cfg = Config(
                entry.cfg.to_dict(),
                filename=entry.cfg.filename,
            )
            cfg.randomness = dict(cfg.get('randomness') or {}, seed=seed)
            cfg.work_dir = str(folder / 'training')
            cfg.experiment_name = f'{entry.name}_{seed}'
            parts.append(_part(Work(folder, cfg, '')))
    return parts


def _part(work: Work) -> Part:
    return Part(str(work.folder / NUMBERS), 1, work)


def numbers_of(folder: Path) -> list[Number] | None:
    """The numbers of a run, or None where it is not finished."""
    path = folder / NUMBERS
    if not path.is_file():
        return None
    return [Number(*row) for row in json.loads(path.read_text())]


def check_settings(work: Work) -> None:
    """Refuse to take a training for that of another config.

    Args:
        work: Of a training, begun or finished or not, or of a baseline, which
            depends on the test pairs alone.

    Raises:
        ValueError: Names what differs.
    """
    path = work.folder / SETTINGS
    if path.is_file():
        found = read_json(path, 'settings of a training')
        check_same(work.folder, found, flat_settings(work.cfg))


def work_on() -> Any:
    """What makes the file of a part; see `jobs.run`."""
    register_all_modules()
    return _make


def _make(part: Part) -> None:
    folder, cfg, baseline = part.work
    import_custom_modules(cfg)
    scope = cfg.get('default_scope') or SCOPE
    with DefaultScope.overwrite_default_scope(scope):
        if baseline:
            numbers = _score_baseline(folder, cfg, BASELINES[baseline]())
        else:
            with filling(folder, SETTINGS, flat_settings(cfg), alone=True):
                numbers = _train_and_score(folder, cfg)
    with atomic_write(part.path, 'w', durable=True) as file:
        file.write(json.dumps(numbers, indent=1) + '\n')


def _score_baseline(
    folder: Path, cfg: Config, baseline: Baseline
) -> list[Number]:
    loader = Runner.build_dataloader(cfg.test_dataloader, seed=0)
    model = DataOnly(cfg.model.get('data_preprocessor')).eval()
    return score(
        model, loader, len(loader.dataset), folder / PICTURES, baseline
    )


def _train_and_score(folder: Path, cfg: Config) -> list[Number]:
    training = cfg.copy()
    # One name for each start, as MMEngine keeps loggers by name.
    training.experiment_name += f'_{secrets.token_hex(4)}'
    Runner.from_cfg(training).train()
    checkpoint = find_last_good_checkpoint(cfg.work_dir)
    model = init_model(cfg, checkpoint, get_device())
    loader = Runner.build_dataloader(cfg.test_dataloader, seed=0)
    count = len(loader.dataset)
    costs = _costs(model, loader.dataset, checkpoint)
    return [
        *score(
            model,
            loader,
            count,
            folder / PICTURES,
            beside=[PredictedFlowWarp()],
        ),
        *costs,
    ]


def _costs(model: nn.Module, dataset: Any, checkpoint: str) -> list[Number]:
    """Weights, time of a picture and time of training."""
    pairs = [
        pseudo_collate([dataset[index % len(dataset)]])
        for index in range(_TIMED)
    ]
    info = read_checkpoint(checkpoint)['message_hub']['runtime_info']
    values = dict(
        parameters=sum(p.numel() for p in model.parameters()) / 1e6,
        milliseconds=milliseconds(model, pairs),
        training=info[TRAINING_SECONDS] / 60,
    )
    return [
        Number('', name, '', value, asdict(COST_COLUMNS[name]))
        for name, value in values.items()
    ]
