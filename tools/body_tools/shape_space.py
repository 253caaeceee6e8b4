"""A linear space of adult shapes in units of standard deviation."""

import numpy as np


def fit_shape_space(vertices, female, faces, components=10):
    """Mean shape and shape directions.

    The first direction is half the difference between the average woman and
    the average man (+1 woman, -1 man); the others are principal components
    of what is left within the sexes, by falling variance, scaled so that one
    unit is one standard deviation.

    Args:
        vertices: (N, V, 3) resting vertices, metres.
        female: (N,) bool.
        faces: (F, 3) triangles; vertices count by the surface around them.
        components: number of directions.

    Returns:
        (V, 3) template and (V, 3, components) directions.
    """
    woman, man = vertices[female].mean(0), vertices[~female].mean(0)
    template = (woman + man) / 2
    gender = (woman - man) / 2
    side = np.where(female, 1.0, -1.0)[:, None, None]
    rest = vertices - template - side * gender
    area = vertex_areas(template, faces)
    scale = np.sqrt(area / area.sum())[:, None]
    flat = (rest * scale).reshape(len(rest), -1)
    _, values, basis = np.linalg.svd(flat, full_matrices=False)
    deviation = values / np.sqrt(len(rest) - 1)
    count = components - 1
    modes = basis[:count].reshape(count, *template.shape) / scale
    modes *= deviation[:count, None, None]
    modes *= fix_signs(modes, template, faces)[:, None, None]
    shapedirs = np.concatenate([gender[None], modes])
    return template, shapedirs.transpose(1, 2, 0)


def fix_signs(modes, template, faces):
    """Signs that let each mode make the body larger when positive."""
    corner = template[faces]
    normal = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    growth = np.einsum('mfkc,fc->m', modes[:, faces], normal)
    return np.where(growth < 0, -1.0, 1.0)


def vertex_areas(vertices, faces):
    """(V,) a third of the area of the triangles around each vertex."""
    edge1 = vertices[faces[:, 1]] - vertices[faces[:, 0]]
    edge2 = vertices[faces[:, 2]] - vertices[faces[:, 0]]
    area = np.linalg.norm(np.cross(edge1, edge2), axis=1) / 6
    return np.bincount(faces.ravel(), np.repeat(area, 3), len(vertices))
