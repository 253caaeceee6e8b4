"""Make the flow ground truth of pairs from fitted bodies.

The code is in mmposetransfer/cli/synthesize_flow.py.
"""

from mmposetransfer.cli.synthesize_flow import main

if __name__ == '__main__':
    main()
