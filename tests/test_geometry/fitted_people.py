"""People with known bodies, for tests of fitting."""

from functools import lru_cache

import numpy as np
from scipy.spatial.transform import Rotation

from mmposetransfer.geometry import BodyModel, PerspectiveCamera
from mmposetransfer.geometry.fitting import BodyFitter
from mmposetransfer.synthfashion.poses import sample_pose


@lru_cache
def free_body():
    return BodyModel()


@lru_cache
def free_fitter():
    return BodyFitter(free_body())


def people(count, seed=0, pose_class=None, centre=(128, 118), focal=560):
    """Keypoints (N, 18, 3) that a camera four metres away sees; vertices."""
    rng = np.random.default_rng(seed)
    body = free_body()
    poses = [sample_pose(rng, pose_class) for _ in range(count)]
    betas = rng.normal(0, 0.7, (count, body.num_betas))
    output = body.pose(
        betas,
        np.stack([p.body_pose for p in poses]),
        np.stack([p.global_orient for p in poses]),
    )
    camera = PerspectiveCamera(
        focal, centre, translation=np.array([0, 0.25, -4.0])
    )
    keypoints = camera.project(body.keypoints(output))
    keypoints[..., 2] = 1
    return keypoints, camera.project(output.vertices), poses


def yaw(vectors):
    """Direction that hips face, radians."""
    facing = Rotation.from_rotvec(vectors).apply([0, 0, 1])
    return np.arctan2(facing[:, 0], facing[:, 2])
