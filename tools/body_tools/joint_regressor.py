"""Fit the sparse matrix that finds the joints from the resting mesh."""
import numpy as np
from scipy.optimize import nnls


def fit_joint_regressor(vertices, joints, weights, candidates=400):
    """Non-negative rows, each summing to one, that map vertices to joints.

    A row that sums to one makes the regressed joint follow any affine motion
    of the mesh.  Each joint looks only at vertices near it that follow it or
    its neighbours, so the matrix stays sparse and local.

    Args:
        vertices: (N, V, 3) resting vertices of the training shapes, metres.
        joints: (N, J, 3) their joints, metres.
        weights: (V, J) skinning weights.
        candidates: number of vertices that each joint may use.

    Returns:
        (J, V) float64.
    """
    mean = vertices.mean(0)
    regressor = np.zeros((joints.shape[1], vertices.shape[1]))
    for joint in range(joints.shape[1]):
        centre = joints[:, joint].mean(0)
        distance = np.linalg.norm(mean - centre, axis=1)
        distance[weights[:, joint] < 1e-3] += 0.1
        near = np.argsort(distance, kind='stable')[:candidates]
        regressor[joint, near] = fit_row(vertices[:, near], joints[:, joint])
    return regressor


def fit_row(vertices, joint, sum_weight=1e2):
    """Weights (C,) >= 0 that sum to one, by non-negative least squares."""
    offsets = vertices - joint[:, None]  # a perfect row has zero mean offset
    system = offsets.transpose(0, 2, 1).reshape(-1, offsets.shape[1])
    system = np.vstack([system, np.full((1, system.shape[1]), sum_weight)])
    target = np.zeros(len(system))
    target[-1] = sum_weight
    row, _ = nnls(system, target, maxiter=30 * system.shape[1])
    return row / row.sum()


def joint_errors(regressor, vertices, joints):
    """Distances (N, J) in metres between regressed and true joints."""
    regressed = np.einsum('jv,nvc->njc', regressor, vertices)
    return np.linalg.norm(regressed - joints, axis=-1)
