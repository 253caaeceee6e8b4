"""Bodies for pictures: fit them to keypoints, keep them, project them."""

from .body_fits import BodyFits, body_name, load_fits, save_fits
from .body_fitter import BodyFitter
from .energy import EnergyWeights
from .projected_fits import FitProjector

__all__ = ['BodyFits', 'BodyFitter', 'EnergyWeights', 'FitProjector',
           'body_name', 'load_fits', 'save_fits']
