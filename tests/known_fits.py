"""Fits of people in known poses, for tests of what is made of fits."""

import itertools
import json

import numpy as np

from mmposetransfer.geometry import BodyModel
from mmposetransfer.geometry.fitting import BodyFits, body_name, save_fits
from mmposetransfer.synthfashion.poses import sample_pose


def known_fits(count, size=(64, 64), seed=0, distance=4.0):
    """Fits of ``count`` people who fill most of their pictures."""
    rng = np.random.default_rng(seed)
    body = BodyModel()
    poses = [sample_pose(rng) for _ in range(count)]
    height, width = size
    camera = np.float32([0.52 * height, width / 2, 0.45 * height, distance])
    return BodyFits(
        names=np.array([f'person_{i}.jpg' for i in range(count)], object),
        betas=rng.normal(0, 0.7, (count, body.num_betas)).astype(np.float32),
        body_pose=np.stack([p.body_pose for p in poses]).astype(np.float32),
        global_orient=np.stack([p.global_orient for p in poses]).astype(
            np.float32
        ),
        camera=np.tile(camera, (count, 1)),
        sizes=np.tile(np.int32(size), (count, 1)),
        errors=np.zeros((count, 18), np.float32),
        energy=np.zeros(count, np.float32),
        success=np.ones(count, bool),
        body=body_name(body),
    )


def all_pairs(count):
    """Each person of ``count`` in the pose of each other."""
    names = [f'person_{i}.jpg' for i in range(count)]
    return list(itertools.permutations(names, 2))


def write_inputs(folder, count, **kwargs):
    """A file of fits and one of all pairs; their paths."""
    save_fits(folder / 'fits.npz', known_fits(count, **kwargs))
    (folder / 'pairs.json').write_text(json.dumps({'train': all_pairs(count)}))
    return str(folder / 'fits.npz'), str(folder / 'pairs.json')
