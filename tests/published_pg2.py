"""PG2 as published: names and shapes of variables, and functions of them.

Names are those of the checkpoints of
github.com/charliememory/Pose-Guided-Person-Image-Generation, which TensorFlow
gives; axes are TensorFlow's, too: pictures are (N, H, W, C) here.
"""

import torch
import torch.nn.functional as F

__all__ = ['DEEPFASHION', 'MARKET', 'generators', 'shapes']

DEEPFASHION = dict(hidden=128, levels=6, size=(8, 8), finest=True)
MARKET = dict(hidden=128, levels=5, size=(8, 4), finest=False)


class _Scope:
    """Names of layers in a scope, which are counted."""

    def __init__(self, scope):
        self.scope, self.made = scope, {}

    def next(self, kind):
        count = self.made[kind] = self.made.get(kind, -1) + 1
        return (
            f'{self.scope}/{kind}_{count}' if count else f'{self.scope}/{kind}'
        )


class _Shapes(_Scope):
    """Collects shapes in place of features, which are their channels."""

    def __init__(self, scope):
        super().__init__(scope)
        self.found = {}

    def conv(self, x, channels, size=3, stride=1, active=True):
        name = self.next('Conv')
        self.found[f'{name}/weights'] = (size, size, x, channels)
        self.found[f'{name}/biases'] = (channels,)
        return channels

    def linear(self, x, outputs):
        name = self.next('fully_connected')
        self.found[f'{name}/weights'] = (x, outputs)
        self.found[f'{name}/biases'] = (outputs,)
        return outputs

    def flat(self, x, size):
        return x * size[0] * size[1]

    def maps(self, x, size):
        return x // (size[0] * size[1])

    def add(self, x, y):
        return x

    def joined(self, x, y):
        return x + y

    def larger(self, x):
        return x


class _Values(_Scope):
    """Computes, with the variables of a state dict."""

    def __init__(self, scope, state):
        super().__init__(scope)
        self.state = state

    def named(self, kind):
        name = self.next(kind)
        return self.state[f'{name}/weights'], self.state[f'{name}/biases']

    def conv(self, x, channels, size=3, stride=1, active=True):
        weight, bias = self.named('Conv')
        x = x.permute(0, 3, 1, 2)
        borders = []
        for length in reversed(x.shape[2:]):  # padding='SAME'
            total = max((-(-length // stride) - 1) * stride + size - length, 0)
            borders += [total // 2, total - total // 2]
        x = F.conv2d(
            F.pad(x, borders), weight.permute(3, 2, 0, 1), bias, stride
        )
        return (x.relu() if active else x).permute(0, 2, 3, 1)

    def linear(self, x, outputs):
        weight, bias = self.named('fully_connected')
        return x @ weight + bias

    def flat(self, x, size):
        return x.reshape(len(x), -1)

    def maps(self, x, size):
        return x.reshape(len(x), *size, -1)

    def add(self, x, y):
        return x + y

    def joined(self, x, y):
        return torch.cat([x, y], -1)

    def larger(self, x):
        return x.repeat_interleave(2, 1).repeat_interleave(2, 2)


def _channels(x):
    return x if isinstance(x, int) else x.shape[-1]


def _coarse(at, x, hidden, levels, size, code):
    """G1, of an image beside a pose."""
    x, skips = at.conv(x, hidden), []
    for i in range(levels):
        width = hidden * (i + 1)
        x = at.add(at.conv(at.conv(x, width), width), x)
        skips.append(x)
        if i < levels - 1:
            x = at.conv(x, width + hidden, stride=2)
    x = at.linear(at.flat(x, size), code)
    x = at.maps(at.linear(x, size[0] * size[1] * hidden), size)
    for i in reversed(range(levels)):
        x = at.joined(x, skips[i])
        width = _channels(x)
        x = at.add(at.conv(at.conv(x, width), width), x)
        if i:
            x = at.conv(at.larger(x), hidden * i, size=1)
    return at.conv(x, 3, active=False)


def _refine(at, x, hidden, levels, finest):
    """G2, of the coarse picture beside the reference."""
    x, skips = at.conv(x, hidden), []
    for i in range(levels):
        width = hidden * (i + 1)
        x = at.conv(at.conv(x, width), width)
        skips.append(x)
        if i < levels - 1:
            x = at.conv(x, width, stride=2)
    for i in reversed(range(levels)):
        if i or finest:
            x = at.joined(x, skips[i])
        x = at.conv(at.conv(x, hidden), hidden)
        x = at.larger(x) if i else x
    return at.conv(x, 3, active=False)


def shapes(hidden, levels, size, finest, code=64):
    """Names and shapes of the variables of both generators."""
    coarse, refine = _Shapes('Pose_AE/G'), _Shapes('UAEnoFC/G')
    _coarse(coarse, 3 + 18, hidden, levels, size, code)
    _refine(refine, 3 + 3, hidden, levels - 2, finest)
    return coarse.found | refine.found


def generators(
    state, ref_img, tgt_pose, hidden, levels, size, finest, code=64
):
    """The coarse picture and what it lacks, both (N, H, W, 3)."""
    x = torch.cat([ref_img, tgt_pose], -1)
    coarse = _coarse(
        _Values('Pose_AE/G', state), x, hidden, levels, size, code
    )
    x = torch.cat([coarse, ref_img], -1)
    at = _Values('UAEnoFC/G', state)
    return coarse, _refine(at, x, hidden, levels - 2, finest)
