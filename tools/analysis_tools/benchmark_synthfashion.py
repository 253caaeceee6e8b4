"""Measure how fast SynthFashion makes pairs on one core."""

import argparse
import time

import cv2
import numpy as np
import torch

from mmposetransfer.synthfashion import SynthFashionWorld


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        '--sizes',
        nargs='+',
        default=['64x64', '128x64', '256x256', '512x512'],
        help='heights and widths, as 256x256',
    )
    parser.add_argument('--pairs', type=int, default=60)
    return parser.parse_args()


def measure(world, indices):
    """CPU milliseconds of each pair."""
    times = []
    for index in indices:
        start = time.thread_time()
        world.pair(index)
        times.append((time.thread_time() - start) * 1e3)
    return np.array(times)


def main():
    args = parse_args()
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    print(
        'CPU time a pair on one core, everything included: median ms '
        '(pairs a second from the mean)'
    )
    for text in args.sizes:
        size = tuple(int(side) for side in text.split('x'))
        world = SynthFashionWorld(
            size,
            num_people=args.pairs,
            num_pairs=4 * args.pairs,
            cache_people=args.pairs,
        )
        measure(SynthFashionWorld(size, seed=1), range(3))  # compile
        fresh = measure(world, range(args.pairs))
        known = measure(world, range(args.pairs, 2 * args.pairs))
        print(
            f'{text:>8}  new person {np.median(fresh):6.1f} ms '
            f'({1e3 / fresh.mean():5.1f}/s)   person in the cache '
            f'{np.median(known):6.1f} ms ({1e3 / known.mean():5.1f}/s)'
        )


if __name__ == '__main__':
    main()
