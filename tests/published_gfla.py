"""GFLA as published: names and shapes of net_G, and functions of them.

Names are those of the files of
github.com/RenYurui/Global-Flow-Local-Attention; layers are called one by one
by these names, without modules of ours. Its CUDA operators are sums over the
pixels of a patch here.
"""

import torch
import torch.nn.functional as F

__all__ = ['FASHION', 'MARKET', 'flow_net', 'flow_shapes', 'net_g', 'shapes']

FASHION = dict(ngf=64, layers=3, kernels={2: 5, 3: 3})
MARKET = dict(ngf=64, layers=3, kernels={2: 3})
SLOPE = 0.1


def _conv(name, out, inputs, size):
    return {
        f'{name}.weight': (out, inputs, size, size),
        f'{name}.bias': (out,),
    }


def _norm(name, channels):
    return {f'{name}.weight': (channels,), f'{name}.bias': (channels,)}


def _pair(name, widths, sizes, transposed=False):
    """Normalisation and convolution, twice."""
    inputs, hidden, outputs = widths
    second = (hidden, outputs) if transposed else (outputs, hidden)
    return {
        **_norm(f'{name}.0', inputs),
        **_conv(f'{name}.2', hidden, inputs, sizes[0]),
        **_norm(f'{name}.3', hidden),
        f'{name}.5.weight': (*second, sizes[1], sizes[1]),
        f'{name}.5.bias': (outputs,),
    }


def _up(name, inputs, hidden, outputs):
    return {
        **_pair(f'{name}.model', (inputs, hidden, outputs), (3, 3), True),
        f'{name}.shortcut.0.weight': (inputs, outputs, 3, 3),
        f'{name}.shortcut.0.bias': (outputs,),
    }


def _encoder(part, inputs, c):
    out = {}
    for i, (a, b) in enumerate(zip([inputs, *c], c, strict=False)):
        name = f'{part}.encoder{i - 1}' if i else f'{part}.block0'
        out |= _pair(f'{name}.model', (a, b, b), (4, 3))
    return out


def _twice(name, out, inputs):
    """A layer that the published module has under two names."""
    return _conv(f'{name}.conv1', out, inputs, 3) | _conv(
        f'{name}.model.2', out, inputs, 3
    )


def flow_shapes(levels=(2, 3), first=32, most=256, depth=5):
    """Names and shapes of the flow network."""
    c = [min(first * 2**i, most) for i in range(depth)]
    out = _encoder('flow_net', 3 + 2 * 18, c)
    for i in range(depth - min(levels)):
        below, here = c[depth - 1 - i], c[depth - 2 - i]
        out |= _up(f'flow_net.decoder{i}', below, here, here)
        out |= _twice(f'flow_net.jump{i}', here, here)
        if depth - 1 - i in levels:
            out |= _conv(f'flow_net.output{i}', 2, here, 3)
            out |= _conv(f'flow_net.mask{i}.0', 1, here, 3)
    return out


def shapes(ngf, layers, kernels, blocks=2, hidden=128, **flow):
    """Names and shapes of net_G; ``kernels``: sides by levels."""
    c = [ngf * 2**i for i in range(layers)]
    out = _encoder('source', 3, c) | _encoder('target', 18, c)
    for i in range(layers):
        inputs, outputs = c[layers - 1 - i], c[max(layers - 2 - i, 0)]
        name = f'target.decoder{i}'
        for k in range(blocks - 1):
            out |= _pair(f'{name}.0.model.{k}.model', 3 * (inputs,), (3, 3))
        out |= _up(f'{name}.{min(blocks - 1, 1)}', inputs, inputs, outputs)
        if layers - i in kernels:
            attn = f'target.attn{i}.fully_connect_layer'
            size = kernels[layers - i]
            out |= _conv(f'{attn}.0', hidden, 2 * inputs, size)
            out |= _conv(f'{attn}.2', size**2, hidden, 1)
    return (
        out
        | _twice('target.outconv', 3, ngf)
        | flow_shapes(tuple(kernels), **flow)
    )


