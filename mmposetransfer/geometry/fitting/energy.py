"""What a fit minimises, with gradient and Gauss-Newton matrix.

The energy is a negative log posterior: a robust (Geman-McClure) error of
reprojection, the pose prior, joint limits, the shape prior, and the wish
that people stand upright.
"""

from typing import NamedTuple

import torch

from .keypoint_chain import ChainState

__all__ = [
    'PARAMETERS',
    'EnergyWeights',
    'FitEnergy',
    'Targets',
    'moved',
    'project',
    'turned',
]

_TURN, _CAMERA, _ANGLES, _BETAS = (
    slice(0, 3),
    slice(3, 6),
    slice(6, 51),
    slice(51, None),
)
#: Where the parameters of a step are: a turn about the world's axes, the
#: camera's log scale, column and row, the solved angles, and the betas.
PARAMETERS = {
    'turn': _TURN,
    'scale': 3,
    'camera': _CAMERA,
    'angles': _ANGLES,
    'betas': _BETAS,
}
#: How many leading parameters each stage solves for.
STAGES = {'camera': 6, 'pose': 51, 'shape': None}


class Targets(NamedTuple):
    """Keypoints to reach.

    Attributes:
        points: (N, 18, 2) pixels; finite also where missing.
        weights: (N, 18), 0 where missing.
        sigma: (N,) pixels, the usual error of a keypoint of weight 1.
        inverse_distance: (N,) 1 / metres from the camera; 0 is infinity.
    """

    points: torch.Tensor
    weights: torch.Tensor
    sigma: torch.Tensor
    inverse_distance: torch.Tensor

    def rows(self, index):
        """Of some bodies only."""
        return Targets(*(tensor[index] for tensor in self))


class EnergyWeights(NamedTuple):
    """Numbers that balance the terms.

    Attributes:
        robust: Errors of more than so many sigmas count ever less (the
            scale of Geman-McClure).
        pose: Factor on the pose prior.
        limit: Degrees beyond a joint's limit that cost as much as one sigma.
        shape: Factor on the shape prior.
        pitch: Usual lean of the pelvis to or from the viewer, as a sine.
        roll: Usual lean to the side.
    """

    robust: float = 10.0
    pose: float = 1.0
    limit: float = 1.5
    shape: float = 1.0
    pitch: float = 0.15
    roll: float = 0.3


def turned(orient, turn):
    """Turn bodies about the world's axes.

    Args:
        orient (Tensor): (N, 3, 3) rotations.
        turn (Tensor): (N, 3) axis-angle.

    Returns:
        Tensor: (N, 3, 3) exp(turn) @ orient.
    """
    angle = turn.norm(dim=-1)[:, None, None].clamp_min(1e-12)
    x, y, z = (turn[:, :, None] / angle).unbind(1)
    o = torch.zeros_like(x)
    cross = torch.cat([o, -z, y, z, o, -x, -y, x, o], 1).unflatten(1, (3, 3))
    return (
        orient
        + angle.sin() * (cross @ orient)
        + (1 - angle.cos()) * (cross @ (cross @ orient))
    )


def moved(state, step):
    """The state after a step (N, P) of the leading P parameters."""
    full = torch.nn.functional.pad(
        step, (0, 51 + state.betas.shape[1] - step.shape[1])
    )
    return ChainState(
        turned(state.orient, full[:, _TURN]),
        state.camera + full[:, _CAMERA],
        state.angles + full[:, _ANGLES].unflatten(1, (15, 3)),
        state.betas + full[:, _BETAS],
    )


def project(points, camera, inverse_distance):
    """Pixels of world points.

    Args:
        points (Tensor): (N, K, 3) metres.
        camera (Tensor): (N, 3) log pixels per metre, column and row of the
            world's origin.
        inverse_distance (Tensor): (N,) 1 / metres to the camera.

    Returns:
        Tensor: (N, K, 2).
    """
    nearer = 1 / (1 - inverse_distance[:, None] * points[..., 2])
    scale = camera[:, :1].exp() * nearer
    return torch.stack(
        [
            scale * points[..., 0] + camera[:, 1:2],
            camera[:, 2:] - scale * points[..., 1],
        ],
        -1,
    )


def _project_with_jacobian(points, slopes, camera, inverse_distance):
    """Pixels (N, K, 2) and derivatives (N, 6 + ..., K, 2)."""
    pixels = project(points, camera, inverse_distance)
    k = inverse_distance[:, None]
    nearer = 1 / (1 - k * points[..., 2])
    scale = (camera[:, :1].exp() * nearer)[:, None]
    away = pixels - camera[:, None, 1:]
    flip = pixels.new_tensor([1.0, -1.0])
    moved = (
        scale[..., None] * slopes[..., :2] * flip
        + (away * (k * nearer)[..., None])[:, None] * slopes[..., 2:]
    )
    shift = torch.eye(2, dtype=pixels.dtype, device=pixels.device)
    shift = shift[None, :, None].expand(len(pixels), 2, pixels.shape[1], 2)
    return pixels, torch.cat(
        [moved[:, :3], away[:, None], shift, moved[:, 3:]], 1
    )


