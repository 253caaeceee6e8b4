"""Bring Market-1501 from its archives into the layout that the configs read.

  prepare_market1501.py ARCHIVE_OR_FOLDER... --out data/market1501

It may be stopped at any time and run again: what is there is left alone. See
docs/data.md for what to download.
"""

from mmposetransfer.cli.prepare import parse_published, prepare_published
from mmposetransfer.datasets.preparing import market1501_places

if __name__ == '__main__':
    prepare_published(
        parse_published(__doc__, 'data/market1501'), market1501_places
    )
