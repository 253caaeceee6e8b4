"""The shader: from buffers of visible faces to a picture, pixel by pixel.

Everything works in linear light; colours of textures and decals are mixed
as stored (sRGB) and made linear once. Directions are in world axes.
"""

import numpy as np
from numba import njit

from .materials import (
    DECAL_BACK,
    DECAL_FRONT,
    FOLD,
    FOLD_PERIOD,
    FOLD_SIZE,
    FRONT,
    GLOSS,
    KIND,
    NO_SIDE,
    PERIOD,
    RED,
    SEAM,
    SEAM_DARK,
    SKIN,
    SPECULAR,
    TEXTURE,
    fold_map,
    srgb_to_linear,
)

__all__ = ['FOLDS', 'TO_LINEAR', 'TO_SRGB', 'face_tangents', 'shade']

FOLDS = fold_map()
TO_LINEAR = srgb_to_linear(np.arange(256) / 255)
_STEPS = 4096
_ramp = np.arange(_STEPS) / (_STEPS - 1)
TO_SRGB = (255 * np.where(_ramp <= 0.0031308, 12.92 * _ramp,
                          1.055 * np.maximum(_ramp, 1e-9)**(1 / 2.4) - 0.055)
           ).astype(np.float32)

# Columns of the vertex attributes that the shader interpolates.
NORMAL, POSITION, CANON_X, CANON_Y, VERTEX_EDGE, VERTEX_FOLD = 0, 3, 6, 7, 8, 9
ATTRIBUTES = 10


@njit(cache=True, nogil=True)
def face_tangents(points, faces, uv, material, rows):
    """Unit directions in which chart coordinates grow, for wrinkled faces.

    Returns:
        np.ndarray: (F, 6) float32: along u, along v; zeros where the
        material has no wrinkles.
    """
    out = np.zeros((len(faces), 6), np.float32)
    for f in range(len(faces)):
        if rows[material[f], FOLD] <= 0:
            continue
        i, j, k = faces[f, 0], faces[f, 1], faces[f, 2]
        u1, v1 = uv[f, 1, 0] - uv[f, 0, 0], uv[f, 1, 1] - uv[f, 0, 1]
        u2, v2 = uv[f, 2, 0] - uv[f, 0, 0], uv[f, 2, 1] - uv[f, 0, 1]
        det = u1 * v2 - u2 * v1
        if abs(det) < 1e-12:
            continue
        tt = np.float32(0)
        bb = np.float32(0)
        for c in range(3):
            e1 = points[j, c] - points[i, c]
            e2 = points[k, c] - points[i, c]
            out[f, c] = (e1 * v2 - e2 * v1) / det
            out[f, 3 + c] = (e2 * u1 - e1 * u2) / det
            tt += out[f, c]**2
            bb += out[f, 3 + c]**2
        tt, bb = np.sqrt(tt) + 1e-9, np.sqrt(bb) + 1e-9
        for c in range(3):
            out[f, c] /= tt
            out[f, 3 + c] /= bb
    return out


@njit(cache=True, nogil=True, inline='always')
def _texel(texels, offset, size, channels, u, v, c):
    """Bilinear sample of one channel, repeating; u, v in tiles."""
    x, y = u * size - 0.5, v * size - 0.5
    x0, y0 = np.floor(x), np.floor(y)
    dx, dy = x - x0, y - y0
    c0, r0 = int(x0) % size, int(y0) % size
    c1, r1 = (c0 + 1) % size, (r0 + 1) % size
    a = texels[offset + (r0 * size + c0) * channels + c]
    b = texels[offset + (r0 * size + c1) * channels + c]
    d = texels[offset + (r1 * size + c0) * channels + c]
    e = texels[offset + (r1 * size + c1) * channels + c]
    return (a * (1 - dx) + b * dx) * (1 - dy) + (d * (1 - dx) + e * dx) * dy


