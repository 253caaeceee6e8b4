"""Names and shapes of official networks, for sizes of any kind.

Held to the list of the official ones by ``test_official_weights.py``. With it
the tests have networks that are small, or of other depth and width.
"""

import zlib

import numpy as np
import torch


def _norm(name, channels):
    return {
        f'{name}.{key}': [channels]
        for key in ('weight', 'bias', 'running_mean', 'running_var')
    } | {f'{name}.num_batches_tracked': []}


def _conv_norm(name, out, inputs, size=1, first=0):
    return {
        f'{name}.{first}.weight': [out, inputs, size, size],
        **_norm(f'{name}.{first + 1}', out),
    }


def _residual(name, c, extra=0):
    if not extra:
        return _conv_norm(f'{name}.conv', c, c, 3)
    return _conv_norm(f'{name}.conv_a', c, extra) | _conv_norm(
        f'{name}.conv', c, 2 * c, 3
    )


def _widths(nf, max_nf, levels):
    return [min(nf * (level + 1), max_nf) for level in range(levels + 1)]


def _encoder(path, c, blocks):
    out = {}
    for i in range(len(c) - 1):
        for j in range(blocks):
            out |= _residual(f'{path}_{i}_res_{j}', c[i])
        out |= _conv_norm(f'{path}_{i}_downsample', c[i + 1], c[i], 3, 1)
    return out


def _decoder(c, blocks, skip):
    out = {}
    for i in range(len(c) - 1):
        name = f'dec_{i}_upsample'
        out |= {
            f'{name}.1.weight': [4 * c[i], c[i + 1], 3, 3],
            **_norm(f'{name}.3', c[i]),
        }
        for j in range(blocks):
            out |= _residual(f'dec_{i}_res_{j}', c[i], skip * c[i])
    return out


def _head(name, out, inputs, size):
    return {f'{name}.weight': [out, inputs, size, size], f'{name}.bias': [out]}


def net_g(mode, nf=32, max_nf=128, levels=7, warped=5, blocks=2):
    c = _widths(nf, max_nf, levels)
    out = (
        _conv_norm('encp_pre_conv', nf, 18)
        | _conv_norm('enca_pre_conv', nf, 3)
        | _encoder('encp', c, blocks)
        | _encoder('enca', c, blocks)
        | _conv_norm('dec_fuse', c[-1], 2 * c[-1])
        | _decoder(c, blocks, 2)
        | _head('dec_output.1', 3, nf, 7)
    )
    for i in range(warped):
        for j in range(blocks):
            name = f'enca_{i}_vis_{j}'
            if mode in ('residual', 'res_no_vis'):
                out |= _residual(
                    name, c[i], 2 * c[i] if mode == 'residual' else 0
                )
            elif mode == 'soft_gate':
                out |= _head(f'{name}.conv', c[i], 2 * c[i], 1)
    return out


def _unet(inputs, nf, max_nf, levels, blocks):
    c = _widths(nf, max_nf, levels)
    return (
        _conv_norm('pre_conv', nf, inputs)
        | _encoder('enc', c, blocks)
        | _decoder(c, blocks, 1)
    )


def net_g_single(nf=32, max_nf=128, levels=7, blocks=2):
    return _unet(21, nf, max_nf, levels, blocks) | _head(
        'dec_output.1', 3, nf, 7
    )


def net_pw(nf=32, max_nf=128, levels=7, blocks=2):
    return (
        _unet(9, nf, max_nf, levels, blocks)
        | _conv_norm('dec_output_0.0', nf, nf)
        | _head('dec_output_0.3', 1, nf, 7)
    )


def net_f_unet(nf=32, max_nf=512, levels=5):
    c = [min(max_nf, 2 * nf * 2**i) for i in range(levels + 1)]
    out = (
        _conv_norm('conv_downsample', nf, 36, 7)
        | _conv_norm('conv_downsample', c[0], nf, 3, 3)
        | _head('predict_vis.1', 3, c[0], 3)
    )
    for i in range(levels):
        name, last = 'unet_block' + i * '.submodule', i == levels - 1
        first = 1 if i else 0
        out[f'{name}.down.{first}.weight'] = [c[i + 1], c[i], 4, 4]
        if not last:
            out |= _norm(f'{name}.down.{first + 1}', c[i + 1])
        inputs = c[i + 1] * (1 if last else 2)
        out[f'{name}.up.1.weight'] = [inputs, c[i], 4, 4]
        if i == 0:
            out[f'{name}.up.1.bias'] = [c[i]]
        out |= _norm(f'{name}.up.2', c[i])
        out |= _head(f'{name}.predict_flow.1', 2, c[i], 3)
    return out


def net_f_unet_v2(nf=32, max_nf=128, levels=5, blocks=2):
    stem, *c = _widths(nf, max_nf, levels + 1)
    out = (
        _conv_norm('pre_conv.0', stem, 36)
        | _residual('pre_conv.1', stem)
        | _conv_norm('pre_conv', c[0], stem, 3, 3)
        | _encoder('enc', c, blocks)
        | _decoder(c, blocks, 1)
        | _head('pred_vis.1', 3, c[0], 3)
    )
    for i in range(levels):
        out |= _head(f'pred_flow_{i}.1', 2, c[i], 3)
    return out


def net_d(inputs=24, ndf=64, layers=3):
    out = _head('model.0', ndf, inputs, 4)
    c = [ndf * min(2**i, 8) for i in range(layers + 1)]
    for i in range(layers):
        out |= _conv_norm('model', c[i + 1], c[i], 4, 2 + 3 * i)
    return out | _head(f'model.{2 + 3 * layers}', 1, c[-1], 4)


def random_weights(shapes, seed=0):
    """A state dict of these shapes; what encoders share is shared."""
    weights = {}
    for name, shape in shapes.items():
        twin = name.replace('enca_', 'encp_') if 'downsample' in name else name
        rng = np.random.default_rng([zlib.crc32(twin.encode()), seed])
        noise = rng.standard_normal(shape)
        if name.endswith('num_batches_tracked'):
            weights[name] = torch.tensor(1000)
            continue
        if len(shape) == 4:
            noise = noise / np.sqrt(np.prod(shape[1:]))
        elif name.endswith('running_var'):
            noise = 1 + 0.1 * np.abs(noise)
        elif name.endswith('weight'):
            noise = 1 + 0.1 * noise
        else:
            noise = 0.1 * noise
        weights[name] = torch.from_numpy(noise.astype(np.float32))
    return weights


SMALL = dict(nf=4, max_nf=12, levels=3)


def small_networks(**sizes):
    """Official networks that are small: name -> names and shapes."""
    sizes = {**SMALL, **sizes}
    return dict(
        netG=net_g('residual', warped=2, **sizes),
        netPW=net_pw(**sizes),
        netF=net_f_unet(4, 16, 2),
        netD=net_d(ndf=4, layers=2),
    )
