"""`mmposetransfer user-study results` by its path."""

import sys

from mmposetransfer.cli import main

if __name__ == '__main__':
    sys.exit(main(['user-study', 'results', *sys.argv[1:]]))
