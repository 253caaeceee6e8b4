"""The shader: from buffers of visible faces to a picture, pixel by pixel.

Everything works in linear light; colours of textures and decals are mixed
as stored (sRGB) and made linear once. Directions are in world axes.
"""

import numpy as np
from numba import njit

from .materials import FOLD, GLOSS, KIND, SEAM, SEAM_DARK, SKIN, SPECULAR
from .texturing import FAST, INDEX, albedo, slopes

__all__ = ['shade', 'vertex_table']

# Columns of the shader's table of vertices: its normal and place in the pose,
# and what a vertex keeps in every pose.
NORMAL, PLACE = 0, 3
CANON_X, CANON_Y, EDGE, FOLD_DEPTH, COLUMNS = range(6, 11)


@njit(**FAST)
def vertex_table(normals, places, own):
    """What the shader asks of a vertex, side by side in memory.

    Args:
        normals (np.ndarray): (V, 3) float32.
        places (np.ndarray): (V, 3) float32 world metres.
        own (np.ndarray): (V, 4) float32, as ``Person.points``.

    Returns:
        np.ndarray: (V, COLUMNS) float32.
    """
    out = np.empty((len(own), COLUMNS), np.float32)
    for v in range(len(own)):
        for c in range(3):
            out[v, NORMAL + c] = normals[v, c]
            out[v, PLACE + c] = places[v, c]
        for c in range(4):
            out[v, CANON_X + c] = own[v, c]
    return out


@njit(**FAST, inline='always')
def _blend(points, column, i, j, k, b0, b1, b2):
    """A column of the vertices at a place of a face."""
    return (
        b0 * points[i, column]
        + b1 * points[j, column]
        + (b2 * points[k, column])
    )


@njit(**FAST, inline='always')
def _unit(x, y, z):
    """A direction of unit length; none stays none."""
    scale = np.float32(1) / np.sqrt(x * x + y * y + z * z + np.float32(1e-18))
    return x * scale, y * scale, z * scale


@njit(**FAST, inline='always')
def _tangents(points, i, j, k, u1, v1, u2, v2):
    """Unit directions in which the chart coordinates of a face grow.

    ``u1`` to ``v2`` are the chart coordinates of its second and third corner
    as seen from the first.
    """
    ax = points[j, PLACE] - points[i, PLACE]
    ay = points[j, PLACE + 1] - points[i, PLACE + 1]
    az = points[j, PLACE + 2] - points[i, PLACE + 2]
    bx = points[k, PLACE] - points[i, PLACE]
    by = points[k, PLACE + 1] - points[i, PLACE + 1]
    bz = points[k, PLACE + 2] - points[i, PLACE + 2]
    area = u1 * v2 - u2 * v1
    if area < 0:  # the chart shows the face mirrored
        u1, v1, u2, v2 = -u1, -v1, -u2, -v2
    elif area == 0:
        u1 = v1 = u2 = v2 = np.float32(0)
    tx, ty, tz = _unit(ax * v2 - bx * v1, ay * v2 - by * v1, az * v2 - bz * v1)
    bx, by, bz = _unit(bx * u1 - ax * u2, by * u1 - ay * u2, bz * u1 - az * u2)
    return tx, ty, tz, bx, by, bz


@njit(**FAST, inline='always')
def _lit(shadow_map, light, px, py, pz):
    """Share of the key light that reaches a point, four samples."""
    x = light[0, 0] * px + light[0, 1] * py + light[0, 2] * pz + light[0, 3]
    y = light[1, 0] * px + light[1, 1] * py + light[1, 2] * pz + light[1, 3]
    z = light[2, 0] * px + light[2, 1] * py + light[2, 2] * pz + light[2, 3]
    x0, y0 = np.int64(np.floor(x)), np.int64(np.floor(y))
    height, width = shadow_map.shape
    one, zero = np.float32(1), np.float32(0)
    if (x0 < 0) | (y0 < 0) | (x0 + 1 >= width) | (y0 + 1 >= height):
        return one
    dx, dy = x - np.float32(x0), y - np.float32(y0)
    above = (one - dx) * (one if shadow_map[y0, x0] > z else zero) + dx * (
        one if shadow_map[y0, x0 + 1] > z else zero
    )
    below = (one - dx) * (one if shadow_map[y0 + 1, x0] > z else zero) + (
        dx * (one if shadow_map[y0 + 1, x0 + 1] > z else zero)
    )
    return (one - dy) * above + dy * below


