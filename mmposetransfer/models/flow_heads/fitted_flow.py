"""Flow by bodies fitted to the two poses, in place of a network's."""

import logging

import numpy as np
import torch
import torch.nn.functional as F
from mmengine.logging import print_log
from torch import nn

from mmposetransfer.geometry.fitting.body_fitter import MOST_ENERGY
from mmposetransfer.geometry.fitting.pair_fitter import PairFitter, distrust
from mmposetransfer.geometry.flow_limits import hide_outside
from mmposetransfer.registry import MODELS
from mmposetransfer.structures.visibility import BACKGROUND

from ..canvas import Canvas
from .flow_regressor import FlowPrediction

__all__ = ['FittedFlow']

_FIELDS = (
    'fit_flow',
    'fit_visibility',
    'twin_flow',
    'twin_visibility',
    'near_flow',
    'near_trust',
)
# Some models need it, so that some pairs bring it along.
_SURFACE = 'tgt_surface'
# Logits of the class that a body says: the softmax gives it 0.99.
_SURE = 6.0


@MODELS.register_module()
class FittedFlow(nn.Module):
    """Fits bodies to both poses: flow and visibility without training.

    Goes where a :class:`FlowRegressor` goes and learns nothing. What it
    predicts lies in the frame of the reference (without the border that was
    added to it) and, where ``ref_person`` is known, on the person. Bodies are
    fitted to the pictures as they are given, not as they are stretched for
    the networks. Pairs that bring flow of fits along (the transform
    ``FitFlow``) are not fitted again. Computes on the CPU, 40 ms a pair of
    256x256 in batches of 8.

    Where a fit is not trusted, it says so in the log, and ``fallback`` is
    asked; without one, the pair is background everywhere: nothing is copied.

    Args:
        margin (float): How far flow goes on beyond the body's outline, as a
            share of the body's height. There visibility is background and
            flow that of the nearest surface. Defaults to what holds nine
            tenths of SynthFashion's clothes and hair beside the body.
        median (int): Side of the window of ``geometry.blur_visibility``; 0
            leaves visibility as it is.
        distance (float): Metres between camera and person, see
            :class:`BodyFitter`.
        noise (float): Metres by which joints usually miss, likewise. On
            joints with noise of 2 % of the height 0.025 is off by 7 % less,
            on true ones by 6 % more.
        fallback (dict, optional): Config of another flow regressor. Weights
            of a model whose regressor is of that kind can be loaded as they
            are.
        flow_scale (float): Unit of ``full``, see :class:`FlowPrediction`.
        cache (int): How many fits are kept, a kilobyte each.

    Raises:
        ValueError: If margin is negative.
    """

    #: No stage of training may name it.
    learns = False
    inputs = ('ref_keypoints', 'tgt_keypoints', 'size')

    def __init__(
        self,
        margin=0.03,
        median=0,
        distance=4.0,
        noise=0.015,
        fallback=None,
        flow_scale=0.05,
        cache=1024,
    ):
        super().__init__()
        self.fit = PairFitter(margin, median, distance, noise, cache)
        self.fallback = None if fallback is None else MODELS.build(fallback)
        self.flow_scale = flow_scale

    @property
    def optional_inputs(self):
        """What is used where it is there, and what the fallback asks for."""
        asked = () if self.fallback is None else self.fallback.inputs
        limits = ('canvas', 'ref_person', 'ref_frame')
        return (*limits, *_FIELDS, _SURFACE, *asked)

    def _load_from_state_dict(self, state_dict, prefix, *args):
        # A trained regressor's weights are the fallback's.
        if self.fallback is not None:
            inner = f'{prefix}fallback.'
            for key in [k for k in state_dict if k.startswith(prefix)]:
                if not key.startswith(inner):
                    new = inner + key[len(prefix) :]
                    state_dict[new] = state_dict.pop(key)
        super()._load_from_state_dict(state_dict, prefix, *args)

    @torch.no_grad()
    def forward(self, ref_keypoints, tgt_keypoints, size, **known):
        """Predict flow and visibility.

        Args:
            ref_keypoints (Tensor): (N, 18, 3) x, y, score.
            tgt_keypoints (Tensor): (N, 18, 3).
            size (tuple[int, int]): (height, width) of the canvas.
            **known: Where they are known: ``canvas``, the :class:`Canvas`
                that the pictures lie on; ``ref_person`` and ``ref_frame``,
                soft maps (N, 1, H, W), to which visible points are limited;
                the fields of the transform ``FitFlow``; inputs of the
                fallback.

        Returns:
            FlowPrediction: Also with twins and ``trusted``.
        """
        if all(name in known for name in _FIELDS):
            maps = {name: known[name] for name in _FIELDS}
            maps[_SURFACE] = known.get(_SURFACE)
            trusted = (maps['fit_visibility'] != BACKGROUND).flatten(1).any(1)
        else:
            maps, trusted = self._fitted(
                ref_keypoints, tgt_keypoints, size, known
            )
        maps = self._limited(maps, known)
        logits = _SURE * F.one_hot(
            maps['fit_visibility'][:, 0].long(), BACKGROUND + 1
        ).movedim(-1, 1).to(maps['fit_flow'].dtype)
        prediction = FlowPrediction(
            maps['fit_flow'],
            maps['fit_visibility'],
            logits,
            [],
            maps['fit_flow'] * self.flow_scale,
            maps['twin_flow'],
            maps['twin_visibility'],
            maps['near_flow'],
            maps['near_trust'],
            maps[_SURFACE],
            trusted,
        )
        if self.fallback is None or trusted.all():
            return prediction
        return self._fall_back(prediction, known)

    def _fitted(self, ref_keypoints, tgt_keypoints, size, known):
        """The fields by fits, and which pairs are trusted."""
        canvas = known.get('canvas') or Canvas.of(tuple(size))
        given = dict(ref_keypoints=ref_keypoints, tgt_keypoints=tgt_keypoints)
        if known.get('ref_person') is not None:
            given['ref_person'] = known['ref_person']
        given = {k: _numpy(v) for k, v in canvas.restore(given).items()}
        fitted = self.fit(
            given['ref_keypoints'],
            given['tgt_keypoints'],
            canvas.pictures,
            given.get('ref_person'),
        )
        if not fitted.trusted.all():
            self._warn(fitted)
        device = ref_keypoints.device
        maps = {
            name: torch.from_numpy(values).to(device)
            for name, values in zip((*_FIELDS, _SURFACE), fitted, strict=False)
        }
        return canvas.place(maps), torch.from_numpy(fitted.trusted).to(device)

    def _warn(self, fitted):
        doubts = [
            f'{side} of pair {pair}: {distrust(energy)}'
            for pair in np.flatnonzero(~fitted.trusted)
            for side, energy in zip(
                ('reference', 'target'), fitted.energy[pair], strict=True
            )
            if not energy < MOST_ENERGY
        ]
        then = (
            'nothing of these pairs is copied'
            if self.fallback is None
            else f'{type(self.fallback).__name__} predicts their flow'
        )
        print_log(
            f'Bodies that are not to be trusted, in a batch of '
            f'{len(fitted.trusted)} ({"; ".join(doubts)}): {then}.',
            'current',
            logging.WARNING,
        )

    def _limited(self, maps, known):
        """Visible points lie on the person, in the photograph."""
        shares = [
            _numpy(known[name])
            for name in ('ref_person', 'ref_frame')
            if known.get(name) is not None
        ]
        if not shares:
            return maps
        maps, share = dict(maps), np.minimum.reduce(shares)
        for name in ('fit', 'twin'):
            flow = _numpy(maps[f'{name}_flow'])
            visibility = maps[f'{name}_visibility']
            limited = map(hide_outside, flow, _numpy(visibility), share)
            maps[f'{name}_visibility'] = torch.from_numpy(
                np.stack(list(limited))
            ).to(visibility.device)
        return maps

    def _fall_back(self, prediction, known):
        """The fallback's prediction for the pairs that are not trusted."""
        rows = ~prediction.trusted
        other = self.fallback(
            *(known[name][rows] for name in self.fallback.inputs)
        )
        mixed = {}
        for name in ('flow', 'visibility', 'logits'):
            value = getattr(prediction, name).clone()
            value[rows] = getattr(other, name).to(value.dtype)
            mixed[name] = value
        return prediction._replace(
            **mixed, full=mixed['flow'] * self.flow_scale
        )


def _numpy(tensor):
    return tensor.detach().cpu().numpy()
