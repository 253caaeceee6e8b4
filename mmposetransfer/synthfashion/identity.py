"""Who somebody is, undressed."""

from dataclasses import dataclass

import numpy as np

from .hair import HAIRSTYLES
from .palette import sample_colors

__all__ = ['Identity', 'sample_identity']

_EYES = np.float32(
    [
        [0.30, 0.19, 0.11],
        [0.25, 0.15, 0.09],
        [0.35, 0.45, 0.55],
        [0.32, 0.42, 0.30],
        [0.45, 0.33, 0.18],
    ]
)


@dataclass(frozen=True)
class Identity:
    """Who somebody is, undressed.

    Attributes:
        feminine (bool): Shape of the body and choice of clothes.
        betas (np.ndarray): (num_betas,) shape coefficients.
        skin (np.ndarray): (3,) sRGB in [0, 1].
        hair (np.ndarray): (3,) sRGB in [0, 1].
        hairstyle (str): One of ``hair.HAIRSTYLES``.
        beard (float): Darkness of the stubble, 0 for none.
        makeup (float): Strength of lipstick, 0 for none.
        eyes (np.ndarray): (3,) sRGB of the iris.
    """

    feminine: bool
    betas: np.ndarray
    skin: np.ndarray
    hair: np.ndarray
    hairstyle: str
    beard: float
    makeup: float
    eyes: np.ndarray


def sample_identity(rng, num_betas):
    """Draw somebody.

    Args:
        rng (np.random.Generator): Source of randomness.
        num_betas (int): Number of shape coefficients.

    Returns:
        Identity: Who.
    """
    feminine = bool(rng.random() < 0.62)
    betas = np.clip(rng.normal(0, 0.55, num_betas), -1.2, 1.2)
    betas[0] = (1 if feminine else -1) * rng.uniform(0.65, 1.05)
    weights = np.array(
        [style[0 if feminine else 1] for style in HAIRSTYLES.values()], float
    )
    hairstyle = tuple(HAIRSTYLES)[
        int(rng.choice(len(weights), p=weights / weights.sum()))
    ]
    skin = sample_colors(rng, 1, 'skin')[0]
    dark = skin.mean() < 0.5
    # Dark skin mostly goes with dark hair and brown eyes.
    hairs = sample_colors(rng, 3, 'hair')
    hair = hairs[hairs.mean(1).argmin()] if dark else hairs[0]
    return Identity(
        feminine,
        betas.astype(np.float32),
        skin,
        hair,
        hairstyle,
        0.0 if feminine else float(rng.choice([0, 0, 0.3, 0.5])),
        float(rng.choice([0, 0.4, 0.9])) if feminine else 0.0,
        _EYES[int(rng.integers(2 if dark else len(_EYES)))],
    )
