"""Fit bodies to the people of a keypoint file.

The code is in mmposetransfer/cli/fit_bodies.py.
"""

from mmposetransfer.cli.fit_bodies import main

if __name__ == '__main__':
    main()
