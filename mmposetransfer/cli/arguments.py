"""What commands share: their parser, types of arguments, and spelling."""

import argparse

from mmposetransfer.utils.spelling import spelled

__all__ = [
    'PROG',
    'at_least',
    'command_parser',
    'image_size',
    'positive',
    'spelled_as_options',
]

#: What the command line calls this library.
PROG = 'mmposetransfer'


def command_parser(name, doc):
    """The parser of a command's arguments.

    Args:
        name (str): Of the command, such as 'fit-bodies'.
        doc (str): What ``--help`` says of it, as it is.

    Returns:
        argparse.ArgumentParser: Without arguments.
    """
    return argparse.ArgumentParser(
        f'{PROG} {name}',
        description=doc,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def at_least(minimum):
    """An argparse type: whole numbers from ``minimum`` on.

    Args:
        minimum (int): The least that is meant.

    Returns:
        Callable: From text to int.
    """

    def whole_number(text):
        try:
            number = int(text)
        except ValueError:
            number = None
        if number is None or number < minimum:
            raise argparse.ArgumentTypeError(
                f"expected a whole number of at least {minimum}, got '{text}'"
            )
        return number

    return whole_number


def positive(text):
    """An argparse type: numbers above 0, infinity among them."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not number > 0:
        raise argparse.ArgumentTypeError(
            f"expected a number above 0, got '{text}'"
        )
    return number


def image_size(text):
    """An argparse type: '512x352' -> (512, 352), height and width."""
    try:
        height, width = map(int, text.lower().split('x'))
        if min(height, width) < 1:
            raise ValueError
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"expected HEIGHTxWIDTH in pixels, as 256x176, got '{text}'"
        ) from None
    return height, width


def spelled_as_options(*names, **others):
    """Have messages speak of options in place of Python's arguments.

    Args:
        *names (str): Arguments whose option has the same name, such as
            'target_name' for ``--target-name``.
        **others (str): Argument -> option of another name.

    Returns:
        ContextManager: For the code that a command runs.
    """
    return spelled(
        **{name: f'--{name.replace("_", "-")}' for name in names}, **others
    )
