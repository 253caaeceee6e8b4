"""`mmposetransfer user-study serve` by its path."""

import sys

from mmposetransfer.cli import main

if __name__ == '__main__':
    sys.exit(main(['user-study', 'serve', *sys.argv[1:]]))
