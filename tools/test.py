"""Test a trained model: metrics beside free baselines, pictures, results.

The same as `mmposetransfer test`; the code is in mmposetransfer/cli/test.py.
"""

from mmposetransfer.cli.test import main

if __name__ == '__main__':
    main()
