"""The shader: from buffers of visible faces to a picture, pixel by pixel.

Everything works in linear light; colours of textures and decals are mixed
as stored (sRGB) and made linear once. Directions are in world axes.
"""

import numpy as np
from numba import njit

from .materials import FOLD, GLOSS, KIND, SEAM, SEAM_DARK, SKIN, SPECULAR
from .texturing import FAST, INDEX, albedo, slopes

__all__ = ['shade']

# Columns of what a person's vertices keep in every pose.
CANON_X, CANON_Y, EDGE, FOLD_DEPTH = range(4)


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
        np.float32(0.10) * (one - lit * min(max(ndl * 2, zero), one))
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
    normals,
    places,
    own,
    uv,
    material,
    side,
    tangents,
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
    u = b0 * uv[f, 0, 0] + b1 * uv[f, 1, 0] + b2 * uv[f, 2, 0]
    v = b0 * uv[f, 0, 1] + b1 * uv[f, 1, 1] + b2 * uv[f, 2, 1]
    x = b0 * own[i, CANON_X] + b1 * own[j, CANON_X] + b2 * own[k, CANON_X]
    y = b0 * own[i, CANON_Y] + b1 * own[j, CANON_Y] + b2 * own[k, CANON_Y]
    red, green, blue = albedo(
        rows, m, side[f], u, v, x, y, texels, levels, rects, to_linear
    )
    if rows[m, SEAM] > 0:
        factor = _seam_factor(
            rows,
            m,
            b0 * own[i, EDGE] + b1 * own[j, EDGE] + b2 * own[k, EDGE],
        )
        red, green, blue = red * factor, green * factor, blue * factor
    if flat:
        return red, green, blue
    nx = b0 * normals[i, 0] + b1 * normals[j, 0] + b2 * normals[k, 0]
    ny = b0 * normals[i, 1] + b1 * normals[j, 1] + b2 * normals[k, 1]
    nz = b0 * normals[i, 2] + b1 * normals[j, 2] + b2 * normals[k, 2]
    if rows[m, FOLD] > 0:
        amount = rows[m, FOLD] * (
            b0 * own[i, FOLD_DEPTH]
            + b1 * own[j, FOLD_DEPTH]
            + b2 * own[k, FOLD_DEPTH]
        )
        along, across = slopes(u, v, folds)
        along, across = along * amount, across * amount
        nx -= along * tangents[f, 0] + across * tangents[f, 3]
        ny -= along * tangents[f, 1] + across * tangents[f, 4]
        nz -= along * tangents[f, 2] + across * tangents[f, 5]
    norm = np.float32(1) / np.sqrt(
        nx * nx + ny * ny + nz * nz + np.float32(1e-12)
    )
    nx, ny, nz = nx * norm, ny * norm, nz * norm
    if nx * view[0] + ny * view[1] + nz * view[2] < np.float32(-0.2):
        inner = np.float32(0.45)  # the inside of a skirt or a collar
        nx, ny, nz = -nx, -ny, -nz
        red, green, blue = red * inner, green * inner, blue * inner
    px = b0 * places[i, 0] + b1 * places[j, 0] + b2 * places[k, 0]
    py = b0 * places[i, 1] + b1 * places[j, 1] + b2 * places[k, 1]
    pz = b0 * places[i, 2] + b1 * places[j, 2] + b2 * places[k, 2]
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


# Without counting references to arrays: each of the functions that are inlined
# would do so for all of its arrays, which took half of the time. All of them
# are inlined, since a call hands over each array as seven numbers.
@njit(**FAST, _nrt=False)
def shade(
    face_map,
    bary,
    faces,
    normals,
    places,
    own,
    uv,
    material,
    side,
    tangents,
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
    background,
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
        normals (np.ndarray): (V, 3) float32.
        places (np.ndarray): (V, 3) float32 world metres.
        own (np.ndarray): (V, 4) float32, see the columns above.
        occlusion (np.ndarray): (H, W) float32, 1 where open to the light.
        background (np.ndarray): (H, W, 3) uint8 RGB.
        flat (bool): Bare colours without light.
        corners (np.ndarray): (2, W + 1, 3) float32, room for the colours of
            corners above and below a row.
        made (np.ndarray): (2, W + 1) int64, room for the rows that those are
            of, all of them -1.
        out (np.ndarray): (H, W, 3) uint8 BGR, written.
    """
    height, width = out.shape[:2]
    last = np.float32(len(to_srgb) - 1)
    one, zero, half = np.float32(1), np.float32(0), np.float32(0.5)
    for r in range(height):
        for q in range(width):
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
                    normals,
                    places,
                    own,
                    uv,
                    material,
                    side,
                    tangents,
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
            if bare == one:
                for c in range(3):
                    out[r, q, 2 - c] = background[r, q, c]
                continue
            red += bare * to_linear[background[r, q, 0]]
            green += bare * to_linear[background[r, q, 1]]
            blue += bare * to_linear[background[r, q, 2]]
            out[r, q, 2] = np.uint8(to_srgb[INDEX(red * last)] + half)
            out[r, q, 1] = np.uint8(to_srgb[INDEX(green * last)] + half)
            out[r, q, 0] = np.uint8(to_srgb[INDEX(blue * last)] + half)
