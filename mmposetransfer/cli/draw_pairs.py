"""Draw the pairs that a config's SynthFashion keeps on disk, beforehand.

    mmposetransfer draw-pairs completion/completion_synthfashion --jobs 2

Training draws what it does not find, one pair after the other; here they are
drawn by several processes, tens of them at once, in half the time of the
processors. It may be stopped at any time and run again.
"""

import os
import time
from functools import partial

from mmposetransfer.apis import find_config
from mmposetransfer.cli.mistakes import told_plainly
from mmposetransfer.config.file import read_config
from mmposetransfer.errors import UserValueError
from mmposetransfer.jobs import run
from mmposetransfer.registry import DATASETS
from mmposetransfer.utils.progress import progress_bar
from mmposetransfer.utils.setup_env import register_all_modules

from .arguments import at_least, command_parser
from .run_config import add_cfg_options

__all__ = ['main']

LOADERS = ('train', 'val', 'test')
_AT_ONCE = 24  # pairs


def parse_args(argv=None):
    """Read the command line."""
    parser = command_parser('draw-pairs', __doc__)
    parser.add_argument('config', help='a path or a name')
    parser.add_argument(
        '--of',
        nargs='+',
        choices=LOADERS,
        default=('train', 'val'),
        help='whose pairs (default: train val)',
    )
    parser.add_argument(
        '--jobs',
        type=at_least(1),
        default=os.cpu_count(),
        help='processes (default: one for each core)',
    )
    add_cfg_options(parser, 'train_dataloader.dataset.num_pairs=4000')
    return parser.parse_args(argv)


class Drawer:
    """Draws parts of a dataset into its cache.

    Args:
        config (dict): Of the dataset.
    """

    def __init__(self, config):
        register_all_modules()
        self.dataset = DATASETS.build(dict(config, pipeline=()))

    def __call__(self, indices):
        """How many of these pairs were still to be drawn."""
        return self.dataset.fill_cache(indices)


def cached_dataset(cfg, name):
    """The config of a loader's dataset.

    Raises:
        ValueError: If it keeps no pairs on disk.
    """
    dataset = (cfg.get(f'{name}_dataloader') or {}).get('dataset') or {}
    if not isinstance(dataset.get('cache'), str):
        raise UserValueError(
            f"the dataset of '{name}_dataloader' keeps no pairs on disk: "
            "only a SynthFashionDataset whose 'cache' is a folder does"
        )
    return dataset.to_dict()


def draw(dataset, jobs, title):
    """Draw what is missing of a dataset; returns (drawn, all)."""
    total = dataset['num_pairs']
    parts = [
        range(start, min(start + _AT_ONCE, total))
        for start in range(0, total, _AT_ONCE)
    ]
    drawn = 0
    with progress_bar(title, total) as show:
        for part, new in zip(
            parts, run(partial(Drawer, dataset), parts, jobs), strict=True
        ):
            drawn += new
            show(len(part))
    return drawn, total


@told_plainly('Less is taken by fewer --jobs.')
def main(argv=None):
    """Draw, and say how fast it was.

    Args:
        argv (list[str], optional): Arguments; default: the command line's.
    """
    args = parse_args(argv)
    cfg = read_config(find_config(args.config), args.cfg_options)
    datasets = {name: cached_dataset(cfg, name) for name in args.of}
    for name, dataset in datasets.items():
        start = time.perf_counter()
        drawn, total = draw(dataset, args.jobs, f'{name} pairs')
        seconds = time.perf_counter() - start
        print(
            f'{name}: {drawn} of {total} pairs drawn in {seconds:.0f} s '
            f'({drawn / seconds:.1f} a second) into {dataset["cache"]}'
            if drawn
            else f'{name}: all {total} pairs are in {dataset["cache"]}'
        )