@njit(**FAST, inline='always')
def _light(rows, m, nx, ny, nz, lit, occlusion, lights, red, green, blue):
    """A surface's colour in the light that falls on it.

    ``lights`` (7, 3): direction to the key light, its colour, direction to
    the fill light, its colour, light from above, light from below, direction
    halfway between key light and viewer.
    """
    zero, one, half = np.float32(0), np.float32(1), np.float32(0.5)
    skin = rows[m, KIND] == SKIN
    wrap = np.float32(0.35) if skin else np.float32(0.15)
    ndl = nx * lights[0, 0] + ny * lights[0, 1] + nz * lights[0, 2]
    key = max((ndl + wrap) / (one + wrap), zero) * lit
    fill = (
        max(nx * lights[2, 0] + ny * lights[2, 1] + nz * lights[2, 2], zero)
        * occlusion
    )
    up = half + half * ny
    shine = zero
    ndh = nx * lights[6, 0] + ny * lights[6, 1] + nz * lights[6, 2]
    if (rows[m, SPECULAR] > 0) & (ndh > np.float32(0.5)):
        shine = (
            rows[m, SPECULAR]
            * ndh ** rows[m, GLOSS]
            * (np.float32(0.3) + np.float32(0.7) * lit)
        )
    # Light that comes back out of skin is red at the edge of shadows.
    bleed = (
        np.float32(0.10) * (one - lit * min(max(ndl + ndl, zero), one))
        if skin
        else zero
    )
    below = one - up
    red = red * (
        key * lights[1, 0]
        + fill * lights[3, 0]
        + occlusion * (lights[4, 0] * up + lights[5, 0] * below)
        + bleed
    )
    green = green * (
        key * lights[1, 1]
        + fill * lights[3, 1]
        + occlusion * (lights[4, 1] * up + lights[5, 1] * below)
    )
    blue = blue * (
        key * lights[1, 2]
        + fill * lights[3, 2]
        + occlusion * (lights[4, 2] * up + lights[5, 2] * below)
    )
    return (
        red + shine * lights[1, 0],
        green + shine * lights[1, 1],
        blue + shine * lights[1, 2],
    )


@njit(**FAST, inline='always')
def _seam_factor(rows, m, edge):
    """How much cloth is darkened at its edge and its seam."""
    seam = rows[m, SEAM]
    if edge < np.float32(0.003):
        return np.float32(1) - rows[m, SEAM_DARK]
    if abs(edge - seam) < np.float32(0.0025):
        return np.float32(1) - np.float32(0.6) * rows[m, SEAM_DARK]
    return np.float32(1)


@njit(**FAST, inline='always')
def _sample(
    f,
    b0,
    b1,
    b2,
    faces,
    points,
    uv,
    material,
    side,
    rows,
    texels,
    levels,
    rects,
    folds,
    to_linear,
    shadow_map,
    light,
    lights,
    view,
    occlusion,
    flat,
):
    """Colour of one sample of the picture."""
    f = INDEX(f)
    i, j, k = INDEX(faces[f, 0]), INDEX(faces[f, 1]), INDEX(faces[f, 2])
    m = INDEX(material[f])
    u0, u1, u2 = uv[f, 0, 0], uv[f, 1, 0], uv[f, 2, 0]
    v0, v1, v2 = uv[f, 0, 1], uv[f, 1, 1], uv[f, 2, 1]
    u = b0 * u0 + b1 * u1 + b2 * u2
    v = b0 * v0 + b1 * v1 + b2 * v2
    x = _blend(points, CANON_X, i, j, k, b0, b1, b2)
    y = _blend(points, CANON_Y, i, j, k, b0, b1, b2)
    red, green, blue = albedo(
        rows, m, side[f], u, v, x, y, texels, levels, rects, to_linear
    )
    if rows[m, SEAM] > 0:
        factor = _seam_factor(
            rows, m, _blend(points, EDGE, i, j, k, b0, b1, b2)
        )
        red, green, blue = red * factor, green * factor, blue * factor
    if flat:
        return red, green, blue
    nx = _blend(points, NORMAL, i, j, k, b0, b1, b2)
    ny = _blend(points, NORMAL + 1, i, j, k, b0, b1, b2)
    nz = _blend(points, NORMAL + 2, i, j, k, b0, b1, b2)
    if rows[m, FOLD] > 0:
        amount = rows[m, FOLD] * _blend(
            points, FOLD_DEPTH, i, j, k, b0, b1, b2
        )
        along, across = slopes(u, v, folds)
        along, across = along * amount, across * amount
        tx, ty, tz, bx, by, bz = _tangents(
            points, i, j, k, u1 - u0, v1 - v0, u2 - u0, v2 - v0
        )
        nx -= along * tx + across * bx
        ny -= along * ty + across * by
        nz -= along * tz + across * bz
    norm = np.float32(1) / np.sqrt(
        nx * nx + ny * ny + nz * nz + np.float32(1e-12)
    )
    nx, ny, nz = nx * norm, ny * norm, nz * norm
    if nx * view[0] + ny * view[1] + nz * view[2] < np.float32(-0.2):
        inner = np.float32(0.45)  # the inside of a skirt or a collar
        nx, ny, nz = -nx, -ny, -nz
        red, green, blue = red * inner, green * inner, blue * inner
    px = _blend(points, PLACE, i, j, k, b0, b1, b2)
    py = _blend(points, PLACE + 1, i, j, k, b0, b1, b2)
    pz = _blend(points, PLACE + 2, i, j, k, b0, b1, b2)
    # Looked up a little above the surface, which casts no shade on itself.
    lift = np.float32(0.012)
    lit = _lit(
        shadow_map, light, px + lift * nx, py + lift * ny, pz + lift * nz
    )
    return _light(
        rows, m, nx, ny, nz, lit, occlusion, lights, red, green, blue
    )


