"""The command ``mmposetransfer``; ``python -m mmposetransfer`` is the same.

Nothing here imports MMEngine or torch: help comes at once, and ``doctor``
runs where one of them is broken.
"""

import os
import sys
import warnings
from importlib import import_module

from mmposetransfer.utils.build_errors import did_you_mean
from mmposetransfer.version import __version__

from .arguments import PROG

__all__ = ['COMMANDS', 'GROUPS', 'main']

#: Commands by what they are for -> what they do. Each is a module here, with
#: ``main(argv=None)``; a file in tools/ calls it by its path.
GROUPS = {
    'Models': {
        'train': 'train a model, all stages of a config in one run',
        'test': 'test a trained model: metrics beside baselines, pictures',
        'evaluate': 'score a folder of results, whichever method made them',
        'compare': 'train several alike: one table with spread, one figure',
        'infer': 'put the person of a photograph into another pose',
        'list-models': 'the models, by the names that the others take',
        'convert-official': 'make a checkpoint of those that authors publish',
        'publish-model': 'config, weights and digest of a trained model',
    },
    'Data sets': {
        'prepare-deepfashion': 'file the archives of DeepFashion',
        'prepare-market1501': 'file the archives of Market-1501',
        'prepare-folder': 'pairs of your own photographs and keypoints',
        'export-synthfashion': 'write SynthFashion as files',
        'draw-pairs': 'draw beforehand what SynthFashion keeps on disk',
        'verify-dataset': 'what is missing, damaged or inconsistent',
        'browse-dataset': 'draw what training sees',
        'set-statistics': 'what FID and its like need of real pictures',
    },
    'Poses, bodies and flow of pictures': {
        'estimate-keypoints': 'find the poses of all pictures in a folder',
        'fit-bodies': 'fit bodies to keypoints',
        'synthesize-flow': 'make the true flow of pairs from fitted bodies',
    },
    'Judgements of people': {
        'user-study': 'serve one: real or fake, which is better; its results',
    },
    'This installation': {
        'list-modules': 'what configs can name: types, and their arguments',
        'doctor': 'check it, and this machine, for a bug report',
    },
}
COMMANDS = {
    name: what for group in GROUPS.values() for name, what in group.items()
}


def help_text():
    """What ``mmposetransfer --help`` prints."""
    width = max(map(len, COMMANDS))
    lines = [
        f'usage: {PROG} COMMAND [ARGUMENTS]',
        '',
        'Human pose transfer on MMEngine.',
    ]
    for title, group in GROUPS.items():
        lines += ['', f'{title}:']
        lines += [f'  {name:<{width}}  {what}' for name, what in group.items()]
    lines += [
        '',
        f'{PROG} COMMAND --help says which arguments a command takes.',
    ]
    return '\n'.join(lines)


def main(argv=None):
    """Run a command.

    Args:
        argv (list[str], optional): The command and its arguments; default:
            those of the command line.

    Returns:
        int | None: The exit code; None is 0.
    """
    command, *rest = (sys.argv[1:] if argv is None else argv) or [None]
    if command == 'help':
        command, rest = (rest or ['--help'])[0], ['--help']
    try:
        code = _run(command, rest)
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return None


def _run(command, argv):
    if command in COMMANDS:
        # MMEngine 0.10 imports it to look for configs of other packages.
        warnings.filterwarnings('ignore', 'pkg_resources is deprecated')
        module = import_module(f'{__name__}.{command.replace("-", "_")}')
        return module.main(argv)
    if command in ('-h', '--help'):
        print(help_text())
        return None
    if command == '--version':
        print(f'{PROG} {__version__}')
        return None
    message = (
        help_text()
        if command is None
        else (
            f"error: there is no command '{command}'."
            f'{did_you_mean(command, COMMANDS)} `{PROG} --help` lists all.'
        )
    )
    print(message, file=sys.stderr)
    return 2
