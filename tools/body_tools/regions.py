"""Name the parts of the body's surface and give the face coordinates.

Positions on the head are measured in a head frame: the origin between the
pupils, the unit the distance of the pupils, x to the body's left, y up. The
frame is laid through the mean body in the T-pose.
"""

from dataclasses import dataclass

import numpy as np

REGIONS = (
    'body',
    'face',
    'scalp',
    'neck',
    'ears',
    'left_hand',
    'right_hand',
    'left_foot',
    'right_foot',
    'eyes',
    'mouth',
)
# Height of the hairline over the azimuth (0 front, 180 back; degrees).
HAIRLINE = np.array(
    [
        (0, 1.12),
        (25, 1.10),
        (40, 0.98),
        (50, 0.75),
        (57, 0.35),
        (62, -0.2),
        (68, -0.5),
        (73, 0.0),
        (80, 0.12),
        (95, 0.12),
        (105, -0.1),
        (112, -0.5),
        (125, -0.95),
        (150, -1.2),
        (180, -1.25),
    ]
)
HEAD_AXIS_Z = -1.55  # the head's vertical axis, behind the pupils
IRIS_RADIUS = 0.0062  # metres


@dataclass
class HeadFrame:
    """Where the head is: origin (3,) and unit length in metres."""

    origin: np.ndarray
    unit: float

    @classmethod
    def of(cls, vertices, landmarks):
        """The frame of a body with landmarks ``leye`` and ``reye``."""
        left, right = (vertices[landmarks[k]] for k in ('leye', 'reye'))
        return cls((left + right) / 2, float(np.linalg.norm(left - right)))

    def local(self, points):
        """Metres to head units."""
        return (points - self.origin) / self.unit

    def world(self, points):
        """Head units to metres."""
        return points * self.unit + self.origin


def azimuth(points):
    """Degrees around the head's axis, 0 front to 180 back, either side."""
    return np.degrees(
        np.arctan2(np.abs(points[..., 0]), points[..., 2] - HEAD_AXIS_Z)
    )


def smoothstep(low, high, x):
    """0 below ``low``, 1 above ``high``, smooth between."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def hairline(points):
    """Height of the hairline at each point's azimuth, head units."""
    return np.interp(azimuth(points), *HAIRLINE.T)


def is_ear(points):
    """Whether points of the head, in head units, belong to an ear."""
    return (
        (np.abs(points[:, 0]) > 1.24)
        & (points[:, 1] < 0.1)
        & (points[:, 1] > -0.95)
        & (points[:, 2] < -1.05)
        & (points[:, 2] > -2.05)
    )


def scalp_mask(points, head, softness=0.3):
    """How much hair grows at each vertex, 0 to 1.

    Args:
        points: (V, 3) in head units.
        head: (V,) bool, vertices of head and neck.
        softness: width of the soft hairline.

    Returns:
        (V,) float.
    """
    above = points[:, 1] - hairline(points)
    mask = smoothstep(-softness / 2, softness / 2, above)
    return np.where(head & ~is_ear(points), mask, 0.0)


def label_faces(faces, charts, points, joint, scalp):
    """Region of every triangle.

    Args:
        faces: (F, 3) triangles.
        charts: dict of region name -> (F,) bool for eyes, mouth, hands and
            feet, and 'head' for the face's chart.
        points: (V, 3) in head units.
        joint: (V,) strongest SMPL joint.
        scalp: (V,) scalp mask.

    Returns:
        (F,) uint8 index into :data:`REGIONS`.
    """
    label = np.zeros(len(faces), dtype=np.uint8)
    centre = points[faces].mean(1)
    is_head = (joint[faces] == 15).sum(1) >= 2
    is_neck = (joint[faces] == 12).sum(1) >= 2
    rules = [
        ('neck', is_neck),
        ('face', is_head),
        ('neck', is_head & (centre[:, 1] < -1.3) & (centre[:, 2] < -1.6)),
        ('scalp', scalp[faces].mean(1) > 0.5),
        ('ears', is_head & is_ear(centre)),
        *(
            (name, charts[name])
            for name in (
                'left_hand',
                'right_hand',
                'left_foot',
                'right_foot',
                'eyes',
                'mouth',
            )
        ),
    ]
    for name, members in rules:
        label[members] = REGIONS.index(name)
    return label


def eye_coordinates(vertices, balls):
    """Position on the eye ball around the pupil, in radii of the iris.

    Args:
        vertices: (V, 3) mean body.
        balls: list of vertex indices of each eye ball's front.

    Returns:
        (V, 2) x to the body's left, y up; 0 off the eyes.
    """
    coordinates = np.zeros((len(vertices), 2))
    for ball in balls:
        front = ball[np.argmax(vertices[ball, 2])]
        offset = vertices[ball] - vertices[front]
        coordinates[ball] = offset[:, :2] / IRIS_RADIUS
    return coordinates
