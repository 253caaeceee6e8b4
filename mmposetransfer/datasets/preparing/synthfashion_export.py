"""SynthFashion on disk, in the layouts of DeepFashion and Market-1501."""

import json
import os
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from shutil import rmtree

import cv2

from mmposetransfer.errors import UserValueError
from mmposetransfer.io.atomic_write import atomic_write
from mmposetransfer.synthfashion import SPLITS, SynthFashionWorld

from ..flow_io import write_corr
from ..layouts import LAYOUTS
from .filing import encode
from .label_files import write_labels
from .synthfashion_names import deepfashion_name, market1501_name

__all__ = ['ExportSettings', 'export_synthfashion']

_SETTINGS, _PARTS = 'Label/synthfashion.json', 'Label/parts'
# People whose pairs are made at once, and written down as done together.
_PEOPLE_A_PART = 4


@dataclass(frozen=True)
class ExportSettings:
    """What is exported. The same settings give the same bytes.

    Attributes:
        layout: 'deepfashion' or 'market1501'.
        size: (height, width).
        train_pairs, test_pairs: Numbers of pairs with known flow.
        train_people, test_people: Numbers of people.
        seed: Of the world.
    """

    layout: str = 'deepfashion'
    size: tuple = (256, 256)
    train_pairs: int = 1000
    test_pairs: int = 100
    train_people: int = 250
    test_people: int = 25
    seed: int = 0

    def world(self, split):
        """The pairs of a split."""
        return SynthFashionWorld(
            self.size,
            self.seed,
            split,
            self.people(split),
            self.pairs(split),
            cache_people=1,
        )

    def people(self, split):
        """Number of people of a split."""
        return min(getattr(self, f'{split}_people'), self.pairs(split))

    def pairs(self, split):
        """Number of pairs of a split."""
        return getattr(self, f'{split}_pairs')


def export_synthfashion(root, settings, jobs=1, progress=iter):
    """Write images, body parts, flow, keypoints and lists of pairs.

    It may be stopped at any time and run again. Lists that the flow regressor
    learns from have pairs in the direction whose flow is known, all others in
    both directions.

    Args:
        root (str | Path): Of the data set.
        settings (ExportSettings): What to write.
        jobs (int): Number of processes.
        progress (Callable): Goes through the finished parts.

    Returns:
        int: Number of pairs that were made now; 0 if all were there.

    Raises:
        ValueError: If other settings were used before in this folder.
        WriteError: If a file cannot be written.
    """
    root = Path(root)
    wanted = json.loads(json.dumps(asdict(settings)))
    done = _read_settings(root)
    if done is not None and done['settings'] != wanted:
        raise UserValueError(
            f"'{root}' was exported with other settings: {done['settings']}; "
            'use these, or another folder.'
        )
    if done is not None and done['complete']:
        return 0
    # Mistakes are told before anything is written.
    worlds = {split: settings.world(split) for split in SPLITS}
    _name_of_last_person(settings)
    _write_json(root / _SETTINGS, dict(settings=wanted, complete=False))
    parts = _parts(root, worlds)
    todo = [part for part in parts if not part[0].is_file()]
    made = sum(_made(todo, root, settings, jobs, progress))
    records = {split: [] for split in SPLITS}
    for path, split, _ in parts:
        records[split] += json.loads(path.read_text(encoding='utf-8'))
    write_labels(root, LAYOUTS[settings.layout], settings.size, records)
    _write_json(root / _SETTINGS, dict(settings=wanted, complete=True))
    rmtree(root / _PARTS)
    return made


def _read_settings(root):
    path = root / _SETTINGS
    if not path.is_file():
        return None
    return json.loads(path.read_text(encoding='utf-8'))


def _write_json(path, content):
    with atomic_write(path, 'w') as file:
        json.dump(content, file)


def _name_of_last_person(settings):
    if settings.layout == 'market1501':
        last = settings.people('train') + settings.people('test') - 1
        market1501_name(last, 1, 0)


def _parts(root, worlds):
    """(record, split, indices of pairs), whole people each."""
    parts = []
    for split, world in worlds.items():
        for first in range(0, world.num_people, _PEOPLE_A_PART):
            last = min(first + _PEOPLE_A_PART, world.num_people)
            indices = [
                i
                for person in range(first, last)
                for i in range(person, len(world), world.num_people)
            ]
            path = root / _PARTS / f'{split}_{first:08d}.json'
            parts.append((path, split, indices))
    return parts


def _made(parts, root, settings, jobs, progress):
    """Make parts; gives the number of pairs of each."""
    if jobs <= 1 or len(parts) <= 1:
        for part in progress(parts):
            yield _write_part(root, settings, *part)
        return
    # Forked processes would share OpenCV's and numba's threads.
    context = get_context('spawn')
    with ProcessPoolExecutor(jobs, context, _one_thread) as pool:
        futures = [
            pool.submit(_write_part, root, settings, *part) for part in parts
        ]
        try:
            for future in progress(_finished(futures)):
                yield future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


class _finished:  # noqa: N801
    """Futures as they finish; it has a length, for the progress bar."""

    def __init__(self, futures):
        self.futures = futures

    def __len__(self):
        return len(self.futures)

    def __iter__(self):
        return as_completed(self.futures)


def _one_thread():
    cv2.setNumThreads(1)


def _write_part(root, settings, path, split, indices):
    """Make pairs and write their files; the record comes last."""
    world = settings.world(split)
    records = [_write_pair(root, settings, world, index) for index in indices]
    _write_json(path, records)
    return len(records)


def _write_pair(root, settings, world, index):
    """Files of one pair; returns what the lists say of it."""
    layout, pair = LAYOUTS[settings.layout], world.pair(index)
    record = {}
    for k, side in enumerate(('ref', 'tgt')):
        name = _name(settings, world, pair, side, index, k)
        _write(root / layout.img / f'{name}.jpg', pair[f'{side}_img'])
        _write(root / layout.seg / f'{name}.bmp', pair[f'{side}_parts'])
        record[side] = name
        record[f'{side}_keypoints'] = pair[f'{side}_keypoints'].tolist()
        record[f'{side}_fitted'] = pair[f'{side}_fitted_keypoints'].tolist()
    corr = root / layout.corr / f'{record["tgt"]}_{record["ref"]}.corr'
    os.makedirs(corr.parent, exist_ok=True)
    write_corr(corr, pair['flow'], pair['visibility'])
    return record


def _name(settings, world, pair, side, index, k):
    person, number = pair['person'], 2 * (index // world.num_people) + 1 + k
    if world.split == 'test':  # people of all splits are counted together
        person += settings.people('train')
    if settings.layout == 'market1501':
        return market1501_name(person, number, 2 * index + k)
    return deepfashion_name(
        person, number, pair['attributes'], pair[f'{side}_keypoints']
    ).flat


def _write(path, image):
    with atomic_write(path) as file:
        file.write(encode(image, path.suffix))