@njit(cache=True, nogil=True)
def _albedo(row, side, u, v, x, y, texels, levels, rects, to_linear, out):
    """Linear colour of a point of the surface, into ``out`` (3,)."""
    texture = int(row[TEXTURE])
    if texture >= 0:
        offset, size, channels = levels[texture]
        for c in range(3):
            out[c] = _texel(texels, offset, size, channels, u / row[PERIOD],
                            v / row[PERIOD], c)
    else:
        out[:] = 255
    decal = -1
    if side != NO_SIDE:
        decal = int(row[DECAL_FRONT] if side == FRONT else row[DECAL_BACK])
    for c in range(3):
        out[c] = to_linear[int(out[c] + 0.5)] * row[RED + c]
    if decal >= 0:
        s = (x - rects[decal, 0]) / rects[decal, 2]
        t = (rects[decal, 1] - y) / rects[decal, 3]
        if (s > 0) & (s < 1) & (t > 0) & (t < 1):
            offset, size, channels = levels[decal]
            alpha = _texel(texels, offset, size, channels, s, t, 3) / 255
            if alpha > 0.004:
                for c in range(3):
                    value = _texel(texels, offset, size, channels, s, t, c)
                    value = min(value / alpha, 255.0)
                    out[c] = out[c] * (1 - alpha) + alpha * to_linear[
                        int(value + 0.5)]


@njit(cache=True, nogil=True)
def _lit(shadow_map, light_matrix, px, py, pz):
    """Share of the key light that reaches a point, four samples."""
    x = (light_matrix[0, 0] * px + light_matrix[0, 1] * py +
         light_matrix[0, 2] * pz + light_matrix[0, 3])
    y = (light_matrix[1, 0] * px + light_matrix[1, 1] * py +
         light_matrix[1, 2] * pz + light_matrix[1, 3])
    z = (light_matrix[2, 0] * px + light_matrix[2, 1] * py +
         light_matrix[2, 2] * pz + light_matrix[2, 3])
    x0, y0 = int(np.floor(x)), int(np.floor(y))
    height, width = shadow_map.shape
    if (x0 < 0) | (y0 < 0) | (x0 + 1 >= width) | (y0 + 1 >= height):
        return np.float32(1)
    dx, dy = x - x0, y - y0
    lit = np.float32(0)
    for r in range(2):
        for c in range(2):
            weight = (dx if c else 1 - dx) * (dy if r else 1 - dy)
            if shadow_map[y0 + r, x0 + c] > z:
                lit += weight
    return lit


@njit(cache=True, nogil=True)
def _wrinkle(tangent, amount, u, v, folds, point):
    """Bend the normal in ``point`` by the slopes of the fold map."""
    s, t = u / FOLD_PERIOD * FOLD_SIZE, v / FOLD_PERIOD * FOLD_SIZE
    s0, t0 = np.floor(s), np.floor(t)
    ds, dt = s - s0, t - t0
    c0, r0 = int(s0) % FOLD_SIZE, int(t0) % FOLD_SIZE
    c1, r1 = (c0 + 1) % FOLD_SIZE, (r0 + 1) % FOLD_SIZE
    for k in range(2):
        slope = ((folds[r0, c0, k] * (1 - ds) + folds[r0, c1, k] * ds) *
                 (1 - dt) + (folds[r1, c0, k] * (1 - ds) +
                             folds[r1, c1, k] * ds) * dt) * amount
        for c in range(3):
            point[c] -= slope * tangent[3 * k + c]


@njit(cache=True, nogil=True)
def _normalise(point):
    norm = np.sqrt(point[0]**2 + point[1]**2 + point[2]**2) + 1e-12
    for c in range(3):
        point[c] /= norm


@njit(cache=True, nogil=True)
def _light(row, point, lit, occlusion, lights, view, color):
    """Multiply the colour by the light that falls on it.

    ``lights`` (6, 3): direction to the key light, its colour, direction to
    the fill light, its colour, light from above, light from below.
    """
    kind = int(row[KIND])
    wrap = 0.35 if kind == SKIN else 0.15
    ndl = (point[0] * lights[0, 0] + point[1] * lights[0, 1] +
           point[2] * lights[0, 2])
    key = max((ndl + wrap) / (1 + wrap), 0.0) * lit
    fill = max(point[0] * lights[2, 0] + point[1] * lights[2, 1] +
               point[2] * lights[2, 2], 0.0)
    up = 0.5 + 0.5 * point[1]
    hx, hy, hz = (lights[0, 0] + view[0], lights[0, 1] + view[1],
                  lights[0, 2] + view[2])
    norm = np.sqrt(hx * hx + hy * hy + hz * hz) + 1e-9
    ndh = max((point[0] * hx + point[1] * hy + point[2] * hz) / norm, 0.0)
    shine = row[SPECULAR] * ndh**row[GLOSS] * (0.3 + 0.7 * lit)
    for c in range(3):
        ambient = (lights[4, c] * up + lights[5, c] * (1 - up)) * occlusion
        color[c] = color[c] * (
            key * lights[1, c] + fill * lights[3, c] * occlusion + ambient
        ) + shine * lights[1, c]


