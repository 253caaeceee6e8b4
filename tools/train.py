"""`mmposetransfer train` by its path."""

import sys

from mmposetransfer.cli import main

if __name__ == '__main__':
    sys.exit(main(['train', *sys.argv[1:]]))
