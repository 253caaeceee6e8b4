"""`mmposetransfer prepare-market1501` by its path."""

import sys

from mmposetransfer.cli import main

if __name__ == '__main__':
    sys.exit(main(['prepare-market1501', *sys.argv[1:]]))
