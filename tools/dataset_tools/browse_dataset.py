"""Draw what training sees: images, poses, flow, visibility, warped reference.

The code is in mmposetransfer/cli/browse.py.
"""

from mmposetransfer.cli.browse import main

if __name__ == '__main__':
    main()