@njit(cache=True, nogil=True)
def _sample(f, bary, faces, attributes, uv, material, side, tangents, rows,
            texels, levels, rects, folds, to_linear, shadow_map,
            light_matrix, lights, view, occlusion, flat, work, color):
    """Colour of one sample of the picture, into ``color``."""
    b0, b1, b2 = bary[0], bary[1], bary[2]
    i, j, k = faces[f, 0], faces[f, 1], faces[f, 2]
    for c in range(ATTRIBUTES):
        work[c] = (b0 * attributes[i, c] + b1 * attributes[j, c] +
                   b2 * attributes[k, c])
    u = b0 * uv[f, 0, 0] + b1 * uv[f, 1, 0] + b2 * uv[f, 2, 0]
    v = b0 * uv[f, 0, 1] + b1 * uv[f, 1, 1] + b2 * uv[f, 2, 1]
    row = rows[material[f]]
    _albedo(row, side[f], u, v, work[CANON_X], work[CANON_Y], texels, levels,
            rects, to_linear, color)
    edge = work[VERTEX_EDGE]
    if (row[SEAM] > 0) & (edge < row[SEAM] + 0.003):
        dark = 1 - row[SEAM_DARK] * (
            0.6 if abs(edge - row[SEAM]) < 0.003 else 0.0)
        if edge < 0.003:
            dark = 1 - row[SEAM_DARK]
        for c in range(3):
            color[c] *= dark
    if flat:
        return
    normal = work[:3]
    if row[FOLD] > 0:
        _wrinkle(tangents[f], row[FOLD] * work[VERTEX_FOLD], u, v, folds,
                 normal)
    _normalise(normal)
    facing = normal[0] * view[0] + normal[1] * view[1] + normal[2] * view[2]
    if facing < -0.15:  # the inside of a skirt or a collar
        for c in range(3):
            normal[c] = -normal[c]
            color[c] *= 0.45
    lit = _lit(shadow_map, light_matrix, work[POSITION], work[POSITION + 1],
               work[POSITION + 2])
    _light(row, normal, lit, occlusion, lights, view, color)


@njit(cache=True, nogil=True)
def shade(face_map, bary, faces, attributes, uv, material, side, tangents,
          rows, texels, levels, rects, folds, to_linear, to_srgb, shadow_map,
          light_matrix, lights, view, occlusion, background, flat, factor,
          out):
    """Shade all samples and average them to pixels.

    Args:
        face_map, bary: Buffers of ``factor`` times the picture's size.
        occlusion (np.ndarray): (H, W) float32, 1 where open to the light.
        background (np.ndarray): (H, W, 3) uint8 RGB.
        flat (bool): Bare colours without light.
        factor (int): Samples per pixel along each axis.
        out (np.ndarray): (H, W, 3) uint8 BGR, written.
    """
    height, width = out.shape[:2]
    work = np.empty(ATTRIBUTES, np.float32)
    color = np.empty(3, np.float32)
    total = np.empty(3, np.float32)
    last = len(to_srgb) - 1
    for r in range(height):
        for q in range(width):
            count = 0
            total[:] = 0
            for a in range(factor):
                for b in range(factor):
                    y, x = r * factor + a, q * factor + b
                    f = face_map[y, x]
                    if f < 0:
                        continue
                    count += 1
                    _sample(f, bary[y, x], faces, attributes, uv, material,
                            side, tangents, rows, texels, levels, rects,
                            folds, to_linear, shadow_map, light_matrix,
                            lights, view, occlusion[r, q], flat, work, color)
                    for c in range(3):
                        total[c] += min(color[c], 1.0)
            if count == 0:
                for c in range(3):
                    out[r, q, 2 - c] = background[r, q, c]
                continue
            samples = factor * factor
            for c in range(3):
                value = (total[c] + (samples - count) *
                         to_linear[background[r, q, c]]) / samples
                out[r, q, 2 - c] = np.uint8(
                    to_srgb[int(min(value, 1.0) * last)] + 0.5)
