"""Scores of folders of pictures, which any method may have made."""

from .common_names import match_names
from .matching import Entry, Matches, match_pairs, pairs_of_names
from .metric_choice import DEFAULT_METRICS, build_metrics, known_metrics
from .reading import UnreadableError, read_batches, read_sample
from .result_names import (
    SCHEMES,
    NamePattern,
    Scheme,
    find_scheme,
    result_stem,
)
from .scoring import FolderScores, score_entries
from .sheets import (
    SHEETS,
    SheetLayout,
    cut_sheet,
    layout_of_scheme,
    parse_sheet,
)
from .stored_files import as_stored

__all__ = [
    'DEFAULT_METRICS',
    'Entry',
    'FolderScores',
    'Matches',
    'NamePattern',
    'SCHEMES',
    'SHEETS',
    'Scheme',
    'SheetLayout',
    'UnreadableError',
    'as_stored',
    'build_metrics',
    'cut_sheet',
    'find_scheme',
    'known_metrics',
    'layout_of_scheme',
    'match_names',
    'match_pairs',
    'pairs_of_names',
    'parse_sheet',
    'read_batches',
    'read_sample',
    'result_stem',
    'score_entries',
]
