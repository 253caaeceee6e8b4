"""Drawing a posed person: shadow map, samples, shading, composition."""

from dataclasses import dataclass

import cv2
import numpy as np

from mmposetransfer.geometry.lbs import skin
from mmposetransfer.geometry.rasterizer import Raster, rasterize

from .shading import (
    ATTRIBUTES,
    FOLDS,
    TO_LINEAR,
    TO_SRGB,
    face_tangents,
    shade,
)
from .surface import vertex_normals

__all__ = [
    'Lights', 'Scene', 'pixel_raster', 'pose_person', 'render',
    'sample_lights', 'sample_raster'
]

SHADOW_SIZE = 256


@dataclass(frozen=True)
class Lights:
    """Light of a studio, in world axes and linear light.

    Attributes:
        rows (np.ndarray): (6, 3) float32: direction to the key light, its
            colour, direction to the fill light, its colour, light from above
            and light from below.
    """

    rows: np.ndarray


def _direction(azimuth, elevation):
    a, e = np.radians(azimuth), np.radians(elevation)
    return [np.sin(a) * np.cos(e), np.sin(e), np.cos(a) * np.cos(e)]


def sample_lights(rng):
    """Draw a studio's light: a key from one side, a fill from the other.

    Args:
        rng (np.random.Generator): Source of randomness.

    Returns:
        Lights: Directions and colours.
    """
    side = 1 if rng.random() < 0.5 else -1
    warm = rng.normal(0, 0.02) * np.array([1, 0, -1])
    key = rng.uniform(0.55, 0.85)
    ambient = rng.uniform(0.30, 0.42)
    return Lights(np.array([
        _direction(side * rng.uniform(10, 55), rng.uniform(25, 60)),
        key * (1 + warm),
        _direction(-side * rng.uniform(30, 80), rng.uniform(0, 25)),
        np.full(3, rng.uniform(0.08, 0.22)),
        np.full(3, ambient), ambient * rng.uniform(0.55, 0.8) * np.ones(3),
    ], np.float32))


@dataclass(frozen=True)
class Scene:
    """One picture of a person before drawing.

    Attributes:
        points (np.ndarray): (V, 3) float32 posed vertices, world metres.
        projected (np.ndarray): (V, 3) float32 x, y in pixels, depth.
        camera (PerspectiveCamera): The camera.
        lights (Lights): The light.
        background (np.ndarray): (H, W, 3) uint8 RGB.
    """

    points: np.ndarray
    projected: np.ndarray
    camera: object
    lights: Lights
    background: np.ndarray


def pose_person(person, transforms):
    """Vertices of a person in a pose, (V, 3) float32 metres."""
    return skin(person.rest, person.skinning, transforms)


def sample_raster(scene, faces):
    """Visible faces at samples half a pixel apart.

    Args:
        scene (Scene): Pose and camera.
        faces (np.ndarray): (F, 3).

    Returns:
        Raster: (2 H + 1, 2 W + 1); pixel (r, c) has its centre at sample
        (2 r + 1, 2 c + 1).
    """
    height, width = scene.background.shape[:2]
    fine = scene.projected.copy()
    fine[:, :2] = fine[:, :2] * 2 + 1
    return rasterize(fine, faces, (2 * height + 1, 2 * width + 1), True)


def pixel_raster(raster):
    """The pixel centres out of :func:`sample_raster`'s samples.

    Returns:
        Raster: (H, W).
    """
    return Raster(*(np.ascontiguousarray(buffer[1::2, 1::2])
                    for buffer in raster[:3]), raster.perspective)


def _shadow_map(points, faces, direction):
    """Depths seen from the key light, and the way there from the world."""
    z = -np.asarray(direction, np.float64)
    x = np.cross([0, 1, 0], z)
    x /= np.linalg.norm(x)
    matrix = np.stack([x, np.cross(z, x), z])
    seen = points @ matrix.T.astype(np.float32)
    low, high = seen.min(0), seen.max(0)
    scale = (SHADOW_SIZE - 3) / max(high[0] - low[0], high[1] - low[1])
    light = np.zeros((3, 4), np.float32)
    light[:2, :3] = matrix[:2] * scale
    light[:2, 3] = 1 - low[:2] * scale
    light[2, :3] = matrix[2]
    drawn = points @ light[:, :3].T + light[:, 3]
    depth = rasterize(drawn, faces, (SHADOW_SIZE, SHADOW_SIZE)).depth
    light[2, 3] = -0.008  # metres a point may lie behind its own surface
    return depth, light


def _occlusion(depth, radius):
    """Darkening where the neighbourhood lies nearer to the viewer.

    Unsharp masking of the depth buffer (Luft, Colditz and Deussen 2006).
    """
    known = np.isfinite(depth)
    mask = known.astype(np.float32)
    filled = np.where(known, depth, 0).astype(np.float32)
    kernel = (radius, radius)
    near = cv2.blur(cv2.blur(filled, kernel), kernel) / np.maximum(
        cv2.blur(cv2.blur(mask, kernel), kernel), 1e-3)
    behind = np.clip(filled - near, 0, 0.12)
    return np.where(known, 1 - 4.5 * behind, 1).astype(np.float32)


def _light_rows(lights, view):
    """The shader's table: the lights, and halfway from key to viewer."""
    halfway = lights.rows[0] + view
    return np.concatenate(
        [lights.rows, halfway[None] / np.linalg.norm(halfway)])


def _attributes(person, points):
    """What the shader interpolates, (V, 10) float32."""
    mesh = person.mesh
    out = np.empty((len(points), ATTRIBUTES), np.float32)
    out[:, :3] = vertex_normals(points, mesh.faces)
    out[:, 3:6] = points
    out[:, 6:8] = mesh.vertices[:, 3:5]
    out[:, 8:10] = mesh.vertices[:, 6:8]
    return out


def render(person, scene, samples=None, flat=False):
    """Draw a picture.

    Args:
        person (Person): Who.
        scene (Scene): Pose, camera, light and background.
        samples (Raster, optional): Of :func:`sample_raster`, where it has
            been made already.
        flat (bool): Bare colours of surfaces without light and shadow.

    Returns:
        np.ndarray: (H, W, 3) uint8 BGR.
    """
    mesh, table = person.mesh, person.table
    if samples is None:
        samples = sample_raster(scene, mesh.faces)
    distance = float(np.median(scene.projected[::16, 2]))
    footprint = distance / scene.camera.focal  # metres in a pixel
    tangents = face_tangents(scene.points, mesh.faces, mesh.uv, mesh.material,
                             table.rows)
    shadow, light = _shadow_map(scene.points, mesh.faces,
                                scene.lights.rows[0])
    occlusion = _occlusion(np.ascontiguousarray(samples.depth[1::2, 1::2]),
                           max(int(0.09 / footprint) | 1, 3))
    view = scene.camera.rotation[2].astype(np.float32)
    out = np.empty(scene.background.shape, np.uint8)
    shade(samples.face, samples.bary, mesh.faces,
          _attributes(person, scene.points), mesh.uv, mesh.material,
          person.side, tangents, table.rows, table.texels,
          table.levels(0.7 * footprint), table.rects, FOLDS, TO_LINEAR,
          TO_SRGB, shadow, light, _light_rows(scene.lights, view), view,
          occlusion, scene.background, flat, out)
    return out
