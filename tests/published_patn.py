"""PATN as published: names and shapes, and functions of state dicts.

Names are those of the files of github.com/tengteng95/Pose-Transfer; layers are
called one by one by these names, without modules of ours.
"""

import re

import torch
import torch.nn.functional as F

__all__ = ['discriminator', 'discriminator_shapes', 'generator', 'shapes']


def _norm(name, channels, norm):
    """Of torch 0.3, which stores statistics of InstanceNorm, too."""
    learnt = ('weight', 'bias') if norm == 'batch' else ()
    return {
        f'{name}.{key}': (channels,)
        for key in (*learnt, 'running_mean', 'running_var')
    }


def _conv(name, out, inputs, size, norm):
    bias = {f'{name}.bias': (out,)} if norm == 'instance' else {}
    return {f'{name}.weight': (out, inputs, size, size)} | bias


def _down(name, inputs, ngf, levels, norm):
    out = _conv(f'{name}.1', ngf, inputs, 7, norm)
    out |= _norm(f'{name}.2', ngf, norm)
    for i in range(levels):
        c = ngf * 2**i
        out |= _conv(f'{name}.{4 + 3 * i}', 2 * c, c, 3, norm)
        out |= _norm(f'{name}.{5 + 3 * i}', 2 * c, norm)
    return out


def _block(name, inputs, c, norm, dropout, last):
    second = 6 if dropout else 5
    out = _conv(f'{name}.1', inputs, inputs, 3, norm)
    out |= _norm(f'{name}.2', inputs, norm)
    out |= _conv(f'{name}.{second}', c, inputs, 3, norm)
    return out | (_norm(f'{name}.{second + 1}', c, norm) if last else {})


def shapes(ngf=64, levels=2, blocks=9, norm='instance', dropout=True):
    """Names and shapes of netG."""
    c = ngf * 2**levels
    out = _down('model.stream1_down', 3, ngf, levels, norm)
    out |= _down('model.stream2_down', 36, ngf, levels, norm)
    for i in range(blocks):
        name = f'model.att.{i}.conv_block_stream'
        out |= _block(f'{name}1', c, c, norm, dropout, last=True)
        pose = 2 * c if i else c
        out |= _block(f'{name}2', pose, c, norm, dropout, last=False)
    for i in range(levels):
        half, up = c // 2 ** (i + 1), f'model.stream1_up.{3 * i}'
        out |= {
            key: (2 * half, half, 3, 3) if key.endswith('weight') else shape
            for key, shape in _conv(up, half, 2 * half, 3, norm).items()
        }
        out |= _norm(f'model.stream1_up.{3 * i + 1}', half, norm)
    head = f'model.stream1_up.{3 * levels + 1}'
    return out | {f'{head}.weight': (3, ngf, 7, 7), f'{head}.bias': (3,)}


def discriminator_shapes(
    inputs=6, ndf=64, levels=2, blocks=3, norm='instance', dropout=True
):
    """Names and shapes of netD_PP (6 inputs) and netD_PB (21)."""
    c, first = ndf * 2**levels, 4 + 3 * levels
    out = _down('model', inputs, ndf, levels, norm)
    for i in range(first, first + blocks):
        name = f'model.{i}.conv_block'
        out |= _block(name, c, c, norm, dropout, last=True)
    return out


class _Layers:
    """The layers of a state dict, by their names."""

    def __init__(self, state):
        self.state = state
        self.batch = any(
            key.endswith('weight') and value.ndim == 1
            for key, value in state.items()
        )

    def conv(self, name, x, border=0, **kwargs):
        if border:
            x = F.pad(x, 4 * (border,), mode='reflect')
        weight = self.state[f'{name}.weight']
        return F.conv2d(x, weight, self.state.get(f'{name}.bias'), **kwargs)

    def up(self, name, x):
        weight = self.state[f'{name}.weight']
        bias = self.state.get(f'{name}.bias')
        return F.conv_transpose2d(
            x, weight, bias, stride=2, padding=1, output_padding=1
        )

    def norm(self, name, x):
        if not self.batch:
            centred = x - x.mean((2, 3), keepdim=True)
            variance = (centred**2).mean((2, 3), keepdim=True)
            return centred / (variance + 1e-5).sqrt()
        keys = ('running_mean', 'running_var', 'weight', 'bias')
        mean, variance, weight, bias = (
            self.state[f'{name}.{key}'].view(-1, 1, 1) for key in keys
        )
        return (x - mean) / (variance + 1e-5).sqrt() * weight + bias

    def down(self, name, x):
        x = self.norm(f'{name}.2', self.conv(f'{name}.1', x, 3)).relu()
        i = 4
        while self.state.get(f'{name}.{i}.weight') is not None:
            x = self.conv(f'{name}.{i}', x, stride=2, padding=1)
            x = self.norm(f'{name}.{i + 1}', x).relu()
            i += 3
        return x, i

    def block(self, name, x, last):
        x = self.norm(f'{name}.2', self.conv(f'{name}.1', x, 1)).relu()
        weights = [
            int(re.match(rf'{re.escape(name)}\.(\d+)\.weight', key)[1])
            for key, value in self.state.items()
            if key.startswith(f'{name}.')
            and key.endswith('weight')
            and value.ndim == 4
        ]
        second = max(weights)
        x = self.conv(f'{name}.{second}', x, 1)
        return self.norm(f'{name}.{second + 1}', x) if last else x


def generator(state, ref_img, ref_pose, tgt_pose):
    """What netG computes in eval mode, (N, 3, H, W)."""
    layers = _Layers(state)
    image, _ = layers.down('model.stream1_down', ref_img)
    pose, _ = layers.down(
        'model.stream2_down', torch.cat([ref_pose, tgt_pose], 1)
    )
    blocks = {key.split('.')[2] for key in state if '.att.' in key}
    for i in range(len(blocks)):
        name = f'model.att.{i}.conv_block_stream'
        pose = layers.block(f'{name}2', pose, last=False)
        change = layers.block(f'{name}1', image, last=True)
        image = image + change * pose.sigmoid()
        pose = torch.cat([pose, image], 1)
    i = 0
    while f'model.stream1_up.{i}.weight' in state:
        name = f'model.stream1_up.{i}'
        image = layers.up(name, image)
        image = layers.norm(f'model.stream1_up.{i + 1}', image).relu()
        i += 3
    return layers.conv(f'model.stream1_up.{i + 1}', image, 3).tanh()


def discriminator(state, x):
    """What netD computes without its sigmoid, (N, C, H / 2^l, W / 2^l)."""
    layers = _Layers(state)
    x, i = layers.down('model', x)
    while any(key.startswith(f'model.{i}.conv_block') for key in state):
        x = x + layers.block(f'model.{i}.conv_block', x, last=True)
        i += 1
    return x
