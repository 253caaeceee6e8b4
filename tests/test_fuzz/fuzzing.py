"""How the fuzz tests mutate, and what they accept.

pytest tests/test_fuzz                 a few examples, always the same
MMPT_FUZZ=50 pytest tests/test_fuzz    50 times as many, new ones
"""

import os
import warnings

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from mmposetransfer.datasets.keypoints import KeypointWarning

# Each test has this many times its usual number of examples.
TIMES = int(os.environ.get('MMPT_FUZZ', 0)) or 1
# What the library raises for what it was given.
DOCUMENTED = (OSError, TypeError, ValueError)
NUMBERS = (0, 1, 2, 127, 128, 255, 2**15, 2**16 - 1, 2**31 - 1, 2**32 - 1)


def examples(count):
    """Settings of a test: no database, no deadline, the same each time."""
    return settings(
        max_examples=count * TIMES,
        deadline=None,
        database=None,
        derandomize='MMPT_FUZZ' not in os.environ,
        suppress_health_check=list(HealthCheck),
    )


def outcome(call, name):
    """Call a reader: its result, or None where it refuses as documented.

    Args:
        call (Callable): Without arguments.
        name (str): Has to be in the message of an error.
    """
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        warnings.simplefilter('ignore', KeypointWarning)
        try:
            return call()
        except DOCUMENTED as error:
            assert name in str(error), repr(error)
            # KeyErrors and the like of careless code are no messages.
            assert len(str(error)) > len(name) + 10, repr(error)
            return None


@st.composite
def mutated(draw, data):
    """Bytes with some of them changed, inserted, repeated or cut off."""
    data = bytearray(data)
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, max(len(data) - 1, 0)))
        # Headers are where it hurts.
        place = place % 64 if draw(st.booleans()) else place
        how = draw(st.integers(0, 5))
        if how == 0:
            data[place : place + 1] = draw(st.binary(min_size=1, max_size=1))
        elif how == 1:
            order = draw(st.sampled_from(['little', 'big']))
            size = draw(st.sampled_from([1, 2, 4, 8]))
            number = draw(st.sampled_from(NUMBERS)) % 256**size
            data[place : place + size] = number.to_bytes(size, order)
        elif how == 2:
            del data[place:]
        elif how == 3:
            del data[place : place + draw(st.integers(1, 16))]
        elif how == 4:
            data[place:place] = draw(st.binary(max_size=8))
        else:
            data[place:place] = data[place : place + draw(st.integers(1, 64))]
    return bytes(data)


def junk():
    """Values of all kinds that a data file or a config may hold."""
    leaves = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.sampled_from([1e308, -1, 10**400, '', 'x', 'type', '\0', 'nan']),
        st.text(max_size=4),
    )
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=4),
            st.dictionaries(st.text(max_size=4), inner, max_size=4),
        ),
        max_leaves=8,
    )


def places(value, path=()):
    """Paths of all values in a nest of dicts and lists."""
    yield path
    if isinstance(value, dict):
        for key in dict.keys(value):
            yield from places(dict.__getitem__(value, key), (*path, key))
    elif isinstance(value, list):
        for key, inner in enumerate(value):
            yield from places(inner, (*path, key))


def replaced(value, path, new):
    """A copy of a nest with another value at a path."""
    if not path:
        return new
    key, *rest = path
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[key] = replaced(value[key], rest, new)
    return copy
