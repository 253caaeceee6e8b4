"""One table and one grid of several trained methods on the same test pairs.

    python tools/analysis_tools/compare_methods.py \
        PG2=configs/pg2/pg2_synthfashion_64.py:work_dirs/pg2 \
        DIPT=configs/dipt/full_synthfashion_64.py:work_dirs/dipt \
        --out work_dirs/methods.png

The work directories hold a checkpoint and the `metrics.json` that
`tools/test.py --out` wrote. The table is Markdown: free baselines as the last
method's test found them, then the methods with their parameters. The grid
shows the first pairs of the first config's test set.
"""

import argparse
import json
from pathlib import Path
from typing import NamedTuple

import torch
from mmengine.dataset import pseudo_collate

from mmposetransfer.apis import init_model
from mmposetransfer.cli.arguments import at_least
from mmposetransfer.cli.mistakes import told_plainly
from mmposetransfer.config.file import read_config
from mmposetransfer.errors import UserFileNotFoundError, UserValueError
from mmposetransfer.evaluation.evaluator import DEFAULT_BASELINES
from mmposetransfer.io.image_io import write_image
from mmposetransfer.registry import DATASETS
from mmposetransfer.utils.setup_env import register_all_modules
from mmposetransfer.visualization import arrange_pictures, make_panels


class Trained(NamedTuple):
    """A method that was trained and tested."""

    name: str
    config: str
    work_dir: Path

    @classmethod
    def parse(cls, text: str) -> 'Trained':
        """Read NAME=CONFIG:WORK_DIR."""
        name, _, paths = text.partition('=')
        config, _, work_dir = paths.rpartition(':')
        if not (name and config and work_dir):
            raise UserValueError(
                f"expected NAME=CONFIG:WORK_DIR, got '{text}'"
            )
        return cls(name, config, Path(work_dir))

    @property
    def numbers(self) -> dict[str, float]:
        """What its test measured."""
        path = self.work_dir / 'metrics.json'
        if not path.is_file():
            raise UserFileNotFoundError(
                f"there is no '{path}': run tools/test.py {self.config} "
                f'{self.work_dir} --out {path}'
            )
        return json.loads(path.read_text())


def parse_args(argv=None):
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument('methods', nargs='+', metavar='NAME=CONFIG:WORK_DIR')
    parser.add_argument('--out', help='write the grid to this picture')
    parser.add_argument(
        '--number', type=at_least(1), default=8, help='of pairs in the grid'
    )
    return parser.parse_args(argv)


def make_table(methods, models):
    """Methods and free baselines below each other, a column a number.

    Args:
        methods (list[Trained]): At least one.
        models (list[nn.Module]): Theirs, whose parameters are counted.

    Returns:
        str: Markdown.
    """
    numbers = {m.name: m.numbers for m in methods}
    columns = list(
        dict.fromkeys(
            key for of in numbers.values() for key in of if '/' not in key
        )
    )
    rows = []
    for baseline in DEFAULT_BASELINES:
        known = {
            key.partition('/')[2]: value
            for of in numbers.values()
            for key, value in of.items()
            if key.startswith(f'{baseline.name}/')
        }
        if known:
            rows.append(
                [baseline.title, '', *(_text(known, key) for key in columns)]
            )
    for method, model in zip(methods, models, strict=True):
        count = sum(p.numel() for p in model.parameters()) / 1e6
        cells = [_text(numbers[method.name], key) for key in columns]
        rows.append([method.name, f'{count:.2f} M', *cells])
    heading = ['', 'weights', *columns]
    lines = [heading, ['---'] * len(heading), *rows]
    return '\n'.join(f'| {" | ".join(line)} |' for line in lines)


def _text(numbers, key):
    return f'{numbers[key]:.4g}' if key in numbers else ''


def make_rows(methods, models, count):
    """Pictures of the first test pairs by every method.

    Args:
        methods (list[Trained]): The columns.
        models (list[nn.Module]): Theirs.
        count (int): Of pairs.

    Returns:
        list[dict[str, ndarray]]: Title -> picture, a dictionary a pair.
    """
    loader = read_config(methods[0].config).test_dataloader
    dataset = DATASETS.build(loader.dataset)
    rows = []
    for index in range(min(count, len(dataset))):
        batch = pseudo_collate([dataset[index]])
        row = {}
        for method, model in zip(methods, models, strict=True):
            with torch.no_grad():
                sample = model.test_step(batch)[0]
            panels = make_panels(
                sample, ('reference', 'target_pose', 'result', 'truth')
            )
            row.setdefault('reference', panels['reference'])
            row.setdefault('target pose', panels['target_pose'])
            row[method.name] = panels['result']
        rows.append(dict(row, truth=panels['truth']))
    return rows


@told_plainly()
def main(argv=None):
    """Print the table, draw the grid."""
    args = parse_args(argv)
    methods = [Trained.parse(text) for text in args.methods]
    register_all_modules()
    models = [init_model(m.config, m.work_dir) for m in methods]
    print(make_table(methods, models))
    if args.out:
        grid = arrange_pictures(make_rows(methods, models, args.number))
        write_image(args.out, grid[..., ::-1])
        print(f'\ngrid: {args.out}')


if __name__ == '__main__':
    main()
