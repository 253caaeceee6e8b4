"""Flow and visibility of pairs of poses, by bodies fitted to them."""

from collections import OrderedDict
from functools import cached_property
from typing import NamedTuple

import numpy as np

from mmposetransfer.errors import UserValueError
from mmposetransfer.structures.visibility import BACKGROUND

from ..flow_limits import extend_flow, hide_outside
from .body_fits import BodyFits
from .body_fitter import MOST_ENERGY, BodyFitter
from .flow_synthesizer import FlowSynthesizer

__all__ = ['FittedPairs', 'PairFitter']


#: Metres on the body over which colours stay much alike.
NEAR = 0.05


class FittedPairs(NamedTuple):
    """What bodies say of N pairs of poses.

    Attributes:
        flow (np.ndarray): (N, 2, H, W) float32 pixels, on the target grid.
        visibility (np.ndarray): (N, 1, H, W) uint8.
        twin_flow (np.ndarray): Likewise, of the mirror twin of the point that
            the target shows.
        twin_visibility (np.ndarray): Likewise.
        near_flow (np.ndarray): (N, 2, H, W), to the nearest point of the body
            that the reference shows, see :meth:`FlowSynthesizer.nearest`.
        near_trust (np.ndarray): (N, 1, H, W) float32 in [0, 1], how near it
            is: 1 for the point itself, 1/e for one at 5 cm, 0 off the body.
        surface (np.ndarray): (N, 2, H, W) uint8, place on the body's texture
            of what the target shows, see :meth:`FlowSynthesizer.surface`.
        trusted (np.ndarray): (N,) bool, whether both fits are to be trusted;
            where they are not, all is background and flow is 0.
        energy (np.ndarray): (N, 2) float32 of reference and target, see
            :class:`BodyFits`; NaN where joints were too few.
    """

    flow: np.ndarray
    visibility: np.ndarray
    twin_flow: np.ndarray
    twin_visibility: np.ndarray
    near_flow: np.ndarray
    near_trust: np.ndarray
    surface: np.ndarray
    trusted: np.ndarray
    energy: np.ndarray


