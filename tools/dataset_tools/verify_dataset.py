"""`mmposetransfer verify-dataset` by its path."""

import sys

from mmposetransfer.cli import main

if __name__ == '__main__':
    sys.exit(main(['verify-dataset', *sys.argv[1:]]))
