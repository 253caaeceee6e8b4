"""`mmposetransfer prepare-deepfashion` by its path."""

import sys

from mmposetransfer.cli import main

if __name__ == '__main__':
    sys.exit(main(['prepare-deepfashion', *sys.argv[1:]]))
