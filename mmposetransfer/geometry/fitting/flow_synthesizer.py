"""Flow and visibility of pairs of fitted pictures, from the fits alone."""

from functools import lru_cache

import numpy as np

from mmposetransfer.errors import UserValueError

from ..correspondence import RULES, correspond, part_map
from ..flow_continuation import close_tears, continue_flow
from ..mirror_twins import mirror_twins
from ..nearest_shown import (
    nearest_shown,
    shown_inside,
    shown_through,
    shown_vertices,
)
from ..rasterizer import rasterize
from ..texture_places import texture_places
from ..visibility_blur import blur_visibility
from .projected_fits import FitProjector

__all__ = ['FlowSynthesizer']


class FlowSynthesizer:
    """Makes the ground truth of pairs; who was posed just now is not again.

    Bodies that were posed and targets that were drawn are kept for the pairs
    to come, so that pairs sorted by their targets, people together, cost
    little more than their correspondence. What a pair gets depends on its
    two fits alone, not on what came before.

    Args:
        fits (BodyFits): The people, with the sizes of their pictures.
        body (BodyModel, optional): The body that was fitted. Defaults to the
            free body.
        rule (str): ``'depth'`` or ``'face'``; see ``geometry.correspond``.
        median (int): Side of the window of ``geometry.blur_visibility``; 0
            leaves visibility as it is.
        cache (int): How many posed bodies are kept, 0.1 MB each.

    Raises:
        ValueError: If the fits are of another body, or the rule is unknown.
    """

    def __init__(self, fits, body=None, rule='depth', median=0, cache=256):
        if rule not in RULES:
            raise UserValueError(
                f'rule: expected one of {RULES}, got {rule!r}'
            )
        self.fits, self.rule, self.median = fits, rule, median
        self.projector = FitProjector(body)
        self.projector.check(fits)
        self._cache = cache
        self._begin_caches()

    def _begin_caches(self):
        self._posed = lru_cache(self._cache)(self._pose)
        self._drawn = lru_cache(8)(self._draw)
        self._found = lru_cache(self._cache)(self._find_keypoints)

    def __getstate__(self):
        # Processes that a copy is sent to pose the people they need.
        cached = ('_posed', '_drawn', '_found')
        return {k: v for k, v in self.__dict__.items() if k not in cached}

    def __setstate__(self, state):
        self.__dict__.update(state)
        self._begin_caches()

    def __call__(self, ref, tgt):
        """The truth of a pair.

        Args:
            ref (int): Row of the reference among the fits.
            tgt (int): Row of the target.

        Returns:
            tuple[np.ndarray, np.ndarray]: Flow (2, H, W) float32 in pixels
            and visibility (1, H, W) uint8, on the target grid.

        Raises:
            ValueError: If a size is not known, or a body is not finite.
        """
        shown = self.raster(ref) if self.rule == 'face' else None
        return self._correspond(ref, tgt, self.vertices(ref), shown)

    def twins(self, ref, tgt):
        """Where the reference has the mirror twin of what the target shows.

        The body with each vertex at the place of its twin is the same
        surface, hence the twins' flow is the flow to that body.

        Args:
            ref (int): Row of the reference among the fits.
            tgt (int): Row of the target.

        Returns:
            tuple[np.ndarray, np.ndarray]: As of a call; visible is what the
            reference shows the twin of.

        Raises:
            ValueError: As of a call.
        """
        vertices = self.vertices(ref)[mirror_twins(self.projector.body)]
        return self._correspond(ref, tgt, vertices)

    def nearest(self, ref, tgt, share=None):
        """Where the reference shows what is nearest to the target's points.

        Flow leads to the point itself where the reference shows it, or the
        same body part in its place, as the back of a shirt before the front;
        else on as around it, while that leads to the same body part
        (``geometry.continue_flow``); else to the nearest point of the body,
        or mirror twin of one, that it shows (``geometry.nearest_shown``).

        Args:
            ref (int): Row of the reference among the fits.
            tgt (int): Row of the target.
            share (np.ndarray, optional): (1, H, W) in [0, 1], how much of
                each pixel of the reference is the person's.

        Returns:
            tuple[np.ndarray, np.ndarray]: Flow (2, H, W) float32 in pixels on
            the target grid, and (1, H, W) float32 metres on the body between
            the two points: infinite off the body, and where nothing is shown.

        Raises:
            ValueError: As of a call.
        """
        body, faces = self.projector.body, self.projector.faces
        vertices, raster = self.vertices(ref), self.raster(tgt)
        shown = shown_vertices(vertices, faces, self.size_of(ref), share)
        sources = (
            None if share is None else shown_inside(vertices, shown, share)
        )
        index, metres = nearest_shown(
            body.smpl.v_template.numpy(), shown, sources
        )
        stays = shown | shown_through(
            vertices, body.part_labels, self.parts(ref), share
        )
        places = np.where(stays[:, None], vertices, vertices[index])
        flow, _ = self._correspond(ref, tgt, places)
        corners, on_body = faces[raster.face], raster.face >= 0
        parts = self.parts(tgt)
        flow = continue_flow(
            flow,
            on_body & stays[corners].all(-1),
            parts,
            self.parts(ref),
            share,
        )
        flow = close_tears(flow, parts)
        distance = (metres[corners] * raster.bary).sum(-1)
        return flow, np.where(on_body, distance, np.inf)[None].astype(
            np.float32
        )

    def _correspond(self, ref, tgt, ref_vertices, ref_raster=None):
        flow, visibility = correspond(
            self.raster(tgt),
            ref_vertices,
            self.projector.faces,
            self.size_of(ref),
            self.rule,
            ref_raster=ref_raster,
        )
        if self.median:
            visibility = blur_visibility(visibility, self.median)
        return flow, visibility

    def parts(self, row):
        """(H, W) uint8, the body parts that a picture shows; 0 is none."""
        return part_map(self.raster(row), self.projector.face_parts)

    def surface(self, row):
        """Where on the body's texture each pixel of a picture lies.

        Args:
            row (int): Which.

        Returns:
            np.ndarray: (2, H, W) uint8 column and row of a texture of
            256x256; 0 and 0 off the body.

        Raises:
            ValueError: If the body has no texture coordinates.
        """
        return texture_places(self.raster(row), self.projector.body)

    def keypoints(self, row):
        """The joints of a body as its picture shows them.

        The flow regressor learns from these: they agree with the flow even
        where the fit does not agree with the photograph (Sec. 3.3).

        Args:
            row (int): Which.

        Returns:
            np.ndarray: (18, 3) float32 x, y and score: 1, or 0 outside of the
            picture.

        Raises:
            ValueError: If it is not known where this body's face is.
        """
        return self._found(row).copy()

    def size_of(self, row):
        """(height, width) of a picture."""
        size = tuple(map(int, self.fits.sizes[row]))
        if min(size) < 1:
            raise UserValueError(
                f'the size of the picture {self.fits.names[row]!r} is not '
                'known: its fit does not say it, so it has to be given'
            )
        return size

    def vertices(self, row):
        """(V, 3) float32 vertices as a picture shows them."""
        return self._posed(row)

    def raster(self, row):
        """The picture of a body; see ``geometry.rasterize``."""
        return self._drawn(row)

    def _pose(self, row):
        return self.projector(self.fits, [row])[0]

    def _draw(self, row):
        return rasterize(
            self.vertices(row), self.projector.faces, self.size_of(row)
        )

    def _find_keypoints(self, row):
        body, fits = self.projector.body, self.fits
        posed = body.pose(
            fits.betas[row], fits.body_pose[row], fits.global_orient[row]
        )
        points = fits.camera_of(row).project(body.keypoints(posed)[0])
        height, width = self.size_of(row)
        x, y = points[:, 0], points[:, 1]
        points[:, 2] = (
            (x >= 0) & (y >= 0) & (x <= width - 1) & (y <= height - 1)
        )
        return points.astype(np.float32)
