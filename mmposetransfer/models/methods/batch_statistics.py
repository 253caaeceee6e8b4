"""BatchNorm that normalises by the batch at hand when a model is used."""

from torch.nn.modules.batchnorm import _BatchNorm

__all__ = ['use_batch_statistics']


def use_batch_statistics(module, enable=True):
    """Choose what BatchNorm in eval mode normalises by.

    To be called after ``module.eval()`` or ``module.train()``, which undo
    it in part. Running statistics are neither used nor changed meanwhile.

    Args:
        module (nn.Module): All BatchNorm layers in it are changed in place.
        enable (bool): True: mean and variance of each batch, as if the
            layers were training. False: what torch does.
    """
    for layer in module.modules():
        if isinstance(layer, _BatchNorm) and layer.running_mean is not None:
            layer.track_running_stats = not enable
            if enable:
                layer.training = True
