"""`mmposetransfer synthesize-flow` by its path."""

import sys

from mmposetransfer.cli import main

if __name__ == '__main__':
    sys.exit(main(['synthesize-flow', *sys.argv[1:]]))
