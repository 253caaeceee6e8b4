"""Steps of whole methods, for tests of what they change."""

import copy

import torch
from mmengine.optim import OptimWrapper, OptimWrapperDict

__all__ = ['changed_by_a_step', 'optimizers']


def optimizers(model, lr=1e-3):
    """An optimizer for each component that has weights."""
    components = {name: getattr(model, name) for name in model.components}
    return OptimWrapperDict(
        **{
            name: OptimWrapper(torch.optim.Adam(component.parameters(), lr))
            for name, component in components.items()
            if any(True for _ in component.parameters())
        }
    )


def changed_by_a_step(model, batch, learning):
    """The components that one step changes, and its log."""
    model.set_learning(learning)
    model.train()
    before = copy.deepcopy(model.state_dict())
    log = model.train_step(batch, optimizers(model))
    changed = {
        key.split('.')[0]
        for key, value in model.state_dict().items()
        if not torch.equal(value, before[key])
    }
    return changed, log
