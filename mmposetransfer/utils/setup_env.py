"""What other libraries of the ecosystem call to make our types known."""

from importlib import import_module

MODULES = (
    'mmposetransfer.apis',
    'mmposetransfer.datasets',
    'mmposetransfer.datasets.transforms',
    'mmposetransfer.engine',
    'mmposetransfer.evaluation',
    'mmposetransfer.models',
    'mmposetransfer.pose_estimators',
    'mmposetransfer.visualization',
)


def register_all_modules(set_default_scope: bool = True) -> None:
    """Import every module that registers a type.

    Seldom needed, as each registry imports its own modules when first used;
    ``mmengine.hub.get_model`` calls it by this name in every library.

    Args:
        set_default_scope: Whether types without a scope are to be looked for
            in ``mmposetransfer`` from now on.
    """
    for module in MODULES:
        import_module(module)
    if set_default_scope:
        from mmengine.registry import init_default_scope

        init_default_scope('mmposetransfer')
