"""Bring DeepFashion from its archives into the layout that the configs read.

  prepare_deepfashion.py ARCHIVE_OR_FOLDER... --out data/deepfashion

It may be stopped at any time and run again: what is there is left alone. See
docs/data.md for what to download.
"""

from mmposetransfer.cli.prepare import parse_published, prepare_published
from mmposetransfer.datasets.preparing import deepfashion_places

if __name__ == '__main__':
    prepare_published(
        parse_published(__doc__, 'data/deepfashion'), deepfashion_places
    )
