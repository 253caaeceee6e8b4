"""`mmposetransfer compare` by its path."""

import sys

from mmposetransfer.cli import main

if __name__ == '__main__':
    sys.exit(main(['compare', *sys.argv[1:]]))
