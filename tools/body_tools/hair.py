"""Hair as sheets of triangles over the scalp, anchored to it.

A style is a grid: columns around the head, rows from the crown down to the
hairline and, where the hair hangs, on below it. Lengths are in head units
(see ``regions.HeadFrame``: the distance of the pupils).
"""

from dataclasses import dataclass

import numpy as np
from regions import HAIRLINE, HEAD_AXIS_Z, smoothstep

COLUMNS = 56
CROWN_ROWS = 12
HANGING_ROWS = 12
CENTRE = np.array([0.0, 0.35, HEAD_AXIS_Z])  # rays to the scalp start here
NECK, SPINE, HEAD = 12, 9, 15


@dataclass
class Style:
    """How one hair style grows, in head units and degrees of azimuth.

    Attributes:
        top, side: thickness over the crown and over the ears.
        edge: thickness at the hairline where the hair does not hang.
        end: height where hanging hair ends; None: none hangs.
        front: azimuth from which the hair hangs.
        flare: how much wider the hanging hair gets on its way down.
        ball: centre and radii of a bun or tail, or None.
    """

    top: float
    side: float
    edge: float = 0.03
    end: float | None = None
    front: float = 58.0
    flare: float = 0.0
    ball: tuple | None = None


STYLES = {
    'short': Style(top=0.24, side=0.10),
    'full': Style(top=0.34, side=0.24, edge=0.10),
    'bob': Style(top=0.22, side=0.26, end=-1.75, flare=0.12),
    'long': Style(top=0.20, side=0.24, end=-5.2, flare=0.05),
    'afro': Style(top=0.85, side=0.75, edge=0.35),
    'bun': Style(
        top=0.12, side=0.09, ball=((0.0, 1.15, -3.05), (0.62, 0.58, 0.55))
    ),
    'ponytail': Style(
        top=0.12, side=0.09, ball=((0.0, -0.4, -3.15), (0.40, 1.5, 0.38))
    ),
}


def make_hair(style, points, faces, joint):
    """Build one style on the mean body.

    Args:
        style: a :class:`Style`.
        points: (V, 3) mean body in head units.
        faces: (F, 3) triangles.
        joint: (V,) strongest SMPL joint.

    Returns:
        dict of ``vertices`` (N, 3) in head units, ``faces`` (M, 3), ``uv``
        (N, 2): u around the head, v from 0 at the crown to 1 at the end of
        the longest hair, ``weights`` (N, 24).
    """
    turn = np.linspace(0, 2 * np.pi, COLUMNS, endpoint=False)
    around = np.degrees(np.abs((turn + np.pi) % (2 * np.pi) - np.pi))
    skull = np.isin(joint, (HEAD, NECK))[faces].all(1)
    grid = crown(style, turn, around, points, faces[skull])
    used = np.ones(grid.shape[:2], dtype=bool)
    if style.end is not None:
        torso = np.isin(joint, (NECK, SPINE, HEAD, 6, 13, 14))[faces].all(1)
        hanging = hang(style, turn, around, grid[-1], points, faces[torso])
        grid = np.concatenate([grid, hanging])
        used = np.concatenate(
            [used, np.broadcast_to(around >= style.front, hanging.shape[:2])]
        )
    mesh = sheet(grid, used)
    if style.ball:
        mesh = join(mesh, ball(*style.ball))
    mesh['weights'] = follow(mesh['vertices'])
    return mesh


def crown(style, turn, around, points, faces):
    """Grid (CROWN_ROWS + 1, COLUMNS, 3) from crown to hairline."""
    line = np.interp(around, *HAIRLINE.T)
    if style.end is not None:  # hangs over the ears from above them
        line = np.where(around >= style.front, np.maximum(line, -0.1), line)
    lowest = lowest_elevation(turn, line, points, faces)
    share = np.linspace(0, 1, CROWN_ROWS)[:, None]
    elevation = np.pi / 2 - share * (np.pi / 2 - lowest)
    elevation[0] = np.pi / 2 - 0.02
    rays = directions(np.broadcast_to(turn, elevation.shape), elevation)
    radius = cast(CENTRE, rays.reshape(-1, 3), points, faces)
    radius = radius.reshape(elevation.shape)
    thick = style.top + (style.side - style.top) * smoothstep(
        -0.9, 0.9, -np.sin(elevation) * 1.6 + 0.6
    )
    hangs = (around >= style.front) & (style.end is not None)
    # a round edge where the hair ends at the hairline
    near = np.where(hangs, 0, np.clip((share - 0.6) / 0.4, 0, 1))
    thick = style.edge + (thick - style.edge) * np.sqrt(1 - near**2)
    grid = CENTRE + rays * (radius + thick)[..., None]
    # one more row closes the edge onto the scalp, or begins the fall
    last = CENTRE + rays[-1] * radius[-1][:, None]
    last = np.where(hangs[:, None], grid[-1] - [0, 0.08, 0], last)
    return np.concatenate([grid, last[None]])


def directions(turn, elevation):
    """Unit vectors; turn 0 looks to the front, positive to the left."""
    return np.stack(
        [
            np.cos(elevation) * np.sin(turn),
            np.sin(elevation),
            np.cos(elevation) * np.cos(turn),
        ],
        -1,
    )


