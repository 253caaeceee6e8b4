"""How far people agree."""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from mmposetransfer.errors import UserImportError

__all__ = ['krippendorff_alpha']


def krippendorff_alpha(units: Iterable[Sequence[str]]) -> float | None:
    """Krippendorff's alpha of nominal judgements.

    Args:
        units: For each thing that was judged, what people said of it, each
            person once. Things may have been judged by different numbers of
            people; those of fewer than two do not count.

    Returns:
        float | None: 1 where all agree, 0 where they agree as by chance, below
        that where they agree less. None where it is not defined: without a
        thing that two people judged, and where all judgements are the same.

    Raises:
        UserImportError: If the package krippendorff is not installed.

    Source:
        Krippendorff, "Computing Krippendorff's Alpha-Reliability", 2011.
    """
    counts = [Counter(unit) for unit in units if len(unit) > 1]
    values = sorted({value for count in counts for value in count})
    if len(values) < 2:
        return None
    try:
        import krippendorff
    except ImportError as error:
        raise UserImportError(
            'agreement is computed by the package krippendorff, which cannot '
            f'be imported ({error}): pip install "mmposetransfer[study]"'
        ) from error
    alpha = krippendorff.alpha(
        value_counts=np.array([[c[v] for v in values] for c in counts]),
        level_of_measurement='nominal',
    )
    return float(alpha)
