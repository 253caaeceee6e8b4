"""Fit bodies to 2D keypoints, many people at once."""

import numpy as np
import torch
from scipy.spatial.transform import Rotation

from mmposetransfer.errors import UserValueError

from ..body_model import BodyModel
from ..pose_angles import ARM_JOINTS
from ..skeletons import SKELETONS
from .body_fits import BodyFits, body_name
from .energy import EnergyWeights, FitEnergy, Targets, project
from .first_guess import FirstGuess
from .hidden_limbs import add_hidden_arms
from .keypoint_chain import ChainState, KeypointChain, angle_rotations
from .minimise import minimise
from .pose_prior import PosePrior

__all__ = ['BodyFitter']

# (what is solved for, steps, factor on the scale of the robust error, how
# many of the guesses go on at most). Early on far joints must pull, later
# they may be wrong.
_STAGES = (
    ('camera', 3, 3.0, None),
    ('pose', 6, 3.0, 2),
    ('shape', 6, 1.5, 1),
    ('shape', 10, 1.0, 1),
)
# Per-keypoint constants of COCO's keypoint evaluation, OpenPose-18's order;
# the face's larger: heads differ more than the betas say.
_COCO_SPREAD = np.array(
    [
        0.080,
        0.079,
        0.079,
        0.072,
        0.062,
        0.079,
        0.072,
        0.062,
        0.107,
        0.087,
        0.089,
        0.107,
        0.087,
        0.089,
        0.080,
        0.080,
        0.080,
        0.080,
    ]
)
_JOINT_WEIGHTS = (0.08 / _COCO_SPREAD) ** 2
_TORSO = (2, 5, 8, 11)
#: What makes a fit: joints, of them shoulders and hips, and the energy that
#: is still a person's.
LEAST_JOINTS, LEAST_TORSO, MOST_ENERGY = 6, 2, 120.0


