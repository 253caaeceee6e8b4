"""`mmposetransfer convert-official` by its path."""

import sys

from mmposetransfer.cli import main

if __name__ == '__main__':
    sys.exit(main(['convert-official', *sys.argv[1:]]))
