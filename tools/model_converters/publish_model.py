"""`mmposetransfer publish-model` by its path."""

import sys

from mmposetransfer.cli import main

if __name__ == '__main__':
    sys.exit(main(['publish-model', *sys.argv[1:]]))