class BodyFitter:
    """Fits a body to OpenPose-18 keypoints, in the manner of SMPLify.

    For each person: sampled poses whose pictures look like the keypoints,
    one from each of several directions; camera and orientation; pose; pose
    and shape. The likeliest (Laplace evidence) of the guesses goes on. The
    energy is in :class:`FitEnergy`, its minimiser Levenberg-Marquardt.
    The result does not depend on chance, and of who else is in the batch
    only by rounding.

    Args:
        body (BodyModel, optional): The free body, or a user's SMPL. The
            joint limits and the pose prior are SMPL's convention, so they
            serve both. Defaults to the free body.
        distance (float): Metres between camera and person; infinity is weak
            perspective. Photographs of fashion are taken from 3 to 5.
        noise (float): Metres by which keypoints usually miss the joint.
        guesses (int): Directions that are tried for each person.
        weights (EnergyWeights, optional): The balance of the energy's terms.
        device (str | torch.device): Where to compute.
        dtype (torch.dtype): Floating type.

    Raises:
        ValueError: If a number is out of range or the body has no face.
    """

    def __init__(
        self,
        body=None,
        distance=4.0,
        noise=0.015,
        guesses=4,
        weights=None,
        device='cpu',
        dtype=torch.float32,
    ):
        for name, value in (
            ('distance', distance),
            ('noise', noise),
            ('guesses', guesses),
        ):
            if not value > 0:
                raise UserValueError(
                    f'{name}: expected a number above 0, got {value}'
                )
        self.body = BodyModel() if body is None else body
        self.distance, self.noise = float(distance), float(noise)
        self.guesses = int(guesses)
        self.device, self.dtype = torch.device(device), dtype
        self.chain = KeypointChain(self.body, device, dtype)
        self.prior = PosePrior(device, dtype)
        self.first_guess = FirstGuess(self.chain, device, dtype)
        self.energy = FitEnergy(
            self.chain, self.prior, weights or EnergyWeights()
        )

    def __call__(self, keypoints, names=None, sizes=None, batch_size=256):
        """Fit.

        Args:
            keypoints (np.ndarray): (N, 18, 3) x, y in pixels and score; a
                joint of score 0 is missing, others count by their score (at
                most 1).
            names (Sequence[str], optional): Of the pictures. Defaults to
                0, 1, ...
            sizes (np.ndarray, optional): (N, 2) or (2,), height and width of
                the pictures: they are kept with the fits, and tell missing
                joints that are hidden from those outside.
            batch_size (int): How many to solve at once.

        Returns:
            BodyFits: N fits, in order. Where joints are too few, the body
            stands in its mean pose and ``success`` is False.

        Raises:
            ValueError: If the shapes are wrong or a joint is not finite.
        """
        keypoints = _checked(keypoints)
        count = len(keypoints)
        names = [str(n) for n in range(count)] if names is None else names
        if len(names) != count:
            raise UserValueError(f'names: expected {count}, got {len(names)}')
        sizes = np.zeros(2) if sizes is None else np.asarray(sizes)
        if sizes.shape not in ((2,), (count, 2)):
            raise UserValueError(
                f'sizes: expected (2,) or ({count}, 2), got {sizes.shape}'
            )
        fits = self._blank(names, np.broadcast_to(sizes, (count, 2)))
        there = keypoints[..., 2] > 0
        usable = np.flatnonzero(
            (there.sum(1) >= LEAST_JOINTS)
            & (there[:, _TORSO].sum(1) >= LEAST_TORSO)
            & _spread(keypoints)
        )
        for start in range(0, len(usable), batch_size):
            rows = usable[start : start + batch_size]
            self._fit(keypoints[rows], rows, fits)
        return fits

    def _blank(self, names, sizes):
        count, width = len(names), self.body.num_betas
        camera = np.tile(np.float32([1, 0, 0, self.distance]), (count, 1))
        return BodyFits(
            np.array(list(names), object),
            np.zeros((count, width), np.float32),
            np.zeros((count, 69), np.float32),
            np.zeros((count, 3), np.float32),
            camera,
            sizes.astype(np.int32),
            np.full((count, 18), np.nan, np.float32),
            np.full(count, np.nan, np.float32),
            np.zeros(count, bool),
            body_name(self.body),
        )

    @torch.no_grad()
    def _fit(self, keypoints, rows, fits):
        """Solve one batch, into the rows of ``fits``."""
        given = self._targets(keypoints)
        sizes = torch.tensor(
            fits.sizes[rows], dtype=self.dtype, device=self.device
        )
        state, energy = self._solve(add_hidden_arms(given, sizes))
        pixels = project(
            self.chain.keypoints(state), state.camera, given.inverse_distance
        )
        errors = (pixels - given.points).norm(dim=-1)
        errors[given.weights == 0] = torch.nan
        angles = state.angles.flatten(1)
        component = self.prior.energies(angles).argmin(1)
        pose = self.prior.complete(angles, component)
        arm = torch.as_tensor(ARM_JOINTS, device=self.device)
        fits.betas[rows] = _numpy(state.betas)
        fits.body_pose[rows] = _axis_angle(angle_rotations(pose, arm)).reshape(
            -1, 69
        )
        fits.global_orient[rows] = _axis_angle(state.orient)
        fits.camera[rows, 0] = _numpy(state.camera[:, 0].exp())
        fits.camera[rows, 1:3] = _numpy(state.camera[:, 1:])
        fits.errors[rows] = _numpy(errors)
        fits.energy[rows] = _numpy(energy)
        fits.success[rows] = _numpy(energy) < MOST_ENERGY

    def _targets(self, keypoints):
        """Keypoints on the device; sigma is not known yet."""
        given = torch.tensor(keypoints, dtype=self.dtype, device=self.device)
        weights = given[..., 2].clamp(0, 1) * torch.as_tensor(
            _JOINT_WEIGHTS, dtype=self.dtype, device=self.device
        )
        points = torch.where(weights[..., None] > 0, given[..., :2], 0)
        ones = points.new_ones(len(points))
        return Targets(points, weights, ones, ones / self.distance)

    def _solve(self, targets):
        """All stages; returns states and energies."""
        count, kept = len(targets.points), self.guesses
        state = self.first_guess(targets, kept)
        kept = len(state.orient) // count
        scale = state.camera[:, 0].exp().view(count, kept)[:, 0]
        targets = targets._replace(sigma=self.noise * scale)
        first = torch.arange(count, device=self.device)[:, None]
        for stage, steps, factor, survivors in _STAGES:
            own = targets.rows(first.expand(-1, kept).flatten())
            state, energy, spread = minimise(
                self.energy.relaxed(factor), state, own, stage, steps
            )
            survivors = min(survivors or kept, kept)
            best = (energy + spread).view(count, kept).topk(
                survivors, 1, largest=False
            ).indices + first * kept
            state = ChainState(*(part[best.flatten()] for part in state))
            kept = survivors
        return state, energy[best.flatten()]


def _checked(keypoints):
    keypoints = np.asarray(keypoints, np.float32)
    if keypoints.ndim != 3 or keypoints.shape[1:] != (18, 3):
        raise UserValueError(
            'keypoints: expected (N, 18, 3) of x, y, score, got '
            f'{keypoints.shape}'
        )
    there = keypoints[..., 2] > 0
    bad = np.argwhere(
        (there & ~np.isfinite(keypoints).all(2))
        | ~np.isfinite(keypoints[..., 2])
    )
    if len(bad):
        person, joint = bad[0]
        raise UserValueError(
            f'keypoints of person {person}: expected numbers, got '
            f'{keypoints[person, joint].tolist()} at joint {joint} '
            f'({SKELETONS["openpose18"].joints[joint]}); give a missing '
            'joint score 0'
        )
    return np.where(there[..., None], keypoints, np.float32(0))


def _spread(keypoints):
    """Whether joints are more than one spot: no scale fits a point."""
    missing = keypoints[..., 2:] == 0
    low = np.where(missing, np.inf, keypoints[..., :2]).min(1)
    high = np.where(missing, -np.inf, keypoints[..., :2]).max(1)
    return (high - low).max(1) > 1e-3


def _numpy(tensor):
    return tensor.cpu().numpy()


def _axis_angle(rotations):
    """(..., 3) float32 of (..., 3, 3) rotations."""
    flat = _numpy(rotations).reshape(-1, 3, 3)
    vectors = Rotation.from_matrix(flat).as_rotvec().astype(np.float32)
    return vectors.reshape(*rotations.shape[:-2], 3)
