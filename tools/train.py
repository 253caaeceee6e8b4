"""Train a model from a config: all of its stages, in one command.

The same as `mmposetransfer train`; the code is in mmposetransfer/cli/train.py.
"""

from mmposetransfer.cli.train import main

if __name__ == '__main__':
    main()
