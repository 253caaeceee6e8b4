"""Make the flow ground truth of pairs from fitted bodies.

Writes flow and visibility of each pair, <target>_<reference>.corr or .npz.
For example, in the layout of the paper's data:

    mmposetransfer synthesize-flow fits.npz \
        data/deepfashion/Label/pair_split.json \
        data/deepfashion/3d/hmr/corr --split train --workers 4

It may be killed at any time: the same command goes on. docs/flow_truth.md
tells of many machines, and of training without files of flow.
"""

import os
import time
from contextlib import nullcontext
from functools import partial

from mmposetransfer.datasets.flow_files import FLOW_FORMATS
from mmposetransfer.datasets.flow_truth import (
    FlowCounts,
    FlowJob,
    FlowMaker,
    fits_at_size,
    plan_work,
)
from mmposetransfer.datasets.flow_truth.flow_job import MARK
from mmposetransfer.datasets.pair_files import read_pairs
from mmposetransfer.geometry.correspondence import RULES
from mmposetransfer.geometry.fitting import BodyFits, load_fits
from mmposetransfer.jobs import filling, run, run_on_ray
from mmposetransfer.utils.dist import place_in_job
from mmposetransfer.utils.mistakes import told_plainly
from mmposetransfer.utils.progress import progress_bar

from .arguments import at_least, command_parser, spelled_as_options
from .left_out import tell_left_out

__all__ = ['main', 'parse_args']

LESS_MEMORY = 'Less is taken by fewer --workers.'
FORMATS = (*(ending[1:] for ending in FLOW_FORMATS), 'none')


def parse_args(argv=None):
    """Read the command line."""
    parser = command_parser('synthesize-flow', __doc__)
    parser.add_argument(
        'fits', help='the .npz of fit-bodies, or several, by commas'
    )
    parser.add_argument(
        'pairs', help='pairs, reference first: JSON or lines (docs/data.md)'
    )
    parser.add_argument(
        'out', nargs='?', help='the folder; not for --format none'
    )
    parser.add_argument(
        '--split', default='train', help='of a .json (default: train)'
    )
    parser.add_argument(
        '--format',
        choices=FORMATS,
        default=FORMATS[0],
        help=".corr: the paper's, as it is; .npz: compressed, to 1/64 "
        'pixel; none: make all and write nothing (default: corr)',
    )
    parser.add_argument(
        '--size',
        type=at_least(1),
        nargs=2,
        metavar=('HEIGHT', 'WIDTH'),
        help='of the pictures, where it is not that of the fits: fits are '
        'moved as images are (docs/data.md)',
    )
    parser.add_argument(
        '--rule',
        choices=RULES,
        default=RULES[0],
        help='what is visible; see docs/flow_truth.md (default: depth)',
    )
    parser.add_argument(
        '--median',
        type=int,
        nargs='?',
        const=5,
        default=0,
        choices=(0, *range(1, 16, 2)),
        metavar='SIDE',
        help='smooth visibility within the body by a median, as the paper '
        'does, of 5x5 pixels where SIDE (odd, up to 15) is not given',
    )
    parser.add_argument(
        '--body', help="a user's SMPL file (default: the free body)"
    )
    parser.add_argument(
        '--skip-missing',
        action='store_true',
        help='leave pairs out that have no fit',
    )
    parser.add_argument(
        '--distrusted',
        action='store_true',
        help='make pairs, too, whose fits are marked as failed',
    )
    parser.add_argument(
        '--workers',
        type=at_least(1),
        default=1,
        help='processes, or actors of Ray, of one core each (default: 1)',
    )
    parser.add_argument(
        '--portion',
        type=at_least(1),
        default=256,
        help='pairs that are handed out at once (default: 256)',
    )
    parser.add_argument(
        '--launcher',
        choices=('none', 'pytorch', 'slurm', 'mpi'),
        default='none',
        help='what has started this process as one of many, '
        'each of which does its share',
    )
    parser.add_argument('--engine', choices=('local', 'ray'), default='local')
    parser.add_argument(
        '--ray-address',
        help='of a cluster, such as auto (default: Ray on this machine)',
    )
    args = parser.parse_args(argv)
    if (args.out is None) != (args.format == 'none'):
        parser.error('name a folder for the files, or --format none')
    if args.engine == 'ray' and args.launcher != 'none':
        parser.error(
            '--engine ray starts its processes itself: leave --launcher out'
        )
    return args


def _job(args):
    fits = BodyFits.concatenate(
        [load_fits(path) for path in args.fits.split(',')]
    )
    if args.size:
        fits = fits_at_size(fits, args.size)
    return FlowJob(
        fits,
        args.out,
        '' if args.format == 'none' else f'.{args.format}',
        args.body,
        args.rule,
        args.median,
    )


def _make(args, job, work, place):
    """Make a process's share of the work, with a progress bar.

    Returns:
        FlowCounts: What became of its pairs.
    """
    rank, world = place
    portions, start = work.share(rank, world), partial(FlowMaker, job, work)
    if args.engine == 'ray':
        results = run_on_ray(start, portions, args.workers, args.ray_address)
    else:
        results = run(start, portions, args.workers)
    total = sum(len(work.pairs(portion)) for portion in portions)
    counts = FlowCounts()
    with progress_bar('pairs', total, shown=rank == 0) as show:
        for count in results:
            counts = counts.plus(count)
            show(counts.made + counts.kept)
    return counts


def _report(args, counts, num_pairs, left_out, seconds, place):
    rank, world = place
    who = f'process {rank} of {world}: ' if world > 1 else ''
    speed = counts.made / seconds
    print(
        f'{who}{counts.made} pairs made, {counts.kept} were there, '
        f'{counts.mended} of those made replace damaged files'
    )
    print(
        f'{who}{seconds:.1f} s, {speed:.1f} pairs/s, '
        f'{speed / max(args.workers, 1):.1f} pairs/s/core'
    )
    if rank == 0:
        tell_left_out(f'{num_pairs:,} pairs taken', left_out)


@told_plainly(LESS_MEMORY)
@spelled_as_options('skip_missing')
def main(argv=None):
    """Plan the work, do it or a share of it, say how fast that was.

    Args:
        argv (list[str], optional): Default: the command line.
    """
    args = parse_args(argv)
    place = place_in_job(args.launcher)
    if args.launcher == 'none' and 'TORCHELASTIC_RUN_ID' in os.environ:
        raise ValueError(
            'torchrun has started this process, but it does not '
            'know: add --launcher pytorch'
        )
    job = _job(args)
    work, left_out = plan_work(
        read_pairs(args.pairs, args.split),
        job.fits,
        args.skip_missing,
        args.distrusted,
        args.portion,
    )
    begin = time.perf_counter()
    claim = nullcontext()
    if job.ending:
        claim = filling(
            job.folder, MARK, job.description(), alone=place[1] == 1
        )
    with claim:
        counts = _make(args, job, work, place)
    _report(
        args,
        counts,
        work.num_pairs,
        left_out,
        time.perf_counter() - begin,
        place,
    )
