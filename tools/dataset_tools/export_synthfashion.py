"""`mmposetransfer export-synthfashion` by its path."""

import sys

from mmposetransfer.cli import main

if __name__ == '__main__':
    sys.exit(main(['export-synthfashion', *sys.argv[1:]]))
