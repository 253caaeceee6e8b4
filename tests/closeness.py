"""How near numbers come that are computed in two ways, or twice.

Processors, thread counts and batch sizes round differently, so no test asks
for equal bits of computed floats. What is equal to the bit is copied, made of
whole numbers, or promised: a run that is resumed on the same machine, and
files that are the same whoever makes them.
"""

import numpy as np
import torch


def assert_near(got, wanted, steps=64):
    """Floats agree but for rounding; whole numbers and all else are equal.

    Args:
        got, wanted: Tensors, arrays, plain values, or containers of them at
            any depth.
        steps (float): By how much floats may differ: in units in the last
            place of their type, of the largest number among ``wanted``. Sums
            of thousands of terms err by some tens of them.
    """
    if isinstance(wanted, dict):
        assert got.keys() == wanted.keys()
        for key, value in wanted.items():
            assert_near(got[key], value, steps)
    elif isinstance(wanted, (list, tuple)):
        assert len(got) == len(wanted)
        for pair in zip(got, wanted, strict=True):
            assert_near(*pair, steps)
    elif isinstance(wanted, (np.ndarray, torch.Tensor)):
        _assert_arrays(_as_array(got), _as_array(wanted), steps)
    else:
        assert got == wanted


def _as_array(value):
    return value.detach().numpy() if isinstance(value, torch.Tensor) else value


def _assert_arrays(got, wanted, steps):
    assert got.dtype == wanted.dtype and got.shape == wanted.shape
    if wanted.dtype.kind != 'f':
        np.testing.assert_array_equal(got, wanted)
        return
    finite = np.abs(wanted[np.isfinite(wanted)])
    atol = steps * np.finfo(wanted.dtype).eps * finite.max(initial=0)
    np.testing.assert_allclose(got, wanted, rtol=0, atol=atol)


def assert_same_classes(got, wanted, share=0.99):
    """Maps of whole numbers agree but for pixels where rounding decides.

    Args:
        got, wanted (Tensor | np.ndarray): Classes that floats were turned
            into, such as visibility, of one shape and type.
        share (float): Of pixels that have to be equal, at least.
    """
    got, wanted = _as_array(got), _as_array(wanted)
    assert got.dtype == wanted.dtype and got.shape == wanted.shape
    assert (got == wanted).mean() >= share


def assert_same_picture(got, wanted, levels=1):
    """Pictures of 8 bits agree but for a grey level, where rounding falls.

    Args:
        got, wanted (np.ndarray): uint8 of one shape.
        levels (int): The largest difference.
    """
    assert got.dtype == wanted.dtype == np.uint8 and got.shape == wanted.shape
    assert np.abs(got.astype(int) - wanted).max(initial=0) <= levels
