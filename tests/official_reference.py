"""The paper's networks once more, as functions of their official weights.

Written from the description of the paper and of its code, on the official
names, and without anything of the library: what the tests of the converter
compare with. It is held itself to what the official networks computed
(``official_outputs.npz``). Convention: ``p`` maps names to tensors.
"""

import itertools

import torch
import torch.nn.functional as F


def conv(p, name, x, **options):
    return F.conv2d(x, p[f'{name}.weight'], p.get(f'{name}.bias'), **options)


def norm(p, name, x):
    """BatchNorm in eval mode."""
    mean, var, weight, bias = (
        p[f'{name}.{key}'][:, None, None]
        for key in ('running_mean', 'running_var', 'weight', 'bias')
    )
    return (x - mean) / torch.sqrt(var + 1e-5) * weight + bias


def residual(p, name, x, extra=None):
    h = x
    if extra is not None:
        extra = conv(p, f'{name}.conv_a.0', extra.relu())
        h = torch.cat([x, norm(p, f'{name}.conv_a.1', extra)], 1)
    h = conv(p, f'{name}.conv.0', h.relu(), padding=1)
    return x + norm(p, f'{name}.conv.1', h)


def _numbered(p, name):
    """Numbers for which there are weights of such a name."""
    return itertools.takewhile(
        lambda n: f'{name.format(n)}.conv.0.weight' in p, itertools.count()
    )


def encode(p, path, x):
    skips = []
    for level in _numbered(p, path + '_{}_res_0'):
        name = f'{path}_{level}'
        skips.append([])
        for block in _numbered(p, name + '_res_{}'):
            x = residual(p, f'{name}_res_{block}', x)
            skips[-1].append(x)
        x = conv(p, f'{name}_downsample.1', x.relu(), stride=2, padding=1)
        x = norm(p, f'{name}_downsample.2', x)
    return skips, x


def decode(p, x, skips):
    features = []
    for level in reversed(range(len(skips))):
        name = f'dec_{level}'
        x = conv(p, f'{name}_upsample.1', x.relu(), padding=1)
        x = norm(p, f'{name}_upsample.3', F.pixel_shuffle(x, 2))
        for block in reversed(range(len(skips[level]))):
            x = residual(p, f'{name}_res_{block}', x, skips[level][block])
        features.insert(0, x)
    return features


def head(p, name, x):
    return conv(p, name, F.pad(x, (3, 3, 3, 3), 'reflect'))


def warp(x, flow):
    """Bilinear at grid + flow, by its four neighbours, zero outside."""
    height, width = x.shape[-2:]
    xs = torch.arange(width) + flow[:, 0]
    ys = torch.arange(height)[:, None] + flow[:, 1]
    left, top = xs.floor(), ys.floor()
    out = torch.zeros_like(x)
    for i, j in ((0, 0), (0, 1), (1, 0), (1, 1)):
        u, v = left + j, top + i
        share = (1 - (xs - u).abs()) * (1 - (ys - v).abs())
        share = share * (u >= 0) * (u < width) * (v >= 0) * (v < height)
        at = (v.clamp(0, height - 1) * width + u.clamp(0, width - 1)).long()
        taken = x.flatten(2).gather(
            2, at.flatten(1)[:, None].expand(-1, x.shape[1], -1)
        )
        out += share[:, None] * taken.view_as(x)
    return out


def warp_image(image, flow, visibility):
    return torch.where(visibility == 2, -torch.ones(()), warp(image, flow))


def gate(p, name, x, visibility, mode):
    gated = torch.cat([x * (visibility == 0), x * (visibility == 1)], 1)
    if mode == 'residual':
        return residual(p, name, x, gated)
    if mode == 'res_no_vis':
        return residual(p, name, x)
    if mode == 'soft_gate':
        return x * conv(p, f'{name}.conv', gated.relu()).sigmoid()
    return x * (visibility < 2) if mode == 'hard_gate' else x


def net_g(p, pose, image, flow, visibility, mode, levels=5):
    """The generator with two encoders, before its tanh."""
    stem = {
        path: norm(p, f'{path}_pre_conv.1', conv(p, f'{path}_pre_conv.0', x))
        for path, x in (('encp', pose), ('enca', image))
    }
    pose_skips, pose_code = encode(p, 'encp', stem['encp'])
    image_skips, image_code = encode(p, 'enca', stem['enca'])
    for level in range(levels):
        size = 2**level
        flows = F.avg_pool2d(flow, size) / size
        seen = -F.max_pool2d(-visibility, size)
        image_skips[level] = [
            gate(p, f'enca_{level}_vis_{block}', warp(x, flows), seen, mode)
            for block, x in enumerate(image_skips[level])
        ]
    skips = [
        [torch.cat(pair, 1) for pair in zip(*both, strict=True)]
        for both in zip(pose_skips, image_skips, strict=True)
    ]
    code = conv(p, 'dec_fuse.0', torch.cat([pose_code, image_code], 1))
    return head(
        p, 'dec_output.1', decode(p, norm(p, 'dec_fuse.1', code), skips)[0]
    )


