r"""Train methods alike, score them alike: one table, one figure.

    mmposetransfer compare pg2_synthfashion_64 DIPT=my_configs/dipt.py \
        --seeds 0 1 2 --budget 1000 --out-dir work_dirs/compare

trains each config with each seed, scores its pictures by all metrics that need
no download, beside free baselines, and writes to the folder: table.txt,
table.md, table.csv and table.json with mean and range over the seeds, and
figure.jpg, which shows the same pairs by every method. All are written anew
after each training, those with the first seed first.

It may be stopped at any moment and run again: what is finished stays, and a
training goes on from its last checkpoint. Configs and seeds may be added.
"""

from pathlib import Path

from mmposetransfer.cli.mistakes import told_plainly
from mmposetransfer.comparison import (
    Comparison,
    check_order,
    format_rows,
    read_entries,
)
from mmposetransfer.utils.progress import progress_bar
from mmposetransfer.utils.setup_env import register_all_modules

from .arguments import at_least, command_parser
from .draw_pairs import draw
from .run_config import add_cfg_options

__all__ = ['main']


def parse_args(argv=None):
    """Read the command line."""
    parser = command_parser('compare', __doc__)
    parser.add_argument(
        'configs',
        nargs='+',
        metavar='[NAME=]CONFIG',
        help='path of a config, or a name that `mmposetransfer list-models` '
        "prints; its row is called NAME (default: the file's)",
    )
    parser.add_argument(
        '--out-dir', required=True, help='where everything goes'
    )
    parser.add_argument(
        '--seeds',
        nargs='+',
        type=at_least(0),
        default=[0, 1, 2],
        metavar='SEED',
        help='of the trainings of each config (default: 0 1 2)',
    )
    parser.add_argument(
        '--budget',
        type=at_least(1),
        metavar='STEPS',
        help='of each generator: all stages of a config become longer or '
        'shorter by one factor, so that those in which a generator learns '
        'have so many steps in all (default: each config has its own length)',
    )
    parser.add_argument(
        '--order',
        nargs='+',
        default=[],
        metavar='NAME',
        help='methods as they are expected, the best first: the tables say in '
        'how many seeds neighbours stand so, by each number',
    )
    parser.add_argument(
        '--figure-pairs',
        type=at_least(1),
        default=6,
        metavar='N',
        help='the figure shows the first N test pairs (default: 6)',
    )
    parser.add_argument(
        '--workers',
        type=at_least(1),
        default=1,
        help='trainings at once, each of one thread (default: one, of all '
        'threads)',
    )
    add_cfg_options(parser, 'train_dataloader.num_workers=0')
    return parser.parse_args(argv)


def draw_kept_pairs(entries, workers):
    """Draw what data sets keep on disk, so that no training waits for it."""
    drawn = []
    for entry in entries:
        for loader in (entry.cfg.train_dataloader, entry.cfg.test_dataloader):
            dataset = loader.dataset.to_dict()
            kept = {k: v for k, v in dataset.items() if k != 'pipeline'}
            if isinstance(dataset.get('cache'), str) and kept not in drawn:
                drawn.append(kept)
                draw(dataset, workers, f'{dataset.get("split")} pairs')


@told_plainly('Less is taken by fewer --workers, and by smaller batches.')
def main(argv=None):
    """Read the configs, train and score what is missing, print the table.

    Args:
        argv (list[str], optional): Arguments; default: the command line's.
    """
    args = parse_args(argv)
    register_all_modules()
    entries = read_entries(args.configs, args.cfg_options, args.budget)
    if args.order:
        check_order(args.order, [entry.name for entry in entries])
    comparison = Comparison(
        Path(args.out_dir),
        entries,
        list(dict.fromkeys(args.seeds)),
        args.budget,
        args.figure_pairs,
        args.order,
    )
    with comparison.claimed():
        draw_kept_pairs(entries, args.workers)
        total = len(comparison.parts())
        with progress_bar('baselines and trainings', total) as show:
            rows = comparison.run(args.workers, show)
    print(format_rows(rows))
    print(f'\ntables and figure: {args.out_dir}')
