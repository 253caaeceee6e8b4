"""`mmposetransfer set-statistics` by its path."""

import sys

from mmposetransfer.cli import main

if __name__ == '__main__':
    sys.exit(main(['set-statistics', *sys.argv[1:]]))