def _unet(p, x):
    x = norm(p, 'pre_conv.1', conv(p, 'pre_conv.0', x))
    skips, code = encode(p, 'enc', x)
    return decode(p, code, skips)[0]


def net_g_single(p, pose, image):
    """The generator with one encoder, before its tanh."""
    return head(p, 'dec_output.1', _unet(p, torch.cat([image, pose], 1)))


def net_pw(p, generated, image, flow, visibility):
    """Pixel warping: the image and the weight of the warped one."""
    warped = warp_image(image, flow, visibility)
    x = _unet(p, torch.cat([generated, warped, visibility, flow], 1))
    x = norm(p, 'dec_output_0.0.1', conv(p, 'dec_output_0.0.0', x)).relu()
    z = head(p, 'dec_output_0.3', x).sigmoid()
    return z * warped + (1 - z) * generated, z


def _double(x):
    return F.interpolate(
        x, scale_factor=2, mode='bilinear', align_corners=False
    )


def _net_f_unet_level(p, name, x, flows, outermost=False):
    """One level of the recursive U-Net: its features, without the skip."""
    first, inner = 0 if outermost else 1, f'{name}.submodule'
    h = x if outermost else F.leaky_relu(x, 0.2)
    h = conv(p, f'{name}.down.{first}', h, stride=2, padding=1)
    if f'{name}.down.{first + 1}.weight' in p:
        h = norm(p, f'{name}.down.{first + 1}', h)
    if any(key.startswith(f'{inner}.') for key in p):
        h = torch.cat([h, _net_f_unet_level(p, inner, h, flows)], 1)
    h = F.conv_transpose2d(
        h.relu(),
        p[f'{name}.up.1.weight'],
        p.get(f'{name}.up.1.bias'),
        stride=2,
        padding=1,
    )
    h = norm(p, f'{name}.up.2', h)
    flows.insert(
        0, conv(p, f'{name}.predict_flow.1', F.leaky_relu(h, 0.1), padding=1)
    )
    return h


def net_f_unet(p, x):
    """Flow in the network's unit and visibility logits; the pyramid."""
    half = p['conv_downsample.0.weight'].shape[-1] // 2
    x = norm(
        p, 'conv_downsample.1', conv(p, 'conv_downsample.0', x, padding=half)
    )
    x = conv(p, 'conv_downsample.3', F.leaky_relu(x, 0.1), stride=2, padding=1)
    x = F.leaky_relu(norm(p, 'conv_downsample.4', x), 0.1)
    flows = []
    finest = _net_f_unet_level(p, 'unet_block', x, flows, outermost=True)
    logits = conv(p, 'predict_vis.1', F.leaky_relu(finest, 0.1), padding=1)
    return _double(flows[0]), _double(logits), flows


def net_f_unet_v2(p, x):
    """As :func:`net_f_unet`."""
    x = norm(p, 'pre_conv.0.1', conv(p, 'pre_conv.0.0', x))
    x = residual(p, 'pre_conv.1', x).relu()
    x = norm(p, 'pre_conv.4', conv(p, 'pre_conv.3', x, stride=2, padding=1))
    skips, code = encode(p, 'enc', x)
    features = decode(p, code, skips)
    flows = [
        conv(p, f'pred_flow_{level}.1', x.relu(), padding=1)
        for level, x in enumerate(features)
    ]
    logits = conv(p, 'pred_vis.1', features[0].relu(), padding=1)
    return _double(flows[0]), _double(logits), flows


def in_pixels(flow, logits):
    """What the generator gets of a regressor's output."""
    visibility = logits.argmax(1, keepdim=True)
    return flow * 20 * (visibility != 2), visibility.float()


def net_d(p, x):
    """Probabilities of the patches."""
    layers = sorted(
        int(key.split('.')[1]) for key, value in p.items() if value.ndim == 4
    )
    for layer in layers:
        x = conv(
            p,
            f'model.{layer}',
            x,
            padding=1,
            stride=1 if layer in layers[-2:] else 2,
        )
        if f'model.{layer + 1}.running_mean' in p:
            x = norm(p, f'model.{layer + 1}', x)
        if layer != layers[-1]:
            x = F.leaky_relu(x, 0.2)
    return x.sigmoid()
