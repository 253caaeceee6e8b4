"""Drawing a posed person: shadow map, samples, shading, composition."""

from dataclasses import dataclass

import cv2
import numpy as np
from numba import njit

from mmposetransfer.geometry.lbs import skin
from mmposetransfer.geometry.normals import vertex_normals
from mmposetransfer.geometry.rasterizer import Raster, rasterize

from .mesh import without_backs
from .shading import shade, vertex_table
from .shadows import ambient_occlusion, shadow_map
from .texturing import FOLDS, TO_LINEAR, TO_SRGB

__all__ = [
    'Lights',
    'Scene',
    'person_share',
    'pixel_raster',
    'pose_person',
    'render',
    'sample_lights',
    'sample_raster',
]


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
    return Lights(
        np.array(
            [
                _direction(side * rng.uniform(10, 55), rng.uniform(25, 60)),
                key * (1 + warm),
                _direction(-side * rng.uniform(30, 80), rng.uniform(0, 25)),
                np.full(3, rng.uniform(0.08, 0.22)),
                np.full(3, ambient),
                ambient * rng.uniform(0.55, 0.8) * np.ones(3),
            ],
            np.float32,
        )
    )


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


def sample_raster(person, scene):
    """Visible faces at samples half a pixel apart, around the person.

    Args:
        person (Person): Who.
        scene (Scene): Pose and camera.

    Returns:
        tuple[Raster, tuple]: (2 h + 1, 2 w + 1) samples of a window of the
        picture, and the window: slices of its h rows and w columns. Pixel
        (r, c) of the window has its centre at sample (2 r + 1, 2 c + 1) and
        a corner at sample (2 r, 2 c); other samples are empty.
    """
    window = []
    for axis, side in ((1, 0), (0, 1)):
        values = scene.projected[:, axis].copy()  # quicker to reduce
        length = scene.background.shape[side]
        start = int(np.clip(np.floor(values.min()) - 1, 0, length - 1))
        stop = int(np.clip(np.ceil(values.max()) + 2, start + 1, length))
        window.append(slice(start, stop))
    rows, cols = window
    fine = scene.projected.copy()
    fine[:, 0] = (fine[:, 0] - cols.start) * 2 + 1
    fine[:, 1] = (fine[:, 1] - rows.start) * 2 + 1
    size = (2 * (rows.stop - rows.start) + 1, 2 * (cols.stop - cols.start) + 1)
    faces = without_backs(fine, person.faces, person.deep)
    # Between the centres and the corners of pixels nobody looks.
    return rasterize(fine, faces, size, True, chequered=True), (rows, cols)


def pixel_raster(samples, size):
    """The pixel centres out of :func:`sample_raster`'s samples.

    Args:
        samples (tuple): As returned.
        size (tuple[int, int]): Of the whole picture.

    Returns:
        Raster: (H, W).
    """
    raster, (rows, cols) = samples
    whole = Raster(
        np.full(size, -1, np.int32),
        np.zeros((*size, 3), np.float32),
        np.full(size, np.inf, np.float32),
        raster.perspective,
    )
    _copy_centres(
        raster.face,
        raster.bary,
        raster.depth,
        whole.face[rows, cols],
        whole.bary[rows, cols],
        whole.depth[rows, cols],
    )
    return whole


@njit(cache=True, nogil=True)
def _copy_centres(face, bary, depth, face_out, bary_out, depth_out):
    """Every other sample of three buffers, from the second on."""
    height, width = face_out.shape
    for r in range(height):
        for q in range(width):
            y, x = 2 * r + 1, 2 * q + 1
            face_out[r, q] = face[y, x]
            depth_out[r, q] = depth[y, x]
            for k in range(3):
                bary_out[r, q, k] = bary[y, x, k]


def person_share(samples, size):
    """How much of each pixel the person covers.

    It is the share with which the picture mixes person and background: the
    pixel's centre counts half and its four corners an eighth each, as in
    :func:`mmposetransfer.synthfashion.shading.shade`.

    Args:
        samples (tuple): As :func:`sample_raster` returns them.
        size (tuple[int, int]): Of the whole picture.

    Returns:
        np.ndarray: (1, H, W) float32 in [0, 1], eighths.
    """
    raster, (rows, cols) = samples
    share = np.zeros((1, *size), np.float32)
    _add_up(raster.face, share[0, rows, cols])
    return share


@njit(cache=True, nogil=True)
def _add_up(face, share):
    """Centres and corners of pixels that show a face, by their weights."""
    height, width = share.shape
    for r in range(height):
        for q in range(width):
            y, x = 2 * r + 1, 2 * q + 1
            eighths = 4 * (face[y, x] >= 0)
            eighths += (face[y - 1, x - 1] >= 0) + (face[y - 1, x + 1] >= 0)
            eighths += (face[y + 1, x - 1] >= 0) + (face[y + 1, x + 1] >= 0)
            share[r, q] = np.float32(eighths) * np.float32(1 / 8)


def _light_rows(lights, view):
    """The shader's table: the lights, and halfway from key to viewer."""
    halfway = lights.rows[0] + view
    return np.concatenate(
        [lights.rows, halfway[None] / np.linalg.norm(halfway)]
    )


def _median(values):
    """``np.median``, which takes five times as long for a thousand."""
    values = np.sort(values)
    return float(
        (values[(len(values) - 1) // 2] + values[len(values) // 2]) / 2
    )


def render(person, scene, samples=None, flat=False):
    """Draw a picture.

    Args:
        person (Person): Who.
        scene (Scene): Pose, camera, light and background.
        samples (tuple, optional): Of :func:`sample_raster`, where it has
            been made already.
        flat (bool): Bare colours of surfaces without light and shadow.

    Returns:
        np.ndarray: (H, W, 3) uint8 BGR.
    """
    table = person.table
    raster, window = samples or sample_raster(person, scene)
    distance = _median(scene.projected[::16, 2])
    footprint = distance / scene.camera.focal  # metres in a pixel
    shadow, light = shadow_map(
        scene.points,
        person.faces,
        person.deep,
        scene.lights.rows[0],
        int(np.clip(0.75 * max(scene.background.shape), 96, 256)),
    )
    occlusion = ambient_occlusion(
        raster.depth[1::2, 1::2], max(int(0.09 / footprint) | 1, 3)
    )
    view = scene.camera.rotation[2].astype(np.float32)
    out = cv2.cvtColor(scene.background, cv2.COLOR_RGB2BGR)
    part = out[window]
    shade(
        raster.face,
        raster.bary,
        person.faces,
        vertex_table(
            vertex_normals(scene.points, person.faces),
            scene.points,
            person.points,
        ),
        person.uv,
        person.material,
        person.side,
        table.rows,
        table.texels,
        table.levels(0.7 * footprint),
        table.rects,
        FOLDS,
        TO_LINEAR,
        TO_SRGB,
        shadow,
        light,
        _light_rows(scene.lights, view),
        view,
        occlusion,
        flat,
        np.empty((2, part.shape[1] + 1, 3), np.float32),
        np.full((2, part.shape[1] + 1), -1),
        part,
    )
    return out