class _Layers:
    """The layers of a state dict, by their names."""

    def __init__(self, state):
        self.state = state

    def __contains__(self, name):
        return any(key.startswith(f'{name}.') for key in self.state)

    def named(self, name):
        return self.state[f'{name}.weight'], self.state[f'{name}.bias']

    def conv(self, name, x, **kwargs):
        return F.conv2d(x, *self.named(name), **kwargs)

    def up(self, name, x):
        return F.conv_transpose2d(
            x, *self.named(name), stride=2, padding=1, output_padding=1
        )

    def active(self, name, x):
        weight, bias = (v.view(-1, 1, 1) for v in self.named(name))
        x = x - x.mean((2, 3), keepdim=True)
        x = x / ((x**2).mean((2, 3), keepdim=True) + 1e-5).sqrt()
        return F.leaky_relu(x * weight + bias, SLOPE)

    def mirrored(self, name, x):
        x = F.pad(F.leaky_relu(x, SLOPE), (1, 1, 1, 1), mode='reflect')
        return self.conv(name, x)

    def encode(self, part, x):
        found, name, i = [], f'{part}.block0', 0
        while name in self:
            x = self.active(f'{name}.model.0', x)
            x = self.conv(f'{name}.model.2', x, stride=2, padding=1)
            x = self.active(f'{name}.model.3', x)
            x = self.conv(f'{name}.model.5', x, padding=1)
            found.append(x)
            name, i = f'{part}.encoder{i}', i + 1
        return found

    def residual(self, name, x):
        h = self.conv(f'{name}.2', self.active(f'{name}.0', x), padding=1)
        return x + self.conv(
            f'{name}.5', self.active(f'{name}.3', h), padding=1
        )

    def double(self, name, x):
        h = self.active(f'{name}.model.0', x)
        h = self.active(
            f'{name}.model.3', self.conv(f'{name}.model.2', h, padding=1)
        )
        return self.up(f'{name}.model.5', h) + self.up(f'{name}.shortcut.0', x)

    def attend(self, name, source, target, flow):
        """Patches of both around each pixel, weighed by a kernel."""
        weight, bias = self.named(f'{name}.0')
        size, still = weight.shape[-1], torch.zeros_like(flow)
        places = [(i, j) for i in range(size) for j in range(size)]
        patches, seen = [], bias.view(-1, 1, 1)
        for i, j in places:
            offset = (j - size // 2, i - size // 2)
            patch = _sample(source, flow, offset)
            both = torch.cat([_sample(target, still, offset), patch], 1)
            seen = seen + F.conv2d(both, weight[:, :, i, j, None, None])
            patches.append(patch)
        kernel = self.conv(f'{name}.2', F.leaky_relu(seen, SLOPE)).softmax(1)
        weighed = (
            kernel[:, k, None] * patch for k, patch in enumerate(patches)
        )
        return sum(weighed) / size**2


def _sample(x, flow, offset):
    """Bilinear, at the grid plus flow plus offset; each of the four corners
    is the pixel nearest to it.
    """
    count, channels, height, width = x.shape
    across = torch.arange(width) + flow[:, 0] + offset[0]
    down = torch.arange(height)[:, None] + flow[:, 1] + offset[1]
    left, top = across.floor(), down.floor()
    out = 0
    for dx in (0, 1):
        for dy in (0, 1):
            share = (1 - (across - left - dx).abs()) * (
                1 - (down - top - dy).abs()
            )
            columns = (left + dx).clamp(0, width - 1).long()
            rows = (top + dy).clamp(0, height - 1).long()
            index = (rows * width + columns).view(count, 1, -1)
            index = index.expand(-1, channels, -1)
            found = x.flatten(2).gather(2, index).view_as(x)
            out = out + share[:, None] * found
    return out


def flow_net(state, ref_img, ref_pose, tgt_pose):
    """Flows and masks by levels: {level: (flow, mask)}."""
    layers = _Layers(state)
    inputs = torch.cat([ref_img, ref_pose, tgt_pose], 1)
    features = layers.encode('flow_net', inputs)
    x, found, i = features[-1], {}, 0
    while f'flow_net.decoder{i}' in layers:
        level = len(features) - 1 - i
        x = layers.double(f'flow_net.decoder{i}', x)
        x = x + layers.mirrored(
            f'flow_net.jump{i}.model.2', features[level - 1]
        )
        if f'flow_net.output{i}' in layers:
            found[level] = (
                layers.conv(f'flow_net.output{i}', x, padding=1),
                layers.conv(f'flow_net.mask{i}.0', x, padding=1).sigmoid(),
            )
        i += 1
    return found


def net_g(state, ref_img, ref_pose, tgt_pose):
    """The picture, (N, 3, H, W)."""
    layers = _Layers(state)
    guides = flow_net(state, ref_img, ref_pose, tgt_pose)
    sources = layers.encode('source', ref_img)
    x = layers.encode('target', tgt_pose)[-1]
    for i in range(len(sources)):
        level = len(sources) - i
        if level in guides:
            flow, mask = guides[level]
            name = f'target.attn{i}.fully_connect_layer'
            warped = layers.attend(name, sources[level - 1], x, flow)
            x = (1 - mask) * x + mask * warped
        name, k = f'target.decoder{i}', 0
        while f'{name}.0.model.{k}.model' in layers:
            x = layers.residual(f'{name}.0.model.{k}.model', x)
            k += 1
        x = layers.double(f'{name}.{min(k, 1)}', x)
    return layers.mirrored('target.outconv.model.2', x).tanh()
