"""`mmposetransfer prepare-folder` by its path."""

import sys

from mmposetransfer.cli import main

if __name__ == '__main__':
    sys.exit(main(['prepare-folder', *sys.argv[1:]]))
