"""Weights and inputs of the official networks, made again from seeds.

The seed of a tensor is the CRC-32 of its name, so that both sides of the
comparison have the same numbers without a checkpoint.
"""

import json
import zlib
from pathlib import Path

import numpy as np
import torch

DATA = Path(__file__).parent / 'data'
SIZE = 128
NETWORKS = json.loads((DATA / 'official_state_dict_keys.json').read_text())


def _rng(name):
    return np.random.default_rng(zlib.crc32(name.encode()))


def _values(name, shape):
    # One tensor, shared by both encoders under two names.
    if name.startswith('enca_') and '_downsample' in name:
        name = name.replace('enca_', 'encp_', 1)
    noise = _rng(name).standard_normal(tuple(shape)).astype(np.float32)
    if len(shape) == 4:
        return noise / np.sqrt(np.prod(shape[1:]))
    if name.endswith('running_var'):
        return 1 + 0.1 * np.abs(noise)
    if name.endswith('weight') and not name.endswith('running_mean'):
        return 1 + 0.1 * noise
    return 0.1 * noise


def official_state_dict(network):
    """State dict of one official network, by its official names."""
    return {
        name: torch.zeros(shape, dtype=torch.int64)
        if name.endswith('num_batches_tracked')
        else torch.from_numpy(np.asarray(_values(name, shape), np.float32))
        for name, shape in NETWORKS[network].items()
    }


def _pose_map(name):
    rng = _rng(f'pose:{name}')
    y, x = np.mgrid[:SIZE, :SIZE]
    maps = np.zeros((2, 18, SIZE, SIZE), np.float32)
    for channel in maps.reshape(-1, SIZE, SIZE):
        if rng.random() < 0.1:
            continue
        cx, cy = rng.integers(8, SIZE - 8), rng.integers(8, SIZE - 8)
        channel[:] = (x - cx) ** 2 + (y - cy) ** 2 <= 16
    return maps


def official_inputs():
    """Reference image, two pose maps, flow in pixels, visibility."""
    noise = _rng('input:ref_image').standard_normal((2, 3, SIZE, SIZE))
    y, x = np.mgrid[:SIZE, :SIZE]
    flow = np.float32(
        [12 * np.sin(y / 17) + 3 * np.cos(x / 9), 9 * np.cos(x / 13) - 4]
    )
    visibility = np.full((SIZE, SIZE), 2, np.float32)
    visibility[20:110, 40:90] = 0
    visibility[40:80, 60:90] = 1
    inputs = dict(
        ref_img=np.clip(noise.astype(np.float32) * 0.5, -1, 1),
        ref_pose=_pose_map('ref'),
        tgt_pose=_pose_map('tgt'),
        flow=np.stack([flow, -0.5 * flow[::-1]]),
        visibility=np.stack([visibility, visibility[:, ::-1]])[:, None],
    )
    return {name: torch.from_numpy(value) for name, value in inputs.items()}


def official_outputs():
    """What the official networks computed; see ``data/README.md``."""
    with np.load(DATA / 'official_outputs.npz') as file:
        return {name: torch.from_numpy(file[name]) for name in file.files}


def kept(x):
    """The pixels of an output that the archive keeps."""
    return x[..., 3::8, 5::8]
