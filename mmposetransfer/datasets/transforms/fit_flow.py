"""Flow of bodies fitted to the poses of a pair, beside the true one."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from mmcv.transforms import BaseTransform

from mmposetransfer.errors import UserKeyError
from mmposetransfer.geometry.fitting.pair_fitter import PairFitter
from mmposetransfer.registry import TRANSFORMS

from .poses import target_size

__all__ = ['FitFlow']


@TRANSFORMS.register_module()
class FitFlow(BaseTransform):
    """Fit bodies to the poses of a pair, as :class:`FittedFlow` does.

    The model then need not: training costs nothing more where what this
    makes is kept. About 0.1 s a pair, so that a cache pays. Comes after what
    changes the poses, such as an estimator's noise; nothing in it is left to
    chance. Requires ``ref_keypoints``, ``tgt_keypoints`` and a picture or
    map of the target; pictures are of one size.

    Adds ``fit_flow`` (2, H, W), ``fit_visibility`` (1, H, W), of the mirror
    twins ``twin_flow`` and ``twin_visibility``, and ``near_flow`` (2, H, W)
    and ``near_trust`` (1, H, W) of the nearest points that are shown. A pair
    whose fits are not trusted has background everywhere. What lies beside
    ``ref_person``, where the pair has it, is not shown; ``ref_frame`` limits
    what is visible in the model.

    Args:
        margin (float): How far flow goes on beyond the body's outline, as a
            share of the body's height; see :class:`FittedFlow`.
        median (int): Side of the window of ``geometry.blur_visibility``; 0
            leaves visibility as it is.
        distance (float): Metres between camera and person, see
            :class:`BodyFitter`.
        noise (float): Metres by which joints usually miss, likewise. On
            joints with noise of 2 % of the height 0.025 is off by 7 % less,
            on true ones by 6 % more.
        surface (bool): Whether to add ``tgt_surface`` (2, H, W), where on the
            body each pixel of the target lies. Pairs that have it are not
            mirrored any more.

    Raises:
        ValueError: If margin is negative.
    """

    def __init__(
        self,
        margin: float = 0.03,
        median: int = 0,
        distance: float = 4.0,
        noise: float = 0.015,
        surface: bool = False,
    ) -> None:
        self.surface = surface
        self.fit = PairFitter(margin, median, distance, noise, cache=256)

    def prepare(self, pairs: Sequence[dict]) -> None:
        """Fit the bodies of pairs to come together, in half the time.

        Args:
            pairs (Sequence[dict]): As :meth:`transform` will get them, up to
                128; of those without poses it will complain.
        """
        by_size = defaultdict(list)
        for pair in pairs:
            poses = pair.get('ref_keypoints'), pair.get('tgt_keypoints')
            if all(pose is not None for pose in poses):
                by_size[tuple(target_size(pair))] += poses
        for size, poses in by_size.items():
            self.fit.fit(np.stack(poses), size)

    def transform(self, results: dict) -> dict:
        """Add the flow of the pair's fits.

        Raises:
            KeyError: If the pair has no poses.
        """
        ref_pose = results.get('ref_keypoints')
        tgt_pose = results.get('tgt_keypoints')
        if ref_pose is None or tgt_pose is None:
            raise UserKeyError(
                "FitFlow needs 'ref_keypoints' and 'tgt_keypoints' of the "
                f'pair {results.get("ref_id")} -> {results.get("tgt_id")}: '
                'give the dataset a file of keypoints.'
            )
        share = results.get('ref_person')
        fitted = self.fit(
            ref_pose[None],
            tgt_pose[None],
            target_size(results),
            None if share is None else np.asarray(share)[None],
        )
        more = dict(tgt_surface=fitted.surface[0]) if self.surface else {}
        return dict(
            results,
            **more,
            fit_flow=fitted.flow[0],
            fit_visibility=fitted.visibility[0],
            twin_flow=fitted.twin_flow[0],
            twin_visibility=fitted.twin_visibility[0],
            near_flow=fitted.near_flow[0],
            near_trust=fitted.near_trust[0],
        )
