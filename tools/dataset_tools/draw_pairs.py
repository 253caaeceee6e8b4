"""`mmposetransfer draw-pairs` by its path."""

import sys

from mmposetransfer.cli import main

if __name__ == '__main__':
    sys.exit(main(['draw-pairs', *sys.argv[1:]]))
