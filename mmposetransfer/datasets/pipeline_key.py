"""What decides which pairs a pipeline makes: its settings and its code."""

import hashlib
import inspect
import json
from pathlib import Path

from mmposetransfer.errors import UserTypeError

__all__ = ['pipeline_key']


def pipeline_key(settings, pipeline):
    """A digest that is another one when a pipeline makes other pairs.

    Of the code it knows the files that the transforms' classes are in, and of
    files that transforms read, their paths alone.

    Args:
        settings (Sequence[dict]): The pipeline's config.
        pipeline (Compose): What was built of it.

    Returns:
        str: Hexadecimal; empty for an empty pipeline.

    Raises:
        TypeError: If the settings are no config dicts of plain values.
    """
    if not pipeline.transforms:
        return ''
    try:
        text = json.dumps(list(settings), sort_keys=True, default=_name)
    except TypeError:
        raise UserTypeError(
            'the cached_pipeline of a cache on disk has to be config dicts of '
            'numbers, strings, lists and dicts, which tell whether a pair was '
            f'made as they say; got {list(settings)}'
        ) from None
    digest = hashlib.sha256(text.encode())
    files = {inspect.getfile(type(step)) for step in pipeline.transforms}
    for path in sorted(files):
        digest.update(Path(path).read_bytes())
    return digest.hexdigest()


def _name(value):
    """How JSON has the classes that may stand for a type's name."""
    if not isinstance(value, type):
        raise TypeError(value)
    return f'{value.__module__}.{value.__qualname__}'
