"""How a photographer stands: cameras that frame people as shops do."""

from dataclasses import dataclass

import numpy as np

from mmposetransfer.geometry.cameras import PerspectiveCamera

__all__ = ['FRAMINGS', 'Shot', 'frame', 'sample_shot']

#: Framing: (its weight, joints of SMPL that are lowest in the picture,
#: metres shown below them, joint that is highest, metres above it).
FRAMINGS = {
    'full': (5, None, 0.0, None, 0.0),
    'knee': (2, (4, 5), 0.0, None, 0.0),
    'thigh': (2.5, (1, 2), 0.22, None, 0.0),
    'upper': (1.5, (1, 2), 0.02, None, 0.0),
    'lower': (1, None, 0.0, (3,), 0.12),
}


@dataclass(frozen=True)
class Shot:
    """Choices of the photographer.

    Attributes:
        framing (str): One of :data:`FRAMINGS`.
        distance (float): Metres between camera and body.
        tilt (float): Degrees the camera looks down.
        margin (float): Free part of the picture's height above and below.
        shift (tuple[float, float]): Part of the picture's width and height
            that the person stands aside.
    """

    framing: str
    distance: float
    tilt: float
    margin: float
    shift: tuple


def sample_shot(rng, framing=None):
    """Draw a shot.

    Args:
        rng (np.random.Generator): Source of randomness.
        framing (str, optional): One of :data:`FRAMINGS`; default: any.

    Returns:
        Shot: The choices.
    """
    if framing is None:
        weights = np.array([entry[0] for entry in FRAMINGS.values()])
        framing = tuple(FRAMINGS)[
            int(rng.choice(len(weights), p=weights / weights.sum()))
        ]
    return Shot(
        framing,
        float(rng.uniform(2.8, 5.5)),
        float(rng.uniform(-3, 9)),
        float(rng.uniform(0.02, 0.07)),
        (float(rng.normal(0, 0.02)), float(rng.normal(0, 0.008))),
    )


def _limits(shot, points, joints):
    """Bottom and top of what the picture shows, world metres."""
    _, low, below, high, above = FRAMINGS[shot.framing]
    bottom = (
        points[:, 1].min()
        if low is None
        else (joints[list(low), 1].min() - below)
    )
    top = (
        points[:, 1].max()
        if high is None
        else (joints[list(high), 1].max() + above)
    )
    return bottom, max(top, bottom + 0.3)


def frame(shot, points, joints, size):
    """The camera of a shot.

    Args:
        shot (Shot): What to show.
        points (np.ndarray): (V, 3) posed vertices, metres.
        joints (np.ndarray): (24, 3) posed joints.
        size (tuple[int, int]): (height, width) of the picture.

    Returns:
        PerspectiveCamera: Looks at the middle of what is shown, which fills
        the picture's height, or its width where that is narrower.
    """
    height, width = size
    points = points[::3]
    bottom, top = _limits(shot, points, joints)
    middle = np.array([0, (bottom + top) / 2, points[:, 2].mean()])
    angle = np.radians(shot.tilt)
    cosine, sine = np.cos(angle), np.sin(angle)
    rotation = np.array([[1, 0, 0], [0, cosine, -sine], [0, sine, cosine]])
    offset = np.array([0, 0, -shot.distance]) - rotation @ middle
    seen = points @ rotation.T.astype(np.float32) + offset.astype(np.float32)
    shown = (points[:, 1] >= bottom - 1e-4) & (points[:, 1] <= top + 1e-4)
    x, y, z = seen.T
    across, up = (x / -z)[shown], (y / -z)[shown]
    left, right = across.min(), across.max()
    low, high = up.min(), up.max()
    room = 1 - 2 * shot.margin
    focal = room * min(height / (high - low), width / (right - left))
    # Cropped framings fill the picture to its edge where the body is cut.
    _, lowest, _, highest, _ = FRAMINGS[shot.framing]
    row = 0.5 + shot.shift[1]
    if lowest is not None and highest is None:
        row = 1 - (high - low) / 2 * focal / height
    elif highest is not None:
        row = (high - low) / 2 * focal / height
    centre = (
        width * (0.5 + shot.shift[0]) - 0.5 - focal * (left + right) / 2,
        height * row - 0.5 + focal * (low + high) / 2,
    )
    return PerspectiveCamera(
        float(focal), (float(centre[0]), float(centre[1])), rotation, offset
    )
