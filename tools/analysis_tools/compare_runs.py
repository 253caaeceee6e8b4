"""Compare two training runs to the bit: last checkpoints and logs.

python tools/analysis_tools/compare_runs.py WORK_DIR_1 WORK_DIR_2
"""

import argparse
import json
import sys
from pathlib import Path

import torch

from mmposetransfer.engine.checkpoint_files import find_last_good_checkpoint
from mmposetransfer.io.checkpoint import read_checkpoint

# What no two runs have in common: times, and names of files and runs.
TIMES = frozenset(['time', 'data_time', 'eta', 'memory'])
OWN = TIMES | {
    'cfg',
    'experiment_name',
    'scalars',
    'last_ckpt',
    'best_ckpt',
    'train/time',
    'train/data_time',
    'val/time',
    'val/data_time',
    # With the commit of the folder that training was started in.
    'mmengine_version',
}


def differences(one, other, name=''):
    """Dotted names of what is not the same, to the bit, in two values.

    Args:
        one, other: Tensors, numbers, strings, dicts, lists.
        name (str): Of both.

    Returns:
        list[str]: Empty if they are equal.
    """
    if type(one) is not type(other):
        return [f'{name} ({type(one).__name__}, {type(other).__name__})']
    if isinstance(one, dict):
        found = [
            f'{name}.{key} is only in one'
            for key in one.keys() ^ other.keys()
            if key not in OWN
        ]
        return found + [
            line
            for key in one.keys() & other.keys()
            if key not in OWN
            for line in differences(one[key], other[key], f'{name}.{key}')
        ]
    if isinstance(one, (list, tuple)):
        if len(one) != len(other):
            return [f'{name} (lengths {len(one)}, {len(other)})']
        return [
            line
            for i, pair in enumerate(zip(one, other, strict=True))
            for line in differences(*pair, f'{name}[{i}]')
        ]
    same = (
        torch.equal(one, other)
        if isinstance(one, torch.Tensor)
        else one == other or (one != one and other != other)
    )
    return [] if same else [name]


def read_scalars(work_dir):
    """Lines of the newest log of a run, without times.

    Args:
        work_dir (str | Path): Work directory of the run.

    Returns:
        list[dict]: In their order.
    """
    logs = sorted(Path(work_dir).glob('*/vis_data/scalars.json'))
    lines = logs[-1].read_text().splitlines() if logs else []
    return [
        {
            key: value
            for key, value in json.loads(line).items()
            if key not in TIMES
        }
        for line in lines
    ]


def compare_runs(one, other):
    """Compare the last checkpoints and the logs of two runs.

    Args:
        one, other (str | Path): Their work directories.

    Returns:
        dict[str, list[str]]: What differs, by part of the checkpoint, and in
        the log; empty lists where nothing does.
    """
    found = [
        read_checkpoint(find_last_good_checkpoint(folder))
        for folder in (one, other)
    ]
    report = {}
    for key in sorted(set(found[0]) | set(found[1])):
        if key not in OWN:
            report[key] = differences(
                *(
                    dict([(key, content[key])] if key in content else [])
                    for content in found
                )
            )
    logs = read_scalars(one), read_scalars(other)
    report['log'] = [
        f'line {i + 1}: {a} / {b}'
        for i, (a, b) in enumerate(zip(*logs, strict=False))
        if a != b
    ]
    if len(logs[0]) != len(logs[1]):
        report['log'].append(f'{len(logs[0])} and {len(logs[1])} lines')
    return report


def print_report(report):
    """Print one line for each part that was compared.

    Returns:
        bool: Whether everything is equal.
    """
    for key, lines in report.items():
        print(
            f'{key:18}'
            + ('equal' if not lines else 'DIFFERS: ' + '; '.join(lines[:3]))
        )
    return not any(report.values())


def main():
    """Compare two work directories."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('runs', nargs=2, help='work directories')
    sys.exit(0 if print_report(compare_runs(*parser.parse_args().runs)) else 1)


if __name__ == '__main__':
    main()
