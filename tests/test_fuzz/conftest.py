"""What holds for every fuzz test: no hang, and bounded memory."""

import faulthandler
import resource

import pytest

MAX_GROWTH = 3_000_000_000  # bytes; of a process that holds torch
LONGEST = 600  # seconds for one test, before it is taken for a hang
KILOBYTE = 1024


@pytest.fixture(autouse=True)
def bounds(request):
    """A test that hangs ends with a traceback, rather than never."""
    faulthandler.dump_traceback_later(
        LONGEST * request.module.TIMES, exit=True
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    faulthandler.cancel_dump_traceback_later()
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert (after - before) * KILOBYTE < MAX_GROWTH
