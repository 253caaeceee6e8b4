"""Which model a checkpoint is of, told beside that of a config."""

import ast

__all__ = ['compare_models', 'tell_model']

# Components that a message names at most.
SHOWN = 6


def tell_model(content):
    """The type of the model that a checkpoint was written of.

    MMEngine keeps the config in it, as the text of a Python file. That is
    parsed, and never run.

    Args:
        content: Of a checkpoint file, see `read_checkpoint`.

    Returns:
        str | None: Such as 'DIPT'; None where the checkpoint does not say.
    """
    meta = content.get('meta') if isinstance(content, dict) else None
    text = meta.get('cfg') if isinstance(meta, dict) else None
    try:
        tree = ast.parse(text if isinstance(text, str) else '')
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    types = [
        keyword.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and any(getattr(name, 'id', '') == 'model' for name in node.targets)
        for keyword in getattr(node.value, 'keywords', ())
        if keyword.arg == 'type' and isinstance(keyword.value, ast.Constant)
    ]
    return str(types[-1]).rpartition('.')[2] if types else None


def compare_models(content, weights, model, own):
    """Both models by name and components, for messages that they differ.

    Args:
        content: Of the checkpoint file, see `read_checkpoint`.
        weights (dict[str, Tensor]): The state dict in it.
        model (nn.Module): That of the config.
        own (Iterable[str]): Names of its weights.

    Returns:
        str: Such as 'it is of PG2 (generator_coarse), the config of VUNet
        (generator)'.
    """
    theirs = tell_model(content) or 'an unnamed model'
    return (
        f'it is of {theirs} ({_components(weights)}), the config of '
        f'{type(model).__name__} ({_components(own)})'
    )


def _components(names):
    """What stands before the first dot of names that have one."""
    found = sorted({name.partition('.')[0] for name in names if '.' in name})
    more = [f'and {len(found) - SHOWN} more'] if len(found) > SHOWN else []
    return ', '.join([*found[:SHOWN], *more]) or 'without components'
