"""How fast flow ground truth is made from fits, on one core.

Each repeat is the whole job anew: a file of fits is read, the pairs put into
order, the body loaded, people posed, drawn and corresponded, and files
written into a folder that was empty, whose disk may still be busy when the
clock stops. Nothing is kept from repeat to repeat, and each has other people.
Compiling (numba keeps that on disk) comes before the first one. Prints
medians over the repeats: pairs a second by the wall clock and by the CPU time
of the process, which says what a core does that has nothing else to do.
"""

import argparse
import os
import shutil
import tempfile
import time

for _name in ('OMP_NUM_THREADS', 'MKL_NUM_THREADS', 'OPENBLAS_NUM_THREADS'):
    os.environ.setdefault(_name, '1')

import cv2  # noqa: E402
import numpy as np  # noqa: E402
import torch  # noqa: E402

from mmposetransfer.datasets.flow_truth import (  # noqa: E402
    FlowCounts,
    FlowJob,
    FlowMaker,
    plan_work,
)
from mmposetransfer.geometry import BodyModel  # noqa: E402
from mmposetransfer.geometry.fitting import (  # noqa: E402
    BodyFits,
    body_name,
    load_fits,
    save_fits,
)
from mmposetransfer.synthfashion.poses import sample_pose  # noqa: E402

FORMATS = {
    '': 'nothing written',
    '.corr': '.corr, writing included',
    '.npz': '.npz, writing included',
}


def parse_args():
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        '--size',
        type=int,
        nargs=2,
        default=(256, 256),
        metavar=('HEIGHT', 'WIDTH'),
    )
    parser.add_argument('--people', type=int, default=30)
    parser.add_argument(
        '--images',
        type=int,
        default=6,
        help='of a person; all pairs of them are made (default: 6)',
    )
    parser.add_argument('--repeats', type=int, default=5)
    parser.add_argument(
        '--median',
        type=int,
        default=0,
        help='window in which visibility is smoothed',
    )
    parser.add_argument(
        '--folder', help='to write to (default: a temporary one)'
    )
    return parser.parse_args()


def random_fits(body, count, size, rng):
    """People in poses of the pose bank, from head to knee or to foot."""
    poses = [sample_pose(rng) for _ in range(count)]
    height, width = size
    camera = np.empty((count, 4), np.float32)
    camera[:, 0] = height * rng.uniform(0.48, 0.75, count)
    camera[:, 1] = width * rng.uniform(0.45, 0.55, count)
    camera[:, 2] = 0.09 * height + 0.7 * camera[:, 0]  # the head within
    camera[:, 3] = 4
    return BodyFits(
        names=np.array([f'image_{i}' for i in range(count)], object),
        betas=rng.normal(0, 0.7, (count, body.num_betas)).astype(np.float32),
        body_pose=np.stack([p.body_pose for p in poses]).astype(np.float32),
        global_orient=np.stack([p.global_orient for p in poses]).astype(
            np.float32
        ),
        camera=camera,
        sizes=np.tile(np.int32(size), (count, 1)),
        errors=np.zeros((count, 18), np.float32),
        energy=np.zeros(count, np.float32),
        success=np.ones(count, bool),
        body=body_name(body),
    )


def pairs_of_people(people, images):
    """Every image of a person as the target of every other one."""
    return [
        (f'image_{p * images + i}', f'image_{p * images + j}')
        for p in range(people)
        for i in range(images)
        for j in range(images)
        if i != j
    ]


def pairs_of_strangers(count):
    """No image in two pairs: everybody is posed and drawn for one pair."""
    return [
        (f'image_{2 * i}', f'image_{2 * i + 1}') for i in range(count // 2)
    ]


def whole_job(fits_file, pairs, folder, ending, median):
    """Everything from the files of fits on; what was made."""
    fits = load_fits(fits_file)
    work, _ = plan_work(pairs, fits)
    make = FlowMaker(FlowJob(fits, folder, ending, median=median), work)
    counts = FlowCounts()
    for chunk in work.share(0, 1):
        counts = counts.plus(make(chunk))
    return counts


def measure(files, pairs, place, ending, median):
    """Pairs a second by both clocks, by CPU when resumed, bytes a pair."""
    rows = []
    for file in files:
        folder = tempfile.mkdtemp(dir=place)
        clocks = []
        for _ in range(2 if ending else 1):  # again: all is there
            wall, cpu = time.perf_counter(), time.process_time()
            counts = whole_job(file, pairs, folder, ending, median)
            clocks += [
                len(pairs) / (time.perf_counter() - wall),
                len(pairs) / (time.process_time() - cpu),
            ]
        if counts.made + counts.kept != len(pairs):
            raise RuntimeError(f'made {counts} of {len(pairs)} pairs')
        sizes = [entry.stat().st_size for entry in os.scandir(folder)]
        rows.append((*clocks[:2], clocks[-1], sum(sizes) / len(pairs)))
        shutil.rmtree(folder)
    return np.median(rows, axis=0)


def main():
    """Measure and print."""
    args = parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    body = BodyModel()
    count = args.people * args.images
    place = tempfile.mkdtemp(dir=args.folder)
    files = [
        os.path.join(place, f'fits_{i}.npz') for i in range(args.repeats + 1)
    ]
    for seed, file in enumerate(files):
        save_fits(
            file,
            random_fits(body, count, args.size, np.random.default_rng(seed)),
        )
    lists = {
        'all pairs of a person': pairs_of_people(args.people, args.images),
        'pairs of strangers': pairs_of_strangers(count),
    }
    height, width = args.size
    print(
        f'{height}x{width}, {body.num_vertices} vertices, {len(body.faces)} '
        f'faces, {args.people} people of {args.images} images, median '
        f'{args.median}, {args.repeats} repeats; '
        f'{os.path.getsize(files[0]) / count:.0f} bytes of fit an image'
    )
    whole_job(
        files.pop(), lists['pairs of strangers'][:2], place, '', args.median
    )
    for title, pairs in lists.items():
        for ending, what in FORMATS.items():
            wall, cpu, resumed, size = measure(
                files, pairs, place, ending, args.median
            )
            more = (
                f', {size:.0f} bytes a pair, {resumed:.0f} pairs a CPU '
                'second found whole when resumed'
                if ending
                else ''
            )
            print(
                f'{title} ({len(pairs)}), {what}: {wall:.0f} pairs/s by '
                f'the wall clock, {cpu:.0f} pairs/s/core by CPU '
                f'time{more}'
            )
    shutil.rmtree(place)


if __name__ == '__main__':
    main()