def lowest_elevation(turn, line, points, faces, steps=90):
    """Elevation (COLUMNS,) at which a ray meets the scalp's hairline."""
    tried = np.linspace(np.pi / 2, -1.15, steps)
    rays = directions(*np.broadcast_arrays(turn, tried[:, None]))
    radius = cast(CENTRE, rays.reshape(-1, 3), points, faces)
    height = CENTRE[1] + rays[..., 1] * radius.reshape(rays.shape[:2])
    below = height < line
    below[-1] = True
    return tried[below.argmax(0)]


def hang(style, turn, around, start, points, faces):
    """Grid (HANGING_ROWS, COLUMNS, 3) that falls from ``start``."""
    axis = np.array([0.0, HEAD_AXIS_Z])
    flat = start[:, [0, 2]] - axis
    radius, angle = np.linalg.norm(flat, axis=1), np.arctan2(*flat.T)
    rows = []
    for share in np.linspace(0, 1, HANGING_ROWS + 1)[1:]:
        y = start[:, 1] + share * (style.end - start[:, 1])
        # below the jaw the hair gathers behind the shoulders
        behind = smoothstep(1.6, 2.9, -y) * np.sign(angle)
        degrees = np.abs(np.degrees(angle))
        gathered = 180 - (180 - degrees) * 0.34
        turned = np.radians(degrees + np.abs(behind) * (gathered - degrees))
        turned = np.where(angle < 0, -turned, turned)
        wide = radius * (1 + style.flare * np.sin(share * 0.7 * np.pi) ** 2)
        rays = directions(turned, np.zeros_like(turned))
        origin = np.stack([0 * y, y, np.full_like(y, HEAD_AXIS_Z)], -1)
        skin = np.array(
            [
                cast(o, r[None], points, faces, default=0.0)[0]
                for o, r in zip(origin, rays, strict=True)
            ]
        )
        reach = np.maximum(wide, skin + 0.18)
        rows.append(origin + rays * reach[:, None])
    return np.stack(rows)


def cast(origin, rays, points, faces, default=1.3):
    """Distance (N,) along each ray to the last triangle it meets.

    Moeller and Trumbore, "Fast, minimum storage ray-triangle intersection",
    1997.
    """
    corner = points[faces]
    edge1, edge2 = corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]
    away = origin - corner[:, 0]
    q = np.cross(away, edge1)
    found = np.full(len(rays), default)
    for i, ray in enumerate(rays):
        p = np.cross(ray, edge2)
        determinant = (edge1 * p).sum(1)
        determinant[np.abs(determinant) < 1e-12] = np.inf
        u = (away * p).sum(1) / determinant
        v = (q @ ray) / determinant
        t = (edge2 * q).sum(1) / determinant
        hits = (u >= -1e-9) & (v >= -1e-9) & (u + v <= 1 + 1e-9) & (t > 0)
        if hits.any():
            found[i] = t[hits].max()
    return found


def sheet(grid, used):
    """Triangles over the used nodes of a grid that closes around."""
    rows, columns = grid.shape[:2]
    number = np.where(
        used, np.cumsum(used.ravel()).reshape(used.shape) - 1, -1
    )
    a, b = number[:-1], np.roll(number, -1, axis=1)[:-1]
    c, d = number[1:], np.roll(number, -1, axis=1)[1:]
    quads = np.stack([a, c, d, b], -1).reshape(-1, 4)
    quads = quads[(quads >= 0).all(1)]
    faces = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    length = np.concatenate(
        [
            np.zeros((1, columns)),
            np.linalg.norm(np.diff(grid, axis=0), axis=-1).cumsum(0),
        ]
    )
    u = np.broadcast_to(np.linspace(0, 1, columns), (rows, columns))
    uv = np.stack([u, length / length[used].max()], -1)
    return {'vertices': grid[used], 'faces': faces, 'uv': uv[used]}


def ball(centre, radii, columns=20, rows=12):
    """An ellipsoid: a bun, or stretched downwards a tail."""
    turn = np.linspace(0, 2 * np.pi, columns, endpoint=False)
    elevation = np.linspace(np.pi / 2, -np.pi / 2, rows)[:, None]
    grid = directions(*np.broadcast_arrays(turn, elevation))
    return sheet(centre + grid * radii, np.ones((rows, columns), dtype=bool))


def join(first, second):
    """Two meshes as one."""
    shifted = second['faces'] + len(first['vertices'])
    return {
        'vertices': np.vstack([first['vertices'], second['vertices']]),
        'faces': np.vstack([first['faces'], shifted]),
        'uv': np.vstack([first['uv'], second['uv']]),
    }


def follow(points):
    """Weights (N, 24): the head above, neck and upper back below."""
    weights = np.zeros((len(points), 24))
    below = smoothstep(0.9, 2.2, -points[:, 1])
    far = smoothstep(1.8, 4.0, -points[:, 1])
    weights[:, HEAD] = 1 - below
    weights[:, NECK] = below * (1 - far)
    weights[:, SPINE] = below * far
    return weights
