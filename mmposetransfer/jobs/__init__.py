"""Long lists of work: in parts, by any number of processes, killed at will.

A job is a list of parts and what makes one of them. `run` makes parts in this
process or in several, `run_on_ray` on a cluster. Where each part has a file
of its own, `make_parts` makes those that are missing. `filling` claims the
folder that a job fills: a run with other settings is refused there, and what
a killed process left half-written is removed.
"""

from .folders import check_same, filling
from .on_ray import run_on_ray
from .parts import Part, make_parts
from .processes import run

__all__ = [
    'Part',
    'check_same',
    'filling',
    'make_parts',
    'run',
    'run_on_ray',
]
