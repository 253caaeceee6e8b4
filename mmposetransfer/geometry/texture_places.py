"""Where on a body's texture the pixels of its picture lie."""

import numpy as np

from mmposetransfer.errors import UserValueError

__all__ = ['TEXTURE_SIDE', 'texture_places']

#: Side of the texture in texels: columns and rows are bytes.
TEXTURE_SIDE = 256


def texture_places(raster, body):
    """Texels that a picture shows.

    Args:
        raster (Raster): The picture of the body.
        body (BodyModel): With texture coordinates, as the free body has.

    Returns:
        np.ndarray: (2, H, W) uint8 column and row of a texture of
        ``TEXTURE_SIDE`` squared, from 1 on; 0 and 0 off the body.

    Raises:
        ValueError: If the body has no texture coordinates.
    """
    if body.uv is None or body.face_uv is None:
        raise UserValueError(
            f"the body '{body.path}' has no texture coordinates ('uv_coords', "
            "'face_uv'): use the free body"
        )
    on_body = raster.face >= 0
    corners = body.uv[body.face_uv[raster.face[on_body]]]  # (N, 3, 2)
    places = (corners * raster.bary[on_body][..., None]).sum(1)
    texels = np.clip(places * TEXTURE_SIDE, 1, TEXTURE_SIDE - 1)
    out = np.zeros((2, *raster.size), np.uint8)
    out[:, on_body] = texels.T.astype(np.uint8)
    return out
