"""From archives and folders to the layouts that the datasets read."""

from .archives import (
    ArchiveError,
    Limits,
    Member,
    count_files,
    read_source,
)
from .filing import (
    RESAMPLING,
    FilingReport,
    Place,
    file_sources,
    image_converter,
)
from .published import deepfashion_places, market1501_places

__all__ = [
    'RESAMPLING',
    'ArchiveError',
    'FilingReport',
    'Limits',
    'Member',
    'Place',
    'count_files',
    'deepfashion_places',
    'file_sources',
    'image_converter',
    'market1501_places',
    'read_source',
]
