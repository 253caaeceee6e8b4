"""Hair: a cap over the scalp and, for longer styles, sheets of their own."""

import numpy as np

from .mesh import CANON, Mesh, clip, submesh

__all__ = ['HAIRSTYLES', 'make_hair']

#: Style: (weight among women, weight among men).
HAIRSTYLES = {
    'long': (5, 0.3), 'bob': (3, 0.2), 'bun': (2, 0.3), 'ponytail': (2, 0.2),
    'short': (1, 5), 'crop': (0.4, 4), 'curly': (1.2, 1.5), 'bald': (0, 1)}

_THICKNESS = {'long': 0.016, 'bob': 0.018, 'bun': 0.009, 'ponytail': 0.009,
              'short': 0.020, 'crop': 0.006, 'curly': 0.045}


def _hairline(canon, surface, style):
    """About metres above the hairline."""
    eyes = surface.eye_height
    unit = surface.head_top - eyes
    z = canon[:, 2] - surface.head_centre[2]
    front = eyes + 0.62 * unit
    back = eyes - (0.75 if style != 'crop' else 0.55) * unit
    t = np.clip((z + 0.02) / 0.075, 0, 1)  # 1 at the face, 0 behind the ear
    line = back + (front - back) * t * t * (3 - 2 * t)
    return canon[:, 1] - line


def _cap(style, surface, place, normals):
    canon = surface.canon
    inside = _hairline(canon, surface, style)
    inside = np.where(surface.is_head, inside, -1)
    full = np.clip(inside / 0.05, 0, 1)
    least = 0.003 + _THICKNESS[style] * full**0.5
    shell = place + normals * least[:, None]
    chosen = inside > -0.05
    shell = surface.relax(shell, place, normals, least * 0.8, chosen, 4)
    vertices = np.concatenate(
        [shell, canon, inside[:, None], np.ones((len(canon), 1)),
         surface.weights], 1).astype(np.float32)
    mesh = submesh(vertices, surface.faces, surface.part,
                   chosen[surface.faces].all(1))
    mesh = clip(mesh, _hairline(mesh.vertices[:, CANON], surface, style))
    corners = mesh.canon[mesh.faces] - surface.head_centre
    uv = np.stack([np.arctan2(corners[..., 0], -corners[..., 2]) * 0.09,
                   -corners[..., 1]], -1).astype(np.float32)
    return Mesh(mesh.vertices, mesh.faces, uv, mesh.material, mesh.part)


def make_hair(style, surface, place, normals, rng):
    """The hair of a person.

    Args:
        style (str): One of :data:`HAIRSTYLES`.
        surface (BodySurface): The body.
        place (np.ndarray): (V, 3) rest vertices of the person.
        normals (np.ndarray): (V, 3) their normals.
        rng (np.random.Generator): For the fall of the hair.

    Returns:
        list[Mesh]: Pieces with chart coordinates; none for the bald.
    """
    if style == 'bald':
        return []
    return [_cap(style, surface, place, normals)]