class FitEnergy:
    """The energy of fits of one body to keypoints.

    Args:
        chain (KeypointChain): The body.
        prior (PosePrior): What poses are likely.
        weights (EnergyWeights): The balance of the terms.
    """

    def __init__(self, chain, prior, weights):
        self.chain, self.prior, self.weights = chain, prior, weights

    def relaxed(self, factor):
        """The same with a robust error of so many times the scale."""
        return FitEnergy(
            self.chain,
            self.prior,
            self.weights._replace(robust=factor * self.weights.robust),
        )

    def value(self, state, targets):
        """Energies.

        Args:
            state (ChainState): N bodies.
            targets (Targets): N people's keypoints.

        Returns:
            Tensor: (N,).
        """
        pixels = project(
            self.chain.keypoints(state), state.camera, targets.inverse_distance
        )
        data, _ = self._robust(pixels - targets.points, targets)
        flat = state.angles.flatten(1)
        pose = self.prior.energies(flat).min(1).values
        up = state.orient[:, ::2, 1] / self._lean(flat)
        return (
            data
            + self.weights.pose * pose
            + 0.5
            * (
                self._excess(flat).square().sum(1)
                + self.weights.shape * state.betas.square().sum(1)
                + up.square().sum(1)
            )
        )

    def _lean(self, like):
        return like.new_tensor([self.weights.roll, self.weights.pitch])

    def _excess(self, angles):
        """By how many units each angle (N, 45) is beyond its limits."""
        prior, unit = self.prior, self.weights.limit * torch.pi / 180
        return (
            (angles - prior.high).clamp_min(0)
            + (angles - prior.low).clamp_max(0)
        ) / unit

    def _robust(self, error, targets):
        """Geman-McClure energy (N,) and weight of each error (N, 18)."""
        squares = error.square().sum(-1) / targets.sigma[:, None] ** 2
        limit = self.weights.robust**2
        share = limit / (limit + squares)
        energy = 0.5 * (targets.weights * squares * share).sum(1)
        return energy, targets.weights * share**2

    def quadratic(self, state, targets, stage):
        """Energy, gradient and Gauss-Newton matrix.

        Args:
            state (ChainState): N bodies.
            targets (Targets): N people's keypoints.
            stage (str): Key of ``STAGES``; says which P parameters count:
                turn (3), camera (3), angles (45), betas.

        Returns:
            tuple: (N,) energies, (N, P) gradients, (N, P, P) matrices.
        """
        points, slopes = self.chain.with_jacobian(state)
        count = STAGES[stage]
        if count is not None:
            slopes = slopes[:, : count - 3]
        pixels, slopes = _project_with_jacobian(
            points, slopes, state.camera, targets.inverse_distance
        )
        error = pixels - targets.points
        energy, weight = self._robust(error, targets)
        scale = (weight.sqrt() / targets.sigma[:, None])[..., None]
        jacobian = (slopes * scale[:, None]).flatten(2)  # (N, P, 36)
        matrix = jacobian @ jacobian.mT
        gradient = (jacobian @ (error * scale).flatten(1)[..., None])[..., 0]
        energy = energy + self._add_lean(state, gradient, matrix)
        energy = energy + self._add_pose(state, gradient, matrix)
        energy = energy + self._add_shape(state, gradient, matrix)
        return energy, gradient, matrix

    def _add_lean(self, state, gradient, matrix):
        """The body's up axis, u = orient e_y, has du = turn x u."""
        x, y, z = state.orient[:, :, 1].unbind(1)
        o = torch.zeros_like(x)
        lean = self._lean(x)
        slopes = torch.stack(
            [torch.stack([o, z, -y], 1), torch.stack([y, -x, o], 1)], 1
        )
        slopes = slopes / lean[:, None]  # (N, 2, 3)
        error = torch.stack([x, z], 1) / lean
        gradient[:, _TURN] += (slopes.mT @ error[..., None])[..., 0]
        matrix[:, _TURN, _TURN] += slopes.mT @ slopes
        return 0.5 * error.square().sum(1)

    def _add_pose(self, state, gradient, matrix):
        prior, flat = self.prior, state.angles.flatten(1)
        energies, component = prior.energies(flat).min(1)
        excess = self._excess(flat)
        if gradient.shape[1] > 6:
            precision = self.weights.pose * prior.precision[component]
            away = flat - prior.means[component]
            unit = self.weights.limit * torch.pi / 180
            gradient[:, _ANGLES] += (precision @ away[..., None])[
                ..., 0
            ] + excess / unit
            matrix[:, _ANGLES, _ANGLES] += precision + torch.diag_embed(
                (excess != 0) / unit**2
            )
        return self.weights.pose * energies + 0.5 * excess.square().sum(1)

    def _add_shape(self, state, gradient, matrix):
        if gradient.shape[1] > 51:
            gradient[:, _BETAS] += self.weights.shape * state.betas
            matrix.diagonal(dim1=1, dim2=2)[:, _BETAS] += self.weights.shape
        return 0.5 * self.weights.shape * state.betas.square().sum(1)
