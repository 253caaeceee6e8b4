"""Flow and visibility of pairs of fitted pictures, from the fits alone."""

from collections import OrderedDict

from ..correspondence import RULES, correspond, part_map
from ..rasterizer import rasterize
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
        fits (BodyFits): The people.
        body (BodyModel, optional): The body that was fitted. Defaults to the
            free body.
        size (tuple[int, int], optional): (height, width) of all pictures.
            Defaults to those of ``fits.sizes``.
        rule (str): ``'depth'`` or ``'face'``; see ``geometry.correspond``.
        median (int): Side of the window of ``geometry.blur_visibility``; 0
            leaves visibility as it is.
        cache (int): How many posed bodies are kept, 0.1 MB each.

    Raises:
        ValueError: If the fits are of another body, or the rule is unknown.
    """

    def __init__(self, fits, body=None, size=None, rule='depth', median=0,
                 cache=256):
        if rule not in RULES:
            raise ValueError(f'rule: expected one of {RULES}, got {rule!r}')
        self.fits, self.rule, self.median = fits, rule, median
        self.projector = FitProjector(body)
        self.projector.check(fits)
        self.size = None if size is None else tuple(map(int, size))
        self._bodies = _Recent(cache)
        self._rasters = _Recent(8)

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
        flow, visibility = correspond(
            self.raster(tgt), self.vertices(ref), self.projector.faces,
            self.size_of(ref), self.rule,
            ref_raster=self.raster(ref) if self.rule == 'face' else None)
        if self.median:
            visibility = blur_visibility(visibility, self.median)
        return flow, visibility

    def parts(self, row):
        """(H, W) uint8, the body parts that a picture shows; 0 is none."""
        return part_map(self.raster(row), self.projector.face_parts)

    def size_of(self, row):
        """(height, width) of a picture."""
        size = self.size or tuple(map(int, self.fits.sizes[row]))
        if min(size) < 1:
            raise ValueError(
                f'the size of the picture {self.fits.names[row]!r} is not '
                'known: its fit does not say it, so it has to be given')
        return size

    def vertices(self, row):
        """(V, 3) float32 vertices as a picture shows them."""
        return self._bodies.get(row, self._pose)

    def raster(self, row):
        """The picture of a body; see ``geometry.rasterize``."""
        return self._rasters.get(row, self._draw)

    def _pose(self, row):
        return self.projector(self.fits, [row])[0]

    def _draw(self, row):
        return rasterize(self.vertices(row), self.projector.faces,
                         self.size_of(row))


class _Recent:
    """The values of the keys that were asked for last."""

    def __init__(self, count):
        self.count, self.values = count, OrderedDict()

    def get(self, key, make):
        if key in self.values:
            self.values.move_to_end(key)
            return self.values[key]
        value = self.values[key] = make(key)
        while len(self.values) > self.count:
            self.values.popitem(last=False)
        return value
