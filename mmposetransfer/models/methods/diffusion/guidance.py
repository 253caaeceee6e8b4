"""Classifier-free guidance by two conditions, pose and reference."""

from collections.abc import Callable

from torch import Tensor

from mmposetransfer.errors import UserValueError

__all__ = ['guidance_terms', 'guided']

GUIDANCE = ('cumulative', 'disentangled')

# With the pose or without, with the reference or without.
Conditions = tuple[bool, bool]


def guidance_terms(
    kind: str, pose: float, ref: float
) -> dict[Conditions, float]:
    """Weights of the predictions with and without each condition.

    ``disentangled`` (PIDM, Sec. 3.3): ``e() + pose * (e(pose) - e()) + ref *
    (e(ref) - e())``. ``cumulative`` (CFLD): ``e() + pose * (e(pose) - e()) +
    ref * (e(pose, ref) - e(pose))``, which with two weights of 1 is the
    prediction with both.

    Args:
        kind (str): ``cumulative`` or ``disentangled``.
        pose (float): Weight of the pose.
        ref (float): Weight of the reference.

    Returns:
        dict[tuple[bool, bool], float]: Of those that are not 0, by whether
        pose and reference are seen; the weights sum up to 1.

    Raises:
        ValueError: For another kind.

    Examples:
        >>> guidance_terms('cumulative', 1.0, 1.0)
        {(True, True): 1.0}
    """
    if kind == 'disentangled':
        weights = {
            (False, False): 1 - pose - ref,
            (True, False): pose,
            (False, True): ref,
        }
    elif kind == 'cumulative':
        weights = {
            (False, False): 1 - pose,
            (True, False): pose - ref,
            (True, True): ref,
        }
    else:
        raise UserValueError(
            f'guidance must be one of {GUIDANCE}, got {kind!r}'
        )
    return {which: weight for which, weight in weights.items() if weight}


def guided(
    predict: Callable[[bool, bool], Tensor],
    terms: dict[Conditions, float],
) -> Tensor:
    """The weighted sum of predictions.

    Args:
        predict (Callable): Of whether the pose and whether the reference is
            seen, to a prediction.
        terms (dict): Of :func:`guidance_terms`.

    Returns:
        Tensor: Like a prediction.
    """
    return sum(weight * predict(*which) for which, weight in terms.items())
