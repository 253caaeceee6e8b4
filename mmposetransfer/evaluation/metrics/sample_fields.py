"""Reading fields out of data samples."""

import torch

from mmposetransfer.errors import UserKeyError

__all__ = ['has_fields', 'same_size_groups', 'stacked']


def has_fields(samples, *fields):
    """Whether every sample has every field."""
    return all(
        sample.get(field) is not None for sample in samples for field in fields
    )


def stacked(samples, field, wanted_by):
    """One field of all samples as a batch.

    Args:
        samples (list[dict]): Data samples as dictionaries.
        field (str): Name of the field.
        wanted_by (str): Who needs it, for the error message.

    Returns:
        Tensor: (N, ...).

    Raises:
        KeyError: If a sample lacks the field.
    """
    for sample in samples:
        if sample.get(field) is None:
            whose = (
                'the model does not predict it'
                if field.startswith('pred')
                else 'the dataset does not provide it'
            )
            raise UserKeyError(
                f"{wanted_by} needs '{field}', which the data sample of "
                f'the pair {sample.get("ref_id", "?")} -> '
                f'{sample.get("tgt_id", "?")} lacks ({whose}). Take '
                f"{wanted_by} out of the config's evaluators if that is "
                'meant.'
            )
    return torch.stack([sample[field] for sample in samples])


def same_size_groups(samples, field):
    """Split samples into runs that can be stacked.

    Args:
        samples (list[dict]): Data samples as dictionaries.
        field (str): The field whose shapes are compared.

    Yields:
        list[dict]: All samples at once where their sizes agree, else one by
        one.
    """
    sizes = {
        tuple(sample[field].shape)
        for sample in samples
        if has_fields([sample], field)
    }
    if len(sizes) <= 1:
        yield list(samples)
    else:
        yield from ([sample] for sample in samples)
