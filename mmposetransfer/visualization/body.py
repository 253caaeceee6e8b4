"""Bodies drawn over pictures."""

import numpy as np

from mmposetransfer.geometry.normals import vertex_normals
from mmposetransfer.geometry.rasterizer import rasterize

from .colors import PART_COLORS

__all__ = ['draw_body']

# Where the light comes from: the viewer's upper left; x right, y down, z away.
_LIGHT = np.array([-0.4, -0.5, -0.77])
_AMBIENT = 0.35


def draw_body(
    image, vertices, faces, face_parts=None, pixels_per_metre=None, opacity=0.7
):
    """Draw a shaded body over an image.

    Args:
        image (ndarray): (H, W, 3) uint8 RGB; it is not changed.
        vertices (ndarray): (V, 3) projected: x, y in pixels and depth in
            metres, as `FitProjector` gives them.
        faces (ndarray): (F, 3) int triangles.
        face_parts (ndarray, optional): (F,) body parts, 1 to 6, drawn in the
            colours of `part_colors`; left and right differ. Defaults to
            grey.
        pixels_per_metre (float, optional): The camera's scale, which the
            shading needs. Defaults to the body's own height in pixels
            divided by 1.7.
        opacity (float): Of the body, in [0, 1].

    Returns:
        ndarray: (H, W, 3) uint8 RGB.

    Raises:
        ValueError: If the shapes are wrong or the vertices are not finite.
    """
    raster = rasterize(vertices, faces, image.shape[:2])
    scale = pixels_per_metre or np.ptp(vertices[:, 1]) / 1.7
    points = np.float32(vertices) * np.float32([1, 1, scale])
    normals = vertex_normals(points, np.int32(faces))
    rows, columns = np.nonzero(raster.face >= 0)
    shown = raster.face[rows, columns]
    normal = (raster.bary[rows, columns, :, None] * normals[faces[shown]]).sum(
        1
    )
    normal /= np.linalg.norm(normal, axis=1, keepdims=True).clip(1e-9)
    shade = _AMBIENT + (1 - _AMBIENT) * (normal @ _LIGHT).clip(0)
    color = np.array([190, 190, 200])
    if face_parts is not None:
        color = PART_COLORS[np.asarray(face_parts)[shown]]
    out = image.astype(np.float64)
    out[rows, columns] += opacity * (
        shade[:, None] * color - out[rows, columns]
    )
    return out.round().astype(np.uint8)
