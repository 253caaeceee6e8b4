"""Bodies for pictures: fit them to keypoints, keep them, project them."""

from .body_fits import BodyFits, body_name, load_fits, save_fits
from .body_fitter import BodyFitter
from .energy import EnergyWeights
from .flow_synthesizer import FlowSynthesizer
from .hmr_files import read_hmr_fits
from .hmr_fits import fits_from_hmr, fits_from_paper
from .pair_fitter import FittedPairs, PairFitter
from .projected_fits import FitProjector

__all__ = [
    'BodyFits',
    'BodyFitter',
    'EnergyWeights',
    'FitProjector',
    'FittedPairs',
    'FlowSynthesizer',
    'PairFitter',
    'body_name',
    'fits_from_hmr',
    'fits_from_paper',
    'load_fits',
    'read_hmr_fits',
    'save_fits',
]
