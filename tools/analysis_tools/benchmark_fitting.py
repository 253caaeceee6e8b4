"""How well and how fast bodies are fitted, on SynthFashion.

Fits bodies to the keypoints of pairs whose truth is known and prints, as
percentiles: the mean error of reprojection of a picture; the end-point error
of the flow made from the two fits, over the pixels of a pair that the truth
calls visible and that the fitted body covers (fitted bodies wear neither
skirt nor hair); the same over all visible pixels, where those beside the body
take the flow of the nearest one on it; and how many of the visible pixels
the body covers. Then the time of each step on one thread.
"""

import argparse
import os
import time

for _name in ('OMP_NUM_THREADS', 'MKL_NUM_THREADS', 'OPENBLAS_NUM_THREADS'):
    os.environ.setdefault(_name, '1')

import numpy as np  # noqa: E402
import torch  # noqa: E402
from scipy.ndimage import distance_transform_edt  # noqa: E402

from mmposetransfer.geometry import flow_and_visibility  # noqa: E402
from mmposetransfer.geometry.fitting import (  # noqa: E402
    BodyFitter,
    FitProjector,
)
from mmposetransfer.synthfashion import SynthFashionWorld  # noqa: E402

PERCENTILES = (10, 50, 75, 90, 99)


def parse_args():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--pairs', type=int, default=200)
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument(
        '--size',
        type=int,
        nargs=2,
        default=(256, 256),
        metavar=('HEIGHT', 'WIDTH'),
    )
    parser.add_argument(
        '--pixels',
        type=float,
        default=0.0,
        help='Gaussian noise to add to the keypoints',
    )
    parser.add_argument('--distance', type=float, default=4.0)
    parser.add_argument('--noise', type=float, default=0.015)
    parser.add_argument('--device', default='cpu')
    return parser.parse_args()


def show(title, values, unit='px'):
    """Print percentiles of finite values."""
    values = np.asarray(values)[np.isfinite(values)]
    if len(values):
        numbers = ' '.join(
            f'{v:7.2f}' for v in np.percentile(values, PERCENTILES)
        )
        print(f'{title:<44} {len(values):5d} {numbers} {unit}')


def flow_errors(truth, flow, visibility):
    """Mean end-point error over covered and over all visible pixels; share."""
    visible = truth['visibility'][0] == 0
    covered = visibility[0] != 2
    if not (visible & covered).any():
        return np.nan, np.nan, 0.0
    nearest = distance_transform_edt(
        ~covered, return_distances=False, return_indices=True
    )
    spread = flow[:, nearest[0], nearest[1]]
    error = np.hypot(*(spread - truth['flow']))
    return (
        error[visible & covered].mean(),
        error[visible].mean(),
        covered[visible].mean(),
    )


def main():
    """Fit, compare, print."""
    args = parse_args()
    torch.set_num_threads(1)
    size = tuple(args.size)
    world = SynthFashionWorld(size, args.seed, 'test', num_pairs=args.pairs)
    truths = [
        {
            key: pair[key]
            for key in ('flow', 'visibility', 'ref_keypoints', 'tgt_keypoints')
        }
        for pair in map(world.pair, range(args.pairs))
    ]
    keypoints = np.concatenate(
        [
            [t['ref_keypoints'] for t in truths],
            [t['tgt_keypoints'] for t in truths],
        ]
    )
    full = (keypoints[..., 2] > 0).all(1)
    rng = np.random.default_rng(0)
    keypoints[..., :2] += args.pixels * rng.normal(
        size=keypoints[..., :2].shape
    )
    fitter = BodyFitter(
        distance=args.distance, noise=args.noise, device=args.device
    )
    fitter(keypoints[:8])  # whatever is compiled at first use
    begin = time.process_time()
    fits = fitter(keypoints, sizes=size)
    fitting = time.process_time() - begin
    projector = FitProjector(fitter.body)
    projector(fits, [0])
    begin = time.process_time()
    vertices = projector(fits)
    projecting = time.process_time() - begin
    count = args.pairs
    flow_and_visibility(vertices[0], vertices[count], projector.faces, size)
    begin = time.process_time()
    flows = [
        flow_and_visibility(
            vertices[i], vertices[count + i], projector.faces, size
        )
        for i in range(count)
    ]
    flowing = time.process_time() - begin
    results = np.array(
        [
            flow_errors(truth, *flow)
            for truth, flow in zip(truths, flows, strict=True)
        ]
    )
    means = fits.mean_errors()
    print(
        f'{"percentiles":<44} count '
        + ' '.join(f'{p:7d}' for p in PERCENTILES)
    )
    show('reprojection, all 18 joints in the picture', means[full])
    show('reprojection, some joints missing', means[~full])
    show('flow from two fits, all pairs', results[:, 0])
    both = full[:count] & full[count:]
    show('flow from two fits, both pictures whole', results[both, 0])
    show('flow, all pairs, also beside the body', results[:, 1])
    show('visible pixels that the body covers', 100 * results[:, 2], '%')
    print(
        f'{len(fits) / fitting:.0f} fits a second, '
        f'{len(fits) / projecting:.0f} projected bodies a second, '
        f'{count / flowing:.0f} flows a second; pairs from fits: '
        f'{count / (projecting + flowing):.0f} a second (CPU time, one '
        'thread)'
    )


if __name__ == '__main__':
    main()
