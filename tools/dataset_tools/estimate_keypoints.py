"""`mmposetransfer estimate-keypoints` by its path."""

import sys

from mmposetransfer.cli import main

if __name__ == '__main__':
    sys.exit(main(['estimate-keypoints', *sys.argv[1:]]))
