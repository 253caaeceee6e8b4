"""The states of all random generators that code commonly draws from."""

import random
from contextlib import contextmanager

import cv2
import numpy as np
import torch

__all__ = [
    'RandomStream',
    'get_random_state',
    'random_state_kept',
    'seed_generators',
    'set_random_state',
]


def seed_generators(*entropy):
    """Seed Python's, NumPy's, torch's and OpenCV's generators on the CPU.

    Args:
        *entropy (int): Numbers from 0 on. Every other sequence of them gives
            other, independent random numbers.
    """
    # Of itself it would take (1,) and (1, 0) for the same.
    words = np.random.SeedSequence((len(entropy), *entropy)).generate_state(6)
    random.seed(int(words[0]) << 32 | int(words[1]))
    np.random.seed(words[2:4])
    # `torch.manual_seed` would seed the GPU as well.
    torch.default_generator.manual_seed(int(words[4]))
    cv2.setRNGSeed(int(words[5]) >> 1)


def get_random_state():
    """States of Python, NumPy, torch and this process's GPU as plain data.

    Returns:
        dict: Numbers and tensors, for :func:`set_random_state`.
    """
    version, words, gauss = random.getstate()
    name, keys, position, has_gauss, cached = np.random.get_state()
    state = dict(
        python=dict(version=version, words=torch.tensor(words), gauss=gauss),
        numpy=dict(
            name=name,
            keys=torch.from_numpy(keys.astype(np.int64)),
            position=position,
            has_gauss=has_gauss,
            cached=cached,
        ),
        torch=torch.get_rng_state(),
    )
    if torch.cuda.is_available() and torch.cuda.is_initialized():
        state['cuda'] = torch.cuda.get_rng_state()
    return state


def set_random_state(state):
    """Go back to what :func:`get_random_state` returned.

    Args:
        state (dict): Its tensors may be on any device.
    """
    python, arrays = state['python'], state['numpy']
    random.setstate(
        (python['version'], tuple(python['words'].tolist()), python['gauss'])
    )
    np.random.set_state(
        (
            arrays['name'],
            arrays['keys'].cpu().numpy().astype(np.uint32),
            arrays['position'],
            arrays['has_gauss'],
            arrays['cached'],
        )
    )
    torch.set_rng_state(state['torch'].cpu())
    if 'cuda' in state and torch.cuda.is_available():
        torch.cuda.set_rng_state(state['cuda'].cpu())


def _cpu_states():
    return random.getstate(), np.random.get_state(), torch.get_rng_state()


def _set_cpu_states(states):
    random.setstate(states[0])
    np.random.set_state(states[1])
    torch.set_rng_state(states[2])


@contextmanager
def random_state_kept():
    """Context after which Python, NumPy and torch (CPU) are as before."""
    states = _cpu_states()
    try:
        yield
    finally:
        _set_cpu_states(states)


class RandomStream:
    """Random numbers of its own for code that draws from the global ones.

    Within its context Python, NumPy and torch (CPU) go on where they were at
    the end of the context before; outside they are as if it had not been.

    Args:
        *entropy (int): Where the stream begins; see :func:`seed_generators`.
    """

    def __init__(self, *entropy):
        with random_state_kept():
            seed_generators(*entropy)
            self._inside = _cpu_states()

    def __enter__(self):
        self._outside = _cpu_states()
        _set_cpu_states(self._inside)
        return self

    def __exit__(self, *error):
        self._inside = _cpu_states()
        _set_cpu_states(self._outside)
