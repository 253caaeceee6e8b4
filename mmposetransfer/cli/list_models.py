"""List the models by the names that train, test, infer and Python take."""

import sys

from mmposetransfer.apis import find_config, list_models
from mmposetransfer.utils.build_errors import did_you_mean

from .arguments import command_parser
from .columns import print_columns

__all__ = ['main', 'summary']


def summary(config):
    """The first sentence of the comment that begins a config.

    Args:
        config (str | Path): The file.

    Returns:
        str: Without its full stop; '' where there is no comment.
    """
    comment = []
    with open(config, encoding='utf-8') as file:
        for line in file:
            if not line.startswith('#'):
                break
            comment.append(line.lstrip('#').strip())
            if comment[-1].endswith(('.', ':')):
                break
    return ' '.join(comment).partition('. ')[0].rstrip('.:')


def parse_args(argv=None):
    """Read the command line."""
    parser = command_parser('list-models', __doc__)
    parser.add_argument(
        'pattern',
        nargs='?',
        default='*',
        help="such as '*synthfashion*' (default: all); upper and lower case "
        'are alike',
    )
    parser.add_argument(
        '--paths', action='store_true', help="print the configs' paths"
    )
    return parser.parse_args(argv)


def main(argv=None):
    """Print the names, each with what the config says of itself.

    Args:
        argv (list[str], optional): Arguments; default: the command line's.
    """
    args = parse_args(argv)
    names = list_models(args.pattern)
    if not names:
        sys.exit(
            f"error: no model is called '{args.pattern}'."
            f'{did_you_mean(args.pattern.strip("*"), list_models())}'
        )
    paths = {name: find_config(name) for name in names}
    print_columns(
        [
            (name, str(path) if args.paths else summary(path))
            for name, path in paths.items()
        ]
    )
