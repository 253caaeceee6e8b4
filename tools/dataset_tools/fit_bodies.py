"""`mmposetransfer fit-bodies` by its path."""

import sys

from mmposetransfer.cli import main

if __name__ == '__main__':
    sys.exit(main(['fit-bodies', *sys.argv[1:]]))
