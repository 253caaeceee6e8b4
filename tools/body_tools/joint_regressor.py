"""Fit the sparse matrix that finds the joints from the resting mesh."""

import numpy as np


def fit_joint_regressor(
    vertices, joints, weights, near=1500, used=96, ridge=1e-3
):
    """Rows that sum to one and map vertices to joints.

    A row that sums to one makes the regressed joint follow any affine motion
    of the mesh. Each joint looks at a few vertices only, spread evenly over
    its surroundings; a ridge towards their mean keeps the rows small and lets
    them hold for shapes they have not seen.

    Args:
        vertices: (N, V, 3) resting vertices of the training shapes, metres.
        joints: (N, J, 3) their joints, metres.
        weights: (V, J) skinning weights.
        near: how many vertices around the joint count as its surroundings.
        used: how many of them a row uses.
        ridge: strength of the ridge, metres.

    Returns:
        (J, V) float64.
    """
    mean = vertices.mean(0)
    regressor = np.zeros((joints.shape[1], vertices.shape[1]))
    for joint in range(joints.shape[1]):
        distance = np.linalg.norm(mean - joints[:, joint].mean(0), axis=1)
        distance[weights[:, joint] < 1e-3] += 0.1  # prefer what follows it
        around = np.argsort(distance, kind='stable')[:near]
        around = around[spread(mean[around], used)]
        regressor[joint, around] = fit_row(
            vertices[:, around], joints[:, joint], ridge
        )
    return regressor


def spread(points, count):
    """Indices of ``count`` points far from each other, the first included."""
    chosen = [0]
    distance = np.linalg.norm(points - points[0], axis=1)
    while len(chosen) < count:
        chosen.append(int(distance.argmax()))
        distance = np.minimum(
            distance, np.linalg.norm(points - points[chosen[-1]], axis=1)
        )
    return np.array(chosen)


def fit_row(vertices, joint, ridge):
    """Weights (C,) that sum to one, by ridge regression.

    Args:
        vertices: (N, C, 3) metres.
        joint: (N, 3) metres.
        ridge: metres.
    """
    count = vertices.shape[1]
    offsets = vertices - joint[:, None]  # a perfect row has none on average
    system = offsets.transpose(0, 2, 1).reshape(-1, count)
    penalty = ridge**2 * len(system)
    gram = system.T @ system + penalty * np.eye(count)
    ones = np.ones((count, 1))
    bordered = np.block([[gram, ones], [ones.T, np.zeros((1, 1))]])
    target = np.append(np.full(count, penalty / count), 1.0)
    return np.linalg.solve(bordered, target)[:count]


def joint_errors(regressor, vertices, joints):
    """Distances (N, J) in metres between regressed and true joints."""
    regressed = np.einsum('jv,nvc->njc', regressor, vertices)
    return np.linalg.norm(regressed - joints, axis=-1)
