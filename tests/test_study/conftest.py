"""Servers that end with the test that has started them."""

import pytest
from study_server import Server


@pytest.fixture
def servers():
    """Starts a `Server` of the same arguments."""
    started = []

    def start(*arguments, **options):
        started.append(Server(*arguments, **options))
        return started[-1]

    yield start
    for server in started:
        server.process.kill()
        server.process.communicate(timeout=600)