class PairFitter:
    """Fits bodies to pairs of poses and relates their pictures.

    A pose that was fitted just now is not fitted again: a reference with
    many targets costs one fit. About 10 ms a pose in batches, 90 ms for a
    pose alone, and 10 ms a pair for flow at 256x256.

    Args:
        margin (float): How far flow goes on beyond the body's outline, as a
            share of the body's height.
        median (int): Side of the window of ``geometry.blur_visibility``; 0
            leaves visibility as it is.
        distance (float): Metres between camera and person, see
            :class:`BodyFitter`.
        noise (float): Metres by which joints usually miss, likewise. On
            joints with noise of 2 % of the height 0.025 is off by 7 % less,
            on true ones by 6 % more.
        cache (int): How many fits are kept, a kilobyte each.

    Raises:
        ValueError: If margin is negative.
    """

    def __init__(
        self, margin=0.0, median=0, distance=4.0, noise=0.015, cache=1024
    ):
        if not margin >= 0:
            raise UserValueError(
                'margin: expected a share of the height of at least 0, got '
                f'{margin}'
            )
        self.margin, self.median = margin, median
        self.distance, self.noise, self.cache = distance, noise, cache
        self._known = OrderedDict()

    @cached_property
    def fitter(self):
        """The body fitter, built when it is first needed."""
        return BodyFitter(distance=self.distance, noise=self.noise)

    def __getstate__(self):
        # Copies and processes that it is sent to build their own fitter.
        state = {k: v for k, v in self.__dict__.items() if k != 'fitter'}
        return dict(state, _known=OrderedDict())

    def fit(self, keypoints, size):
        """Bodies of poses.

        Args:
            keypoints (np.ndarray): (N, 18, 3) x, y, score; 0 is missing.
            size (tuple[int, int]): (height, width) of the pictures.

        Returns:
            BodyFits: N fits.

        Raises:
            ValueError: If the shape is wrong or a joint is not finite.
        """
        keypoints = np.asarray(keypoints, np.float32)
        # What a missing joint holds makes no other person of it.
        keypoints = np.where(keypoints[..., 2:] == 0, 0, keypoints)
        keys = [(pose.tobytes(), *size) for pose in keypoints]
        fits = {key: self._known.get(key) for key in keys}
        new = {k: row for row, k in enumerate(keys) if fits[k] is None}
        if new:
            found = self.fitter(keypoints[list(new.values())], sizes=size)
            fits |= {key: found[row] for row, key in enumerate(new)}
        for key, fit in fits.items():
            self._known[key] = fit
            self._known.move_to_end(key)
        while len(self._known) > self.cache:
            self._known.popitem(last=False)
        return BodyFits.concatenate([fits[key] for key in keys])

    def __call__(self, ref_keypoints, tgt_keypoints, size, ref_share=None):
        """Flow and visibility of pairs.

        Args:
            ref_keypoints (np.ndarray): (N, 18, 3) x, y, score; 0 is missing.
            tgt_keypoints (np.ndarray): Likewise.
            size (tuple[int, int]): (height, width) of the pictures: a point
                outside of the reference's is invisible.
            ref_share (np.ndarray, optional): (N, 1, H, W) in [0, 1], share
                of the person in each pixel of the reference: a point that
                lies off the person is invisible.

        Returns:
            FittedPairs: N of them.

        Raises:
            ValueError: If a shape is wrong or a joint is not finite.
        """
        count, size = len(ref_keypoints), tuple(map(int, size))
        poses = np.concatenate([ref_keypoints, tgt_keypoints])
        fits = self.fit(poses, size)
        trusted = fits.success.reshape(2, count).all(0)
        result = _nothing(count, size)._replace(
            trusted=trusted, energy=fits.energy.reshape(2, count).T
        )
        first = _first_rows(poses)
        synthesize = FlowSynthesizer(
            fits, self.fitter.body, median=self.median
        )
        for n in np.flatnonzero(trusted):
            ref, tgt = first[n], first[count + n]
            share = None if ref_share is None else ref_share[n]
            margin = self._margin(fits, tgt)
            for pair, flow, visibility in (
                (synthesize(ref, tgt), result.flow, result.visibility),
                (
                    synthesize.twins(ref, tgt),
                    result.twin_flow,
                    result.twin_visibility,
                ),
            ):
                flow[n] = extend_flow(*pair, margin)
                visibility[n] = (
                    pair[1] if share is None else hide_outside(*pair, share)
                )
            result.near_flow[n], metres = synthesize.nearest(ref, tgt, share)
            result.near_trust[n] = np.exp(-metres / NEAR)
            result.surface[n] = synthesize.surface(tgt)
        return result

    def _margin(self, fits, row):
        """In pixels of a picture."""
        rest = self.fitter.body.smpl.v_template[:, 1]
        height = float(rest.max() - rest.min())
        return self.margin * height * fits.camera[row, 0]


def distrust(energy):
    """Why a fit is not trusted, in words.

    Args:
        energy (float): Of :class:`BodyFits`.

    Returns:
        str: The reason.
    """
    if np.isnan(energy):
        return 'too few joints, or none of the trunk'
    return f'energy {energy:.0f}, trusted below {MOST_ENERGY:.0f}'


def _first_rows(poses):
    """For each pose the first that is equal: it is posed and drawn once."""
    first = {}
    keys = [pose.tobytes() for pose in poses]
    for row, key in enumerate(keys):
        first.setdefault(key, row)
    return [first[key] for key in keys]


def _nothing(count, size):
    """Background everywhere."""
    flow = np.zeros((count, 2, *size), np.float32)
    visibility = np.full((count, 1, *size), BACKGROUND, np.uint8)
    return FittedPairs(
        flow,
        visibility,
        flow.copy(),
        visibility.copy(),
        flow.copy(),
        np.zeros((count, 1, *size), np.float32),
        np.zeros((count, 2, *size), np.uint8),
        np.zeros(count, bool),
        np.full((count, 2), np.nan, np.float32),
    )