@njit(**FAST, inline='always')
def _is_inner(face_map, material, y, x):
    """Whether a pixel's centre and corners show one material."""
    centre = face_map[y, x]
    if centre < 0:
        return False
    m = material[centre]
    for k in range(4):
        f = face_map[y - 1 + (k & 2), x - 1 + 2 * (k & 1)]
        if f < 0:
            return False
        if material[f] != m:
            return False
    return True


@njit(**FAST, inline='always')
def _is_empty(face_map, y, x):
    """Whether a pixel's centre and corners show the background."""
    # Faces are counted from 0, and -1 has all bits set.
    return (
        face_map[y, x]
        & face_map[y - 1, x - 1]
        & face_map[y - 1, x + 1]
        & face_map[y + 1, x - 1]
        & face_map[y + 1, x + 1]
    ) == -1


# Without counting references to arrays: each of the functions that are inlined
# would do so for all of its arrays, which took half of the time. All of them
# are inlined, since a call hands over each array as seven numbers.
@njit(**FAST, _nrt=False)
def shade(
    face_map,
    bary,
    faces,
    points,
    uv,
    material,
    side,
    rows,
    texels,
    levels,
    rects,
    folds,
    to_linear,
    to_srgb,
    shadow_map,
    light,
    lights,
    view,
    occlusion,
    flat,
    corners,
    made,
    out,
):
    """Shade a picture from samples half a pixel apart.

    Pixel (r, c) has its centre at sample (2 r + 1, 2 c + 1). Inside of a
    material that sample is shaded; else it counts half and the samples in
    the pixel's four corners, which it shares with its neighbours, an eighth
    each.

    Args:
        face_map, bary: Buffers of (2 H + 1, 2 W + 1) samples.
        points (np.ndarray): Of :func:`vertex_table`.
        occlusion (np.ndarray): (H, W) float32, 1 where open to the light.
        flat (bool): Bare colours without light.
        corners (np.ndarray): (2, W + 1, 3) float32, room for the colours of
            corners above and below a row.
        made (np.ndarray): (2, W + 1) int64, room for the rows that those are
            of, all of them -1.
        out (np.ndarray): (H, W, 3) uint8 BGR, the background, painted over.
    """
    height, width = out.shape[:2]
    last = np.float32(len(to_srgb) - 1)
    one, zero, half = np.float32(1), np.float32(0), np.float32(0.5)
    for r in range(height):
        for q in range(width):
            if _is_empty(face_map, 2 * r + 1, 2 * q + 1):
                continue
            bare = one
            red, green, blue = zero, zero, zero
            inner = _is_inner(face_map, material, 2 * r + 1, 2 * q + 1)
            for s in range(1 if inner else 5):
                y, x, share = 2 * r + 1, 2 * q + 1, one if inner else half
                if s > 0:
                    y += ((s - 1) & 2) - 1
                    x += 2 * ((s - 1) & 1) - 1
                    share = np.float32(0.125)
                f = face_map[y, x]
                if f < 0:
                    continue
                bare -= share
                slot, place = (y >> 1) & 1, x >> 1
                if (s > 0) & (made[slot, place] == y):
                    red += share * corners[slot, place, 0]
                    green += share * corners[slot, place, 1]
                    blue += share * corners[slot, place, 2]
                    continue
                dr, dg, db = _sample(
                    f,
                    bary[y, x, 0],
                    bary[y, x, 1],
                    bary[y, x, 2],
                    faces,
                    points,
                    uv,
                    material,
                    side,
                    rows,
                    texels,
                    levels,
                    rects,
                    folds,
                    to_linear,
                    shadow_map,
                    light,
                    lights,
                    view,
                    occlusion[r, q],
                    flat,
                )
                dr, dg, db = min(dr, one), min(dg, one), min(db, one)
                red += share * dr
                green += share * dg
                blue += share * db
                if s > 0:
                    made[slot, place] = y
                    corners[slot, place, 0] = dr
                    corners[slot, place, 1] = dg
                    corners[slot, place, 2] = db
            red += bare * to_linear[out[r, q, 2]]
            green += bare * to_linear[out[r, q, 1]]
            blue += bare * to_linear[out[r, q, 0]]
            out[r, q, 2] = np.uint8(to_srgb[INDEX(red * last)] + half)
            out[r, q, 1] = np.uint8(to_srgb[INDEX(green * last)] + half)
            out[r, q, 0] = np.uint8(to_srgb[INDEX(blue * last)] + half)
