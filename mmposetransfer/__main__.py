"""``python -m mmposetransfer``, and ``torchrun -m mmposetransfer``."""

import sys

from mmposetransfer.cli import main

if __name__ == '__main__':
    sys.exit(main())
