"""People in HMR's convention, and where HMR projects them."""

import numpy as np
from scipy.spatial.transform import Rotation
from test_geometry.fitted_people import free_body

from mmposetransfer.geometry.fitting import FitProjector

N = 3
BOXES = np.array([[112, 112, 224], [300, 180, 410], [60.5, 90, 120]], float)


def parameters(seed=0):
    """Random people in HMR's convention."""
    rng = np.random.default_rng(seed)
    flip = Rotation.from_rotvec([np.pi, 0, 0])
    pose = rng.normal(0, 0.3, (N, 24, 3))
    pose[:, 0] = (flip * Rotation.from_rotvec(pose[:, 0])).as_rotvec()
    cam = np.column_stack(
        [rng.uniform(0.7, 1.1, N), rng.uniform(-0.2, 0.2, (N, 2))]
    )
    return pose, rng.normal(size=(N, 10)), cam


def seen(pose, betas, cam, boxes):
    """Pixels of the image, as HMR projects: y down, the crop in [-1, 1]."""
    output = free_body().forward(betas, pose[:, 1:].reshape(N, 69), pose[:, 0])
    crop = cam[:, None, :1] * (output.vertices[..., :2] + cam[:, None, 1:])
    boxes = np.broadcast_to(boxes, (N, 3))[:, None]
    return boxes[..., :2] + crop * boxes[..., 2:] / 2, output.vertices


def check(fits, pose, betas, cam, boxes=BOXES):
    pixels, vertices = seen(pose, betas, cam, boxes)
    found = FitProjector(free_body())(fits)
    np.testing.assert_allclose(found[..., :2], pixels, atol=0.02)
    depth = found[..., 2] - vertices[..., 2]  # z is away from the viewer
    np.testing.assert_allclose(np.ptp(depth, axis=1), 0, atol=1e-5)


def matrices(pose):
    return (
        Rotation.from_rotvec(pose.reshape(-1, 3))
        .as_matrix()
        .reshape(N, 24, 3, 3)
    )
