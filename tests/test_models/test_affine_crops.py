"""Affine crops against OpenCV's warpAffine, and in closed form."""

import cv2
import numpy as np
import pytest
import torch
from closeness import assert_near

from mmposetransfer.models.warping import affine_crops

HEIGHT, WIDTH = 40, 56


@pytest.fixture
def maps():
    """Smooth: OpenCV rounds positions to 1/32 of a pixel."""
    noise = np.random.default_rng(0).normal(size=(2, HEIGHT, WIDTH, 3))
    smooth = [cv2.GaussianBlur(x.astype(np.float32), (0, 0), 3) for x in noise]
    return torch.from_numpy(np.stack(smooth)).permute(0, 3, 1, 2)


def opencv_crop(x, center, across, along, size):
    """Of one map (C, H, W): pixel j of w lies at (2j + 1) / w - 1."""
    height, width = size
    columns, rows = 2 * across / width, 2 * along / height
    first = center + across * (1 / width - 1) + along * (1 / height - 1)
    matrix = torch.stack([columns, rows, first], 1).double().numpy()
    crop = cv2.warpAffine(
        x.permute(1, 2, 0).numpy(),
        matrix,
        (width, height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return torch.from_numpy(crop).permute(2, 0, 1)


@pytest.mark.parametrize('size', [(16, 16), (12, 20), (1, 5)])
def test_crops_are_those_of_warp_affine(maps, size):
    """Turned, sheared, enlarged, shrunk, mirrored, beyond the border."""
    torch.manual_seed(0)
    centers = torch.rand(2, 6, 2) * torch.tensor([WIDTH, HEIGHT])
    across, along = 12 * torch.randn(2, 2, 6, 2)
    got = affine_crops(maps, centers, across, along, size)
    assert got.shape == (2, 6, 3, *size)
    for n in range(2):
        for p in range(6):
            wanted = opencv_crop(
                maps[n], centers[n, p], across[n, p], along[n, p], size
            )
            # 1/64 of a pixel in both directions, on gradients of a tenth.
            torch.testing.assert_close(got[n, p], wanted, rtol=0, atol=4e-3)


def test_the_whole_map_is_the_map(maps):
    center = torch.tensor([(WIDTH - 1) / 2, (HEIGHT - 1) / 2])
    frame = [
        center,
        torch.tensor([WIDTH / 2, 0]),
        torch.tensor([0, HEIGHT / 2]),
    ]
    frame = [point.expand(2, 1, 2) for point in frame]
    got = affine_crops(maps, *frame, (HEIGHT, WIDTH))
    torch.testing.assert_close(got[:, 0], maps, rtol=0, atol=1e-4)


def test_half_precision_keeps_places():
    """A ramp of 1000 pixels, read at a place that float16 cannot hold."""
    ramp = torch.arange(1000.0).expand(1, 1, 2, 1000)
    frame = [
        torch.tensor([[point]])
        for point in ([901.25, 0.5], [0.5, 0.0], [0.0, 0.5])
    ]
    with torch.autocast('cpu', torch.bfloat16):
        got = affine_crops(ramp, *frame, (1, 1))
    assert got.item() == pytest.approx(901.25, abs=1e-3)
    half = affine_crops(ramp.half(), *frame, (1, 1))
    assert half.dtype == torch.float16


def test_gradients_reach_the_map(maps):
    x = maps[:1, :, :8, :8].double().requires_grad_()
    frame = torch.tensor(
        [[[3.0, 4.0]], [[2.0, 1.0]], [[-1.0, 2.0]]], dtype=torch.double
    )
    assert torch.autograd.gradcheck(
        lambda x: affine_crops(x, *frame[:, None], (3, 4)), x
    )


def test_parts_are_not_mixed_up(maps):
    """Crops of one pixel are the pixels."""
    places = torch.tensor(
        [[[3.0, 5.0], [20.0, 7.0]], [[0.0, 0.0], [9.0, 30.0]]]
    )
    none = torch.zeros_like(places)
    got = affine_crops(maps, places, none, none, (1, 1))[..., 0, 0]
    wanted = torch.stack(
        [
            torch.stack([maps[n, :, int(y), int(x)] for x, y in places[n]])
            for n in range(2)
        ]
    )
    assert_near(got, wanted, steps=1000)
