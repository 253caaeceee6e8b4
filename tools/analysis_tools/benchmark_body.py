"""How fast bodies are posed, on one thread.

Times smplx (``BodyModel.forward``) and the quick way (``BodyModel.pose``) in
batches, then the steps that a renderer of clothes takes for a pair: the rest
shape once, the joint transforms of two poses, skinning of the body.
Prints medians over the repeats.
"""

import argparse
import os
import time
from functools import partial

for _name in ('OMP_NUM_THREADS', 'MKL_NUM_THREADS', 'OPENBLAS_NUM_THREADS'):
    os.environ.setdefault(_name, '1')

import numpy as np  # noqa: E402
import torch  # noqa: E402
from benchmark_geometry import median_ms  # noqa: E402

from mmposetransfer.geometry import (  # noqa: E402
    BodyModel,
    skin,
)


def parse_args():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--body', help='SMPL file (default: the free body)')
    parser.add_argument('--batches', type=int, nargs='+', default=(1, 2, 32))
    parser.add_argument('--repeats', type=int, default=30)
    return parser.parse_args()


def random_arguments(body, batch, seed=0):
    """Arguments of ``BodyModel.forward`` for poses of one person."""
    rng = np.random.default_rng(seed)
    return dict(
        betas=rng.normal(size=(1, body.num_betas)),
        body_pose=rng.normal(0, 0.3, (batch, 69)),
        global_orient=rng.normal(size=(batch, 3)),
        transl=rng.normal(size=(batch, 3)),
    )


def main():
    """Time it and print."""
    args = parse_args()
    torch.set_num_threads(1)
    begin = time.perf_counter()
    body = BodyModel(args.body)
    print(
        f'{body.path}: {body.num_vertices} vertices, {len(body.faces)} '
        f'triangles, loaded in {time.perf_counter() - begin:.2f} s'
    )

    def show(title, batch, function, *given, **named):
        elapsed = median_ms(partial(function, *given, **named), args.repeats)
        print(f'{title:<38} {elapsed:8.2f} ms {elapsed / batch:8.2f} a body')

    for batch in args.batches:
        given = random_arguments(body, batch)
        show(f'smplx, batch of {batch}', batch, body.forward, **given)
        show(f'quick, batch of {batch}', batch, body.pose, **given)

    pair = random_arguments(body, 2)
    rest = body.rest_vertices(pair['betas'])
    transforms = body.joint_transforms(**pair)
    show('rest vertices of one shape', 1, body.rest_vertices, pair['betas'])
    show('joint transforms of a pair', 2, body.joint_transforms, **pair)
    show('skinning of a pair', 2, skin, rest, body.skin_weights, transforms)


if __name__ == '__main__':
    main()
