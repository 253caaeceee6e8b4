"""Pixels into the atlas and back, against loops and torch's own sampling."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from closeness import assert_near

from mmposetransfer.models.methods.dpt import (
    NUM_PARTS,
    pixels_to_texture,
    surface_maps,
    texture_to_pixels,
)

SIZE = 5


def surface(height=6, width=7, count=2, parts=NUM_PARTS, seed=0):
    """Random surfaces, a part of which is background."""
    rng = np.random.default_rng(seed)
    part = rng.integers(0, parts + 1, (count, 1, height, width))
    part *= rng.random(part.shape) < 0.8
    uv = rng.integers(0, 256, (count, 2, height, width))
    uv[rng.random(uv.shape) < 0.1] = 255  # the last texel
    iuv = np.concatenate([part, uv * (part > 0)], 1)
    return torch.from_numpy(iuv.astype(np.uint8))


def corners(iuv, row, column):
    """The four texels of a pixel and its weights, one by one."""
    part, u, v = (int(value) for value in iuv[:, row, column])
    x, y = u / 255 * (SIZE - 1), v / 255 * (SIZE - 1)
    for texel_y in range(SIZE):
        for texel_x in range(SIZE):
            weight = max(0, 1 - abs(x - texel_x)) * max(
                0, 1 - abs(y - texel_y)
            )
            if part and weight:
                yield part - 1, texel_y, texel_x, weight


def scattered(img, iuv, share):
    """Weighted means of all pixels around each texel."""
    count, channels, height, width = img.shape
    sums = np.zeros((count, NUM_PARTS, channels, SIZE, SIZE))
    weights = np.zeros((count, NUM_PARTS, 1, SIZE, SIZE))
    for n, row, column in np.ndindex(count, height, width):
        for part, y, x, weight in corners(iuv[n], row, column):
            weight *= share[n, 0, row, column]
            sums[n, part, :, y, x] += weight * img[n, :, row, column]
            weights[n, part, 0, y, x] += weight
    return sums / np.maximum(weights, 1e-6), np.minimum(4 * weights, 1)


@pytest.mark.parametrize('with_share', [False, True])
def test_textures_are_what_loops_make_of_them(with_share):
    iuv = surface(parts=3)
    rng = np.random.default_rng(1)
    img = rng.uniform(-1, 1, (2, 3, 6, 7)).astype(np.float32)
    share = rng.random((2, 1, 6, 7)).astype(np.float32)
    colours, known = pixels_to_texture(
        torch.from_numpy(img),
        iuv,
        SIZE,
        torch.from_numpy(share) if with_share else None,
    )
    wanted = scattered(
        img, iuv.numpy(), share if with_share else 0 * share + 1
    )
    np.testing.assert_allclose(colours, wanted[0], atol=1e-5)
    np.testing.assert_allclose(known, wanted[1], atol=1e-5)


def test_pixels_are_what_loops_read():
    iuv = surface()
    texture = torch.randn(2, NUM_PARTS, 3, SIZE, SIZE)
    wanted = np.zeros((2, 3, 6, 7))
    for n, row, column in np.ndindex(2, 6, 7):
        for part, y, x, weight in corners(iuv[n].numpy(), row, column):
            wanted[n, :, row, column] += (
                weight * texture[n, part, :, y, x].numpy()
            )
    got = texture_to_pixels(texture, iuv)
    np.testing.assert_allclose(got, wanted, atol=1e-5)


def test_a_part_is_read_as_grid_sample_reads_it():
    iuv = surface(parts=1)
    texture = torch.zeros(2, NUM_PARTS, 4, SIZE, SIZE)
    texture[:, 0] = torch.randn(2, 4, SIZE, SIZE)
    grid = surface_maps(iuv)[:, 1:].movedim(1, -1)  # x and y in [-1, 1]
    wanted = F.grid_sample(texture[:, 0], grid, align_corners=True)
    assert_near(
        texture_to_pixels(texture, iuv), wanted * (iuv[:, :1] > 0), steps=1000
    )


def test_both_ways_are_adjoint():
    """<spread(x), y> = <x, read(y)>: both use the same weights."""
    iuv = surface(seed=3)
    img = torch.randn(2, 3, 6, 7).double()
    texture = torch.randn(2, NUM_PARTS, 3, SIZE, SIZE).double()
    few = torch.full_like(img[:, :1], 0.01)  # below what is cut
    colours, known = pixels_to_texture(img, iuv, SIZE, few)
    spread = (colours * known * texture).sum() / (4 * 0.01)
    read = (img * texture_to_pixels(texture, iuv)).sum()
    assert spread.item() == pytest.approx(read.item(), rel=1e-3)


def test_a_plain_colour_comes_back_and_unknown_texels_are_told():
    iuv = surface()
    img = torch.full((2, 3, 6, 7), 0.25)
    colours, known = pixels_to_texture(img, iuv, SIZE)
    assert_near(
        colours[known.expand_as(colours) > 0.01].unique(), torch.tensor([0.25])
    )
    assert (colours[known.expand_as(colours) == 0] == 0).all()
    assert 0 < (known == 0).float().mean() < 1
    back = texture_to_pixels(colours, iuv)
    assert_near(back, 0.25 * (iuv[:, :1] > 0).float().expand_as(back))


def test_gradients_go_both_ways():
    iuv = surface()
    img = torch.randn(2, 3, 6, 7, requires_grad=True)
    colours, _ = pixels_to_texture(img, iuv, SIZE)
    texture_to_pixels(colours, iuv).square().sum().backward()
    on_body = (iuv[:, :1] > 0).expand_as(img)
    assert (img.grad[~on_body] == 0).all()
    assert img.grad[on_body].ne(0).float().mean() > 0.9


def test_maps_of_a_surface_keep_to_their_range():
    iuv = torch.tensor([[0, 0, 0], [24, 255, 0]], dtype=torch.uint8)
    maps = surface_maps(iuv[..., None, None])
    assert_near(maps[..., 0, 0], torch.tensor([[-1.0, -1, -1], [1, 1, -1]]))
