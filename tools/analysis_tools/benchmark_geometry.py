"""How fast flow and visibility are made, on one thread.

Poses bodies in a batch, projects them, then times
``flow_and_visibility`` (two pictures and their correspondence) over all
neighbouring pairs. Prints medians over the repeats, of the wall clock and of
the thread's CPU time (the same unless the machine is busy with other things).
"""

import argparse
import os
import time

for _name in ('OMP_NUM_THREADS', 'MKL_NUM_THREADS', 'OPENBLAS_NUM_THREADS'):
    os.environ.setdefault(_name, '1')

import numpy as np  # noqa: E402
import torch  # noqa: E402

from mmposetransfer.geometry import (  # noqa: E402
    BodyModel,
    WeakPerspectiveCamera,
    flow_and_visibility,
    rasterize,
)
from mmposetransfer.geometry.correspondence import RULES  # noqa: E402

CLOCKS = {'wall clock': time.perf_counter, 'CPU time': time.thread_time}


def parse_args():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--body', help='SMPL file (default: the free body)')
    parser.add_argument(
        '--size',
        type=int,
        nargs=2,
        default=(256, 256),
        metavar=('HEIGHT', 'WIDTH'),
    )
    parser.add_argument('--poses', type=int, default=16)
    parser.add_argument('--repeats', type=int, default=20)
    return parser.parse_args()


def median_ms(function, repeats, clock=time.perf_counter):
    """Median milliseconds of a call, the first (compiling) call aside."""
    function()
    times = []
    for _ in range(repeats):
        begin = clock()
        function()
        times.append(clock() - begin)
    return 1e3 * float(np.median(times))


def random_poses(model, count, seed=0):
    """Arguments of ``BodyModel.forward``: bent joints, any heading."""
    rng = np.random.default_rng(seed)
    heading = np.zeros((count, 3), np.float32)
    heading[:, 1] = rng.uniform(-np.pi, np.pi, count)
    return dict(
        betas=rng.normal(0, 1, (count, model.num_betas)).astype(np.float32),
        body_pose=rng.normal(0, 0.25, (count, 69)).astype(np.float32),
        global_orient=heading,
        transl=np.zeros((count, 3), np.float32),
    )


def main():
    """Measure and print."""
    args = parse_args()
    torch.set_num_threads(1)
    model = BodyModel(args.body)
    poses = random_poses(model, args.poses)
    posing = median_ms(lambda: model.forward(**poses), args.repeats)
    vertices = model.forward(**poses).vertices
    camera = WeakPerspectiveCamera.framing(vertices, args.size)
    bodies = camera.project(vertices)
    faces = model.faces
    print(
        f'{model.num_vertices} vertices, {len(faces)} faces, '
        f'{args.size[0]}x{args.size[1]}, one thread'
    )
    print(
        f'posing, batch of {args.poses}: {posing / args.poses:.2f} ms a body'
    )
    drawing = np.median(
        [
            median_ms(
                lambda body=body: rasterize(body, faces, args.size),
                args.repeats,
            )
            for body in bodies
        ]
    )
    print(f'rasterizing: {drawing:.2f} ms a body')
    for rule in RULES:
        for name, clock in CLOCKS.items():
            times = [
                median_ms(
                    lambda ref=ref, tgt=tgt, rule=rule: flow_and_visibility(
                        ref, tgt, faces, args.size, rule
                    ),
                    args.repeats,
                    clock,
                )
                for ref, tgt in zip(
                    bodies, np.roll(bodies, 1, axis=0), strict=True
                )
            ]
            print(
                f'flow and visibility, rule {rule!r}, {name}: '
                f'{np.median(times):.2f} ms a pair, '
                f'{1e3 / np.median(times):.0f} pairs a second '
                f'(slowest pair {1e3 / max(times):.0f})'
            )


if __name__ == '__main__':
    main()
