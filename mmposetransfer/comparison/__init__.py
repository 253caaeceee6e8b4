"""Methods trained alike, scored alike and put into one table and figure."""

from .budget import set_budget
from .compare import Comparison
from .entries import Entry, read_entries
from .figure import draw_figure
from .orderings import Ordering, check_order, find_orderings
from .spread import Row, Spread, gather
from .tables import format_rows, write_tables

__all__ = [
    'Comparison',
    'Entry',
    'Ordering',
    'Row',
    'Spread',
    'check_order',
    'draw_figure',
    'find_orderings',
    'format_rows',
    'gather',
    'read_entries',
    'set_budget',
    'write_tables',
]
