"""NTED's generator as published: names and shapes, and a function of them.

Names are those of the files of
github.com/RenYurui/Neural-Texture-Extraction-Distribution; layers are called
one by one by these names, without modules of ours.
"""

import math

import torch
import torch.nn.functional as F

__all__ = ['SIZE_256', 'SIZE_512', 'generator', 'shapes']

# Of levels, finest first.
SIZE_256 = dict(
    channels=(128, 256, 512, 512, 512),
    textures=(64, 64, 32, 16),
    kernels=(3, 3, 3, 1),
)
SIZE_512 = dict(
    channels=(64, 128, 256, 512, 512, 512),
    textures=(64, 64, 32, 32, 16),
    kernels=(3, 3, 3, 3, 1),
)
BLUR = torch.tensor([1.0, 3.0, 3.0, 1.0])[:, None] * torch.tensor(
    [1.0, 3.0, 3.0, 1.0]
)
BLUR = BLUR / BLUR.sum()


def _biased(name, out, inputs, size):
    return {
        f'{name}.conv.weight': (out, inputs, size, size),
        f'{name}.activate.bias': (out,),
    }


def _encoder(name, inputs, channels):
    out = _biased(f'{name}.first', channels[0], inputs, 1)
    for i, (a, b) in enumerate(zip(channels, channels[1:], strict=False)):
        out |= _biased(f'{name}.convs.{i}', b, a, 3)
        out[f'{name}.convs.{i}.blur.kernel'] = (4, 4)
    return out


def shapes(channels, textures, kernels, poses=20):
    """Names and shapes of the generator."""
    out = _encoder('reference_encoder', 3, channels)
    out |= _encoder('skeleton_encoder', poses, channels)
    levels = len(textures)
    for level, (count, size) in enumerate(
        zip(textures, kernels, strict=True), 1
    ):
        c = channels[level]
        for k in (0, 1):
            name = (
                f'reference_encoder.convs.{level - 1}.extraction_operations.'
                f'{k}'
            )
            out |= {
                f'{name}.value_conv.weight': (c, c, size, size),
                f'{name}.value_conv.bias': (c,),
                f'{name}.semantic_extraction_filter.weight': (
                    *(count, c, size, size),
                ),
            }
            name = (
                f'target_image_renderer.convs.{levels - level}.conv{k}.'
                'distribution_operation.semantic_distribution_filter'
            )
            out |= {
                f'{name}.weight': (count, c, size, size),
                f'{name}.bias': (count,),
            }
    for i in range(levels + 1):
        name, c = f'target_image_renderer.convs.{i}', channels[levels - i]
        below = channels[levels - i + 1] if i else c
        out |= _biased(f'{name}.conv0', c, below, 3)
        out |= _biased(f'{name}.conv1', c, c, 3)
        out |= {
            f'{name}.to_rgb.conv.weight': (3, c, 3, 3),
            f'{name}.to_rgb.conv.bias': (3,),
        }
        if i:
            out[f'{name}.conv0.blur.kernel'] = (4, 4)
            out[f'{name}.to_rgb.upsample.kernel'] = (4, 4)
    return out


class _Layers:
    """The layers of a state dict, by their names."""

    def __init__(self, state):
        self.state = state

    def weight(self, name):
        weight = self.state[f'{name}.weight']
        return weight / math.sqrt(weight[0].numel())

    def conv(self, name, x, **kwargs):
        weight = self.weight(name)
        if not kwargs:
            kwargs = dict(padding=weight.shape[-1] // 2)
        return F.conv2d(x, weight, self.state.get(f'{name}.bias'), **kwargs)

    def activate(self, name, x):
        x = x + self.state[f'{name}.bias'][:, None, None]
        return F.leaky_relu(x, 0.2) * math.sqrt(2)

    def filtered(self, name, x, before, after):
        """Each channel by itself, zeros outside."""
        kernel = self.state[f'{name}.kernel'].flip(0, 1)
        count, channels, height, width = x.shape
        x = F.pad(x.reshape(-1, 1, height, width), 2 * (before, after))
        x = F.conv2d(x, kernel[None, None])
        return x.view(count, channels, *x.shape[-2:])

    def encode(self, name, x):
        """Features of all levels, finest first."""
        x = self.conv(f'{name}.first.conv', x)
        found, i = [self.activate(f'{name}.first.activate', x)], 0
        while f'{name}.convs.{i}.conv.weight' in self.state:
            layer = f'{name}.convs.{i}'
            x = self.filtered(f'{layer}.blur', found[-1], 2, 2)
            x = self.conv(f'{layer}.conv', x, stride=2)
            found.append(self.activate(f'{layer}.activate', x))
            i += 1
        return found

    def extract(self, name, x):
        """Textures, (N, C, K)."""
        looked = x - x.mean(1, keepdim=True)
        looked = looked / looked.norm(dim=1, keepdim=True)
        where = self.conv(f'{name}.semantic_extraction_filter', looked)
        where = where.flatten(2).softmax(-1)
        values = self.conv(f'{name}.value_conv', x).flatten(2)
        return torch.einsum('nkp,ncp->nck', where, values)

    def distribute(self, name, x, textures):
        name = f'{name}.distribution_operation.semantic_distribution_filter'
        which = self.conv(name, x).softmax(1)
        return torch.einsum('nkhw,nck->nchw', which, textures)

    def double(self, name, x):
        weight = self.weight(f'{name}.conv').transpose(0, 1)
        x = F.conv_transpose2d(x, weight, stride=2)
        return self.filtered(f'{name}.blur', x, 1, 1)


def generator(state, ref_img, tgt_pose):
    """The picture, (N, 3, H, W)."""
    layers = _Layers(state)
    textures = []
    for i, x in enumerate(layers.encode('reference_encoder', ref_img)[1:]):
        name = f'reference_encoder.convs.{i}.extraction_operations'
        for k in (0, 1):
            textures.insert(0, layers.extract(f'{name}.{k}', x))
    x = layers.encode('skeleton_encoder', tgt_pose)[-1]
    picture, i = None, 0
    while f'target_image_renderer.convs.{i}.conv0.conv.weight' in state:
        level = f'target_image_renderer.convs.{i}'
        for k in (0, 1):
            name = f'{level}.conv{k}'
            if i and not k:
                x = layers.double(name, x)
            else:
                x = layers.conv(f'{name}.conv', x)
            if any(key.startswith(f'{name}.distribution') for key in state):
                told = layers.distribute(name, x, textures.pop(0))
                x = (x + told) / math.sqrt(2)
            x = layers.activate(f'{name}.activate', x)
        rgb = layers.conv(f'{level}.to_rgb.conv', x)
        if picture is not None:
            wide = torch.zeros(*picture.shape[:2], *rgb.shape[2:])
            wide[..., ::2, ::2] = picture
            rgb += layers.filtered(f'{level}.to_rgb.upsample', wide, 2, 1)
        picture, i = rgb, i + 1
    return picture
