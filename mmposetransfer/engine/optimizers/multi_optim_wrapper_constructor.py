"""One optimizer per component of a model."""

from mmengine.optim import DefaultOptimWrapperConstructor, OptimWrapperDict
from torch import nn

from mmposetransfer.registry import OPTIM_WRAPPER_CONSTRUCTORS
from mmposetransfer.utils.dist import unwrap_model

__all__ = ['MultiOptimWrapperConstructor']


@OPTIM_WRAPPER_CONSTRUCTORS.register_module()
class MultiOptimWrapperConstructor:
    """Build an :class:`OptimWrapperDict` from a config per component.

    Named and used as mmagic's. A component that a transferer knows
    (``COMPONENTS``) but was built without gets none.

    Args:
        optim_wrapper_cfg (dict): Name of a submodule -> config of its
            optimizer wrapper, such as
            ``dict(generator=dict(optimizer=dict(type='Adam', lr=2e-4)))``.
        paramwise_cfg (dict, optional): Applied to every component; see
            :class:`mmengine.optim.DefaultOptimWrapperConstructor`.

    Raises:
        ValueError: If the model has no such submodule.
    """

    def __init__(
        self, optim_wrapper_cfg: dict, paramwise_cfg: dict | None = None
    ) -> None:
        self.optim_wrapper_cfg = optim_wrapper_cfg
        self.paramwise_cfg = paramwise_cfg

    def __call__(self, module: nn.Module) -> OptimWrapperDict:
        """Build the optimizers of a model (wrapped or not)."""
        module = unwrap_model(module)
        wrappers = {}
        for name, config in self.optim_wrapper_cfg.items():
            component = getattr(module, name, None)
            if component is None and name in getattr(module, 'COMPONENTS', ()):
                continue  # an ablation: the model was built without it
            if component is None:
                raise ValueError(
                    f"optim_wrapper names a component '{name}' that "
                    f'{type(module).__name__} does not have; it has '
                    f'{[name for name, _ in module.named_children()]}.'
                )
            config = (
                dict(type='OptimWrapper', **config)
                if 'type' not in config
                else config
            )
            wrappers[name] = DefaultOptimWrapperConstructor(
                config, self.paramwise_cfg
            )(component)
        return OptimWrapperDict(**wrappers)
