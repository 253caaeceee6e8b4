"""Networks that only look: their weights are no part of a model's state."""

from torch import nn

__all__ = ['freeze']


def freeze(module: nn.Module) -> None:
    """Turn a module's own weights into buffers that are not saved.

    A checkpoint of the model then neither holds them nor replaces those that
    the config names, and no optimizer finds them.

    Args:
        module: Its sub-modules stay as they are.
    """
    for name, parameter in list(module.named_parameters(recurse=False)):
        delattr(module, name)
        module.register_buffer(name, parameter.detach(), persistent=False)
