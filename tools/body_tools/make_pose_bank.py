"""Draw the poses that fits of bodies start from and are judged by.

Writes ``mmposetransfer/assets/pose_bank.npz``: as many poses of each class
of SynthFashion's sampler, which ``mmposetransfer.geometry.fitting`` searches
for first guesses and turns into its pose prior. The same arguments give the
same numbers.
"""

import argparse
from pathlib import Path

import numpy as np

from mmposetransfer.geometry.pose_angles import (
    axis_angle_to_angles,
    mirror_angles,
)
from mmposetransfer.io.atomic_write import atomic_write
from mmposetransfer.synthfashion.poses import (
    POSE_CLASSES,
    prototype,
    sample_pose,
)

DEFAULT = (
    Path(__file__).resolve().parents[2]
    / 'mmposetransfer'
    / 'assets'
    / 'pose_bank.npz'
)


def parse_args():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--out', default=DEFAULT, help='file to write')
    parser.add_argument('--poses', type=int, default=80, help='of each class')
    parser.add_argument('--seed', type=int, default=0)
    return parser.parse_args()


def unmirrored(name, angles):
    """The pose or its mirror image, whichever is nearer to the prototype."""
    model = prototype(name)
    return min(
        (angles, mirror_angles(angles)), key=lambda a: np.abs(a - model).sum()
    )


def sample_class(name, count, rng):
    """(count, 23, 3) degrees of one class."""
    return np.stack(
        [
            unmirrored(
                name, axis_angle_to_angles(sample_pose(rng, name).body_pose)
            )
            for _ in range(count)
        ]
    )


def main():
    """Draw the poses and write the file."""
    args = parse_args()
    rng = np.random.default_rng(args.seed)
    angles = np.stack(
        [sample_class(name, args.poses, rng) for name in POSE_CLASSES]
    )
    weights = np.array([c.weight for c in POSE_CLASSES.values()], np.float32)
    with atomic_write(args.out) as file:
        np.savez_compressed(
            file,
            names=np.array(list(POSE_CLASSES)),
            weights=weights,
            decidegrees=np.round(angles * 10).astype(np.int16),
        )
    print(f'{args.out}: {angles.shape[0]} classes of {angles.shape[1]} poses')


if __name__ == '__main__':
    main()
