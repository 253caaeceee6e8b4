"""SynthFashion on disk, in the layouts of DeepFashion and Market-1501."""

import json
import os
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from shutil import rmtree

from mmposetransfer.jobs import Part, check_same, filling, make_parts
from mmposetransfer.synthfashion import SPLITS, SynthFashionWorld
from mmposetransfer.utils.atomic_write import atomic_write
from mmposetransfer.utils.text_files import read_json

from ..flow_io import write_corr
from ..layouts import LAYOUTS
from .filing import encode
from .label_files import write_labels
from .synthfashion_names import deepfashion_name, market1501_name

__all__ = ['ExportSettings', 'export_synthfashion']

# The settings of an export that is complete, and the parts of one that is
# not.
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


def export_synthfashion(root, settings, jobs=1, progress=None):
    """Write images, body parts, flow, keypoints and lists of pairs.

    It may be stopped at any time and run again. Lists that the flow regressor
    learns from have pairs in the direction whose flow is known, all others in
    both directions.

    Args:
        root (str | Path): Of the data set.
        settings (ExportSettings): What to write.
        jobs (int): Number of processes.
        progress (Callable, optional): Called with the number of pairs done
            after each part, first with those that were there.

    Returns:
        int: Number of pairs that were made now; 0 if all were there.

    Raises:
        ValueError: If other settings were used before in this folder.
        ChildProcessError: If a process was killed.
        WriteError: If a file cannot be written.
    """
    root = Path(root)
    wanted = json.loads(json.dumps(asdict(settings)))
    complete = root / _SETTINGS
    if complete.is_file():
        check_same(root, read_json(complete, 'settings of an export'), wanted)
        rmtree(root / _PARTS, ignore_errors=True)
        return 0
    # Mistakes are told before anything is written.
    worlds = {split: settings.world(split) for split in SPLITS}
    _name_of_last_person(settings)
    with filling(root, f'{_PARTS}/job.json', wanted, alone=True):
        parts = _parts(root, worlds)
        start = partial(_PartWriter, root, settings)
        made = make_parts(start, parts, jobs, progress)
        records = {split: [] for split in SPLITS}
        for part in parts:
            split, _ = part.work
            records[split] += read_json(part.path, 'record of pairs')
        write_labels(root, LAYOUTS[settings.layout], settings.size, records)
        _write_json(complete, wanted)
    rmtree(root / _PARTS)
    return made


def _write_json(path, content):
    with atomic_write(path, 'w') as file:
        json.dump(content, file)


def _name_of_last_person(settings):
    if settings.layout == 'market1501':
        last = settings.people('train') + settings.people('test') - 1
        market1501_name(last, 1, 0)


def _parts(root, worlds):
    """Parts of whole people; the work is a split and indices of pairs."""
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
            parts.append(Part(path, len(indices), (split, indices)))
    return parts


class _PartWriter:
    """Makes pairs and writes their files; the record of them comes last."""

    def __init__(self, root, settings):
        self.root, self.settings = root, settings

    def __call__(self, part):
        split, indices = part.work
        world = self.settings.world(split)
        records = [
            _write_pair(self.root, self.settings, world, index)
            for index in indices
        ]
        _write_json(part.path, records)


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
