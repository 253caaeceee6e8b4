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

__all__ = ['Lights', 'Scene', 'render', 'sample_lights']

SAMPLES = 2  # per pixel along each axis
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


def _finer(projected):
    """Pixels of a picture of SAMPLES times the size."""
    fine = projected.copy()
    fine[:, :2] = (fine[:, :2] + 0.5) * SAMPLES - 0.5
    return fine


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


def _occlusion(depth, size, radius):
    """Darkening where the neighbourhood lies nearer to the viewer.

    Unsharp masking of the depth buffer (Luft, Colditz and Deussen 2006).
    """
    depth = depth[::SAMPLES, ::SAMPLES]
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


def render(person, scene, flat=False):
    """Draw a picture.

    Args:
        person (Person): Who.
        scene (Scene): Pose, camera, light and background.
        flat (bool): Bare colours of surfaces without light and shadow.

    Returns:
        np.ndarray: (H, W, 3) uint8 BGR.
    """
    mesh, table = person.mesh, person.table
    size = scene.background.shape[:2]
    raster = rasterize(_finer(scene.projected), mesh.faces,
                       (size[0] * SAMPLES, size[1] * SAMPLES), True)
    distance = float(np.median(scene.projected[:, 2]))
    footprint = distance / scene.camera.focal / SAMPLES
    attributes = np.empty((len(scene.points), ATTRIBUTES), np.float32)
    attributes[:, :3] = vertex_normals(scene.points, mesh.faces)
    attributes[:, 3:6] = scene.points
    attributes[:, 6:8] = mesh.vertices[:, 3:5]
    attributes[:, 8:10] = mesh.vertices[:, 6:8]
    tangents = face_tangents(scene.points, mesh.faces, mesh.uv, mesh.material,
                             table.rows)
    shadow, light = _shadow_map(scene.points, mesh.faces,
                                scene.lights.rows[0])
    radius = max(int(0.09 / footprint / SAMPLES) | 1, 3)
    occlusion = _occlusion(raster.depth, size, radius)
    view = scene.camera.rotation[2].astype(np.float32)
    out = np.empty((*size, 3), np.uint8)
    shade(raster.face, raster.bary, mesh.faces, attributes, mesh.uv,
          mesh.material, person.side, tangents, table.rows, table.texels,
          table.levels(footprint), table.rects, FOLDS, TO_LINEAR, TO_SRGB,
          shadow, light, _light_rows(scene.lights, view), view, occlusion,
          scene.background, flat, out)
    return out


__all__ += ['Raster', 'pose_person']
