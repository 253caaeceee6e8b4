"""Cameras: from points of the body's world to pixels and depth.

Conventions shared by both cameras:

- World: metres, x to the body's left, y up, z to the body's front, as in
  SMPL. The viewer stands before the body and looks along -z, so that the
  body's left is on the right of the picture.
- Picture: x to the right, y DOWN, in pixels, the origin at the centre of the
  top-left pixel.
- Depth: grows away from the viewer, in the units of the world.
"""

from dataclasses import dataclass, field

import numpy as np

__all__ = ['PerspectiveCamera', 'WeakPerspectiveCamera']


def _check_points(points):
    points = np.asarray(points)
    if points.ndim == 0 or points.shape[-1] != 3:
        raise ValueError(
            f'points: expected shape (..., 3) of x, y, z, got {points.shape}'
        )
    if points.dtype != np.float64:
        points = points.astype(np.float32, copy=False)
    return points


@dataclass(frozen=True)
class WeakPerspectiveCamera:
    """Scaled orthographic projection, HMR's camera.

    ``x = scale * X + tx``, ``y = -scale * Y + ty``, ``depth = -Z``: sizes do
    not shrink with distance, and depth is linear over a projected triangle.

    Args:
        scale: Pixels per metre, positive.
        tx: Column of the world's origin, in pixels.
        ty: Row of the world's origin, in pixels.
    """

    scale: float
    tx: float
    ty: float
    # What `rasterize(perspective=...)` wants to know; no field.
    perspective = False

    def __post_init__(self):
        values = (self.scale, self.tx, self.ty)
        if not np.all(np.isfinite(values)) or self.scale <= 0:
            raise ValueError(
                'WeakPerspectiveCamera: expected a positive scale and finite '
                f'tx, ty, got scale={self.scale}, tx={self.tx}, ty={self.ty}'
            )

    def project(self, points):
        """Project points.

        Args:
            points (np.ndarray): (..., 3), world coordinates.

        Returns:
            np.ndarray: (..., 3): x and y in pixels, depth in metres. float64
            for float64 points, else float32.
        """
        points = _check_points(points)
        out = np.empty_like(points)
        out[..., 0] = self.scale * points[..., 0] + self.tx
        out[..., 1] = -self.scale * points[..., 1] + self.ty
        out[..., 2] = -points[..., 2]
        return out

    @classmethod
    def framing(cls, points, size, margin=0.05):
        """The camera that shows all points, centred, as large as they fit.

        Args:
            points (np.ndarray): (..., 3), world coordinates.
            size (tuple[int, int]): (height, width) of the picture.
            margin (float): Part of the picture's height and width that
                stays free on each side, in [0, 0.5).

        Returns:
            WeakPerspectiveCamera: The camera.

        Raises:
            ValueError: If the points are not finite or span no area, or the
                margin leaves no room.
        """
        points = _check_points(points).reshape(-1, 3)
        if not 0 <= margin < 0.5:
            raise ValueError(f'margin: expected [0, 0.5), got {margin}')
        if len(points) == 0 or not np.isfinite(points).all():
            raise ValueError(
                'points: expected at least one point and finite values'
            )
        low, high = points[:, :2].min(0), points[:, :2].max(0)
        extent = np.maximum(high - low, 1e-9)
        height, width = size
        room = (1 - 2 * margin) * np.array([width - 1, height - 1])
        if extent.max() <= 1e-9 or room.min() <= 0:
            raise ValueError(
                f'cannot frame points spanning {high - low} in '
                f'a picture of {height}x{width}'
            )
        scale = float(np.min(room / extent))
        middle = (low + high) / 2
        return cls(
            scale,
            float((width - 1) / 2 - scale * middle[0]),
            float((height - 1) / 2 + scale * middle[1]),
        )


@dataclass(frozen=True)
class PerspectiveCamera:
    """Pinhole camera.

    Points go into the camera's axes by ``P = R @ X + t``. These axes are as
    the world's (x right, y up, the camera looks along -z), so the identity
    views the body from the front and ``t = (0, 0, -3)`` puts it three metres
    away. Then ``x = fx * Px / depth + cx``, ``y = -fy * Py / depth + cy``,
    ``depth = -Pz``.

    A point that is nearer than ``near`` or behind the camera has no picture:
    its x and y are those at depth ``near`` (finite, of no meaning) and its
    depth is kept, so that ``rasterize(perspective=True)`` drops its faces.

    Args:
        focal: Focal length in pixels, one number or (fx, fy).
        centre: Principal point (cx, cy) in pixels.
        rotation: (3, 3) rotation matrix R. Default: identity.
        translation: (3,) t in metres. Default: zero.
        near: Smallest depth that is projected.
    """

    focal: float | tuple
    centre: tuple
    rotation: np.ndarray | None = field(default=None)
    translation: np.ndarray | None = field(default=None)
    near: float = 1e-3
    perspective = True

    def __post_init__(self):
        focal = np.broadcast_to(np.asarray(self.focal, np.float64), (2,))
        if not np.isfinite(focal).all() or focal.min() <= 0:
            raise ValueError(
                'PerspectiveCamera: expected a positive focal '
                f'length, got {self.focal}'
            )
        if self.near <= 0:
            raise ValueError(
                f'PerspectiveCamera: expected near > 0, got {self.near}'
            )
        for name, shape in (
            ('centre', (2,)),
            ('rotation', (3, 3)),
            ('translation', (3,)),
        ):
            value = getattr(self, name)
            if value is not None and np.shape(value) != shape:
                raise ValueError(
                    f'PerspectiveCamera: expected {name} of '
                    f'shape {shape}, got {np.shape(value)}'
                )

    def project(self, points):
        """Project points.

        Args:
            points (np.ndarray): (..., 3), world coordinates.

        Returns:
            np.ndarray: (..., 3): x and y in pixels, depth in metres. float64
            for float64 points, else float32.
        """
        points = _check_points(points)
        dtype = points.dtype
        if self.rotation is not None:
            points = points @ np.asarray(self.rotation, dtype).T
        # By coordinates: numpy takes several times as long for rows of three.
        x, y, z = (points[..., k] for k in range(3))
        if self.translation is not None:
            dx, dy, dz = np.asarray(self.translation, dtype)
            x, y, z = x + dx, y + dy, z + dz
        fx, fy = np.broadcast_to(np.asarray(self.focal, np.float64), (2,))
        depth = -z
        divisor = np.maximum(depth, dtype.type(self.near))
        out = np.empty_like(points)
        out[..., 0] = fx * x / divisor + self.centre[0]
        out[..., 1] = -fy * y / divisor + self.centre[1]
        out[..., 2] = depth
        return out
