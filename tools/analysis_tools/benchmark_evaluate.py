"""How fast `mmposetransfer evaluate` scores a folder, and in what memory.

Makes folders of results and truths, scores them by the command in a process
of its own, and prints its time by the clock and of the processor, and the
most memory that it had. The pictures are drawn people; a result is the truth
with noise. A few different ones have many names, so a disk's cache holds
them, but each is decoded anew.

    python tools/analysis_tools/benchmark_evaluate.py --pairs 1000 4000 8570
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from mmposetransfer.io.image_io import write_image
from mmposetransfer.synthfashion import SynthFashionWorld

DRAWN = 64


def parse_args():
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument('--pairs', type=int, nargs='+', default=[1000])
    parser.add_argument(
        '--size',
        type=int,
        nargs=2,
        default=(256, 256),
        metavar=('HEIGHT', 'WIDTH'),
    )
    parser.add_argument('--noise', type=float, default=8.0, help='of 255')
    parser.add_argument('--metrics', nargs='+', default=['ImageQuality'])
    parser.add_argument('--protocol', nargs='+', default=['dsc'])
    parser.add_argument('--threads', type=int, default=1, help="torch's")
    return parser.parse_args()


def draw_pictures(folder, size, noise):
    """A few results and truths; pairs of paths."""
    world = SynthFashionWorld(tuple(size), split='test')
    rng = np.random.default_rng(0)
    drawn = []
    for index in range(DRAWN):
        truth = world.pair(index)['tgt_img']
        result = truth + rng.normal(0, noise, truth.shape)
        pair = folder / f'result_{index}.png', folder / f'truth_{index}.png'
        for path, picture in zip(pair, (result, truth), strict=True):
            write_image(path, picture.clip(0, 255).round().astype(np.uint8))
        drawn.append(pair)
    return drawn


def name_pictures(drawn, folder, count):
    """Folders of so many results and truths, links to the drawn ones."""
    folders = folder / 'results', folder / 'truths'
    for place in folders:
        place.mkdir(parents=True)
    for number in range(count):
        pair = drawn[number % len(drawn)]
        for place, path in zip(folders, pair, strict=True):
            os.link(path, place / f'{number:06d}.png')
    return folders


def measure(command, threads):
    """Seconds by the clock, of the processor, and megabytes at most."""
    begin = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        env=dict(os.environ, OMP_NUM_THREADS=str(threads)),
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    if status:
        raise SystemExit(f'{" ".join(command)} ended with {status}')
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    """Draw, then score more and more pairs."""
    args = parse_args()
    print(
        f'{" ".join(args.metrics)} by {" ".join(args.protocol)}, PNG files '
        f'of {args.size[0]}x{args.size[1]}'
    )
    print('| pairs | seconds | of the processor | ms a pair | memory (MB) |')
    print('|---|---|---|---|---|')
    with tempfile.TemporaryDirectory() as name:
        drawn = draw_pictures(Path(name) / 'drawn', args.size, args.noise)
        for count in args.pairs:
            results, truths = name_pictures(
                drawn, Path(name) / str(count), count
            )
            seconds, busy, memory = measure(
                [
                    *(sys.executable, '-m', 'mmposetransfer', 'evaluate'),
                    *(str(results), '--truths', str(truths)),
                    *('--metrics', *args.metrics),
                    *('--protocol', *args.protocol),
                ],
                args.threads,
            )
            print(
                f'| {count:,} | {seconds:.0f} | {busy:.0f} | '
                f'{1e3 * busy / count:.1f} | {memory:.0f} |',
                flush=True,
            )


if __name__ == '__main__':
    main()
