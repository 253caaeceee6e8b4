"""Published networks as state dicts and functions of them, without modules.

Keys and shapes are those of the published files; weights are drawn, of a size
that lets no layer go dead.
"""

import torch
import torch.nn.functional as F

__all__ = [
    'LPIPS_CHANNELS',
    'inception_pooled',
    'inception_state',
    'lpips_distance_of',
    'lpips_linear_state',
    'trunk_state',
]

# ---------------------------------------------------------------- Inception-v3

# Name -> (channels before, after, kernel height, width).
_STEM = {
    'Conv2d_1a_3x3': (3, 32, 3, 3),
    'Conv2d_2a_3x3': (32, 32, 3, 3),
    'Conv2d_2b_3x3': (32, 64, 3, 3),
    'Conv2d_3b_1x1': (64, 80, 1, 1),
    'Conv2d_4a_3x3': (80, 192, 3, 3),
}


def _block_a(c, pool):
    return {
        'branch1x1': (c, 64, 1, 1),
        'branch5x5_1': (c, 48, 1, 1),
        'branch5x5_2': (48, 64, 5, 5),
        'branch3x3dbl_1': (c, 64, 1, 1),
        'branch3x3dbl_2': (64, 96, 3, 3),
        'branch3x3dbl_3': (96, 96, 3, 3),
        'branch_pool': (c, pool, 1, 1),
    }


def _block_c(m):
    return {
        'branch1x1': (768, 192, 1, 1),
        'branch7x7_1': (768, m, 1, 1),
        'branch7x7_2': (m, m, 1, 7),
        'branch7x7_3': (m, 192, 7, 1),
        'branch7x7dbl_1': (768, m, 1, 1),
        'branch7x7dbl_2': (m, m, 7, 1),
        'branch7x7dbl_3': (m, m, 1, 7),
        'branch7x7dbl_4': (m, m, 7, 1),
        'branch7x7dbl_5': (m, 192, 1, 7),
        'branch_pool': (768, 192, 1, 1),
    }


def _block_e(c):
    return {
        'branch1x1': (c, 320, 1, 1),
        'branch3x3_1': (c, 384, 1, 1),
        'branch3x3_2a': (384, 384, 1, 3),
        'branch3x3_2b': (384, 384, 3, 1),
        'branch3x3dbl_1': (c, 448, 1, 1),
        'branch3x3dbl_2': (448, 384, 3, 3),
        'branch3x3dbl_3a': (384, 384, 1, 3),
        'branch3x3dbl_3b': (384, 384, 3, 1),
        'branch_pool': (c, 192, 1, 1),
    }


_BLOCKS = {
    'Mixed_5b': _block_a(192, 32),
    'Mixed_5c': _block_a(256, 64),
    'Mixed_5d': _block_a(288, 64),
    'Mixed_6a': {
        'branch3x3': (288, 384, 3, 3),
        'branch3x3dbl_1': (288, 64, 1, 1),
        'branch3x3dbl_2': (64, 96, 3, 3),
        'branch3x3dbl_3': (96, 96, 3, 3),
    },
    'Mixed_6b': _block_c(128),
    'Mixed_6c': _block_c(160),
    'Mixed_6d': _block_c(160),
    'Mixed_6e': _block_c(192),
    'Mixed_7a': {
        'branch3x3_1': (768, 192, 1, 1),
        'branch3x3_2': (192, 320, 3, 3),
        'branch7x7x3_1': (768, 192, 1, 1),
        'branch7x7x3_2': (192, 192, 1, 7),
        'branch7x7x3_3': (192, 192, 7, 1),
        'branch7x7x3_4': (192, 192, 3, 3),
    },
    'Mixed_7b': _block_e(1280),
    'Mixed_7c': _block_e(2048),
}


def _convolutions():
    shapes = dict(_STEM)
    for block, branches in _BLOCKS.items():
        for branch, shape in branches.items():
            shapes[f'{block}.{branch}'] = shape
    return shapes


def inception_state(fid, seed=0):
    """A state dict with the keys of the published file.

    Torchvision's has an auxiliary classifier, which features do without, and
    no counters of batches; that of FID has 1008 classes.
    """
    generator = torch.Generator().manual_seed(seed)

    def normal(*shape, mean=0.0, std=1.0):
        return mean + std * torch.randn(*shape, generator=generator)

    state = {}
    for name, (before, after, height, width) in _convolutions().items():
        std = (2 / (before * height * width)) ** 0.5
        state[f'{name}.conv.weight'] = normal(
            after, before, height, width, std=std
        )
        state[f'{name}.bn.weight'] = normal(after, mean=1.0, std=0.1)
        state[f'{name}.bn.bias'] = normal(after, std=0.1)
        state[f'{name}.bn.running_mean'] = normal(after, std=0.1)
        state[f'{name}.bn.running_var'] = normal(after).abs() * 0.2 + 0.9
    classes = 1008 if fid else 1000
    state['fc.weight'] = normal(classes, 2048, std=0.05)
    state['fc.bias'] = normal(classes)
    if not fid:
        state['AuxLogits.conv0.conv.weight'] = normal(128, 768, 1, 1)
    return state


def inception_pooled(state, x, fid):
    """The 2048 numbers of pictures that are scaled and resized already."""
    shapes = _convolutions()

    def conv(name, x, stride=1, padding=None):
        height, width = shapes[name][2:]
        if padding is None:
            padding = (height // 2, width // 2)
        x = F.conv2d(x, state[f'{name}.conv.weight'], None, stride, padding)
        x = F.batch_norm(
            x,
            state[f'{name}.bn.running_mean'],
            state[f'{name}.bn.running_var'],
            state[f'{name}.bn.weight'],
            state[f'{name}.bn.bias'],
            eps=0.001,
        )
        return x.relu()

    def mean_pool(x):
        total = F.avg_pool2d(x, 3, 1, 1, divisor_override=1)
        if not fid:
            return total / 9
        return total / F.avg_pool2d(x[:1, :1] * 0 + 1, 3, 1, 1, False, True, 1)

    def chain(block, x, *names, **last):
        for name in names[:-1]:
            x = conv(f'{block}.{name}', x)
        return conv(f'{block}.{names[-1]}', x, **last)

    valid = dict(padding=0)
    down = dict(stride=2, padding=0)
    x = conv('Conv2d_1a_3x3', x, **down)
    x = conv('Conv2d_2b_3x3', conv('Conv2d_2a_3x3', x, **valid))
    x = conv('Conv2d_3b_1x1', F.max_pool2d(x, 3, 2))
    x = F.max_pool2d(conv('Conv2d_4a_3x3', x, **valid), 3, 2)
    double3 = ('branch3x3dbl_1', 'branch3x3dbl_2', 'branch3x3dbl_3')
    for b in ('Mixed_5b', 'Mixed_5c', 'Mixed_5d'):
        x = torch.cat(
            [
                chain(b, x, 'branch1x1'),
                chain(b, x, 'branch5x5_1', 'branch5x5_2'),
                chain(b, x, *double3),
                chain(b, mean_pool(x), 'branch_pool'),
            ],
            1,
        )
    b = 'Mixed_6a'
    x = torch.cat(
        [
            chain(b, x, 'branch3x3', **down),
            chain(b, x, *double3, **down),
            F.max_pool2d(x, 3, 2),
        ],
        1,
    )
    for b in ('Mixed_6b', 'Mixed_6c', 'Mixed_6d', 'Mixed_6e'):
        x = torch.cat(
            [
                chain(b, x, 'branch1x1'),
                chain(b, x, *(f'branch7x7_{i}' for i in (1, 2, 3))),
                chain(b, x, *(f'branch7x7dbl_{i}' for i in range(1, 6))),
                chain(b, mean_pool(x), 'branch_pool'),
            ],
            1,
        )
    b = 'Mixed_7a'
    x = torch.cat(
        [
            chain(b, x, 'branch3x3_1', 'branch3x3_2', **down),
            chain(b, x, *(f'branch7x7x3_{i}' for i in range(1, 5)), **down),
            F.max_pool2d(x, 3, 2),
        ],
        1,
    )
    for b in ('Mixed_7b', 'Mixed_7c'):
        three = chain(b, x, 'branch3x3_1')
        double = chain(b, x, 'branch3x3dbl_1', 'branch3x3dbl_2')
        largest = fid and b == 'Mixed_7c'
        pool = F.max_pool2d(x, 3, 1, 1) if largest else mean_pool(x)
        x = torch.cat(
            [
                chain(b, x, 'branch1x1'),
                chain(b, three, 'branch3x3_2a'),
                chain(b, three, 'branch3x3_2b'),
                chain(b, double, 'branch3x3dbl_3a'),
                chain(b, double, 'branch3x3dbl_3b'),
                chain(b, pool, 'branch_pool'),
            ],
            1,
        )
    return F.adaptive_avg_pool2d(x, 1).flatten(1)


# ----------------------------------------------------------------------- LPIPS

LPIPS_CHANNELS = dict(
    alex=(64, 192, 384, 256, 256),
    vgg=(64, 128, 256, 512, 512),
    squeeze=(64, 128, 256, 384, 384, 512, 512),
)
# Number in torchvision's `features` -> (before, after, kernel); of a fire
# module (before, squeezed, expanded).
_ALEX = {
    0: (3, 64, 11),
    3: (64, 192, 5),
    6: (192, 384, 3),
    8: (384, 256, 3),
    10: (256, 256, 3),
}
_VGG_CHANNELS = {
    **{0: 64, 2: 64, 5: 128, 7: 128, 10: 256, 12: 256, 14: 256},
    **{17: 512, 19: 512, 21: 512, 24: 512, 26: 512, 28: 512},
}
_FIRES = {
    3: (64, 16, 64),
    4: (128, 16, 64),
    6: (128, 32, 128),
    7: (256, 32, 128),
    9: (256, 48, 192),
    10: (384, 48, 192),
    11: (384, 64, 256),
    12: (512, 64, 256),
}


def _trunk_shapes(trunk):
    """Names of convolutions -> (before, after, kernel)."""
    if trunk == 'alex':
        return {f'features.{i}': shape for i, shape in _ALEX.items()}
    if trunk == 'vgg':
        widths = list(_VGG_CHANNELS.values())
        return {
            f'features.{i}': (before, after, 3)
            for i, before, after in zip(
                _VGG_CHANNELS, [3, *widths[:-1]], widths, strict=True
            )
        }
    shapes = {'features.0': (3, 64, 3)}
    for i, (before, squeezed, expanded) in _FIRES.items():
        shapes[f'features.{i}.squeeze'] = (before, squeezed, 1)
        shapes[f'features.{i}.expand1x1'] = (squeezed, expanded, 1)
        shapes[f'features.{i}.expand3x3'] = (squeezed, expanded, 3)
    return shapes


def trunk_state(trunk, seed=0):
    """Weights of a trunk as in torchvision's file, with a classifier's."""
    generator = torch.Generator().manual_seed(seed)
    state = {}
    for name, (before, after, kernel) in _trunk_shapes(trunk).items():
        shape = (after, before, kernel, kernel)
        std = (2 / (before * kernel**2)) ** 0.5
        state[f'{name}.weight'] = std * torch.randn(shape, generator=generator)
        state[f'{name}.bias'] = 0.1 * torch.randn(after, generator=generator)
    state['classifier.1.bias'] = torch.zeros(10)
    return state


def lpips_linear_state(trunk, seed=0):
    """Linear layers as the package lpips has them."""
    generator = torch.Generator().manual_seed(seed)
    return {
        f'lin{i}.model.1.weight': torch.rand(1, c, 1, 1, generator=generator)
        for i, c in enumerate(LPIPS_CHANNELS[trunk])
    }


def _taps(state, trunk, x):
    def conv(name, x, **kwargs):
        name = f'features.{name}'
        weight, bias = state[f'{name}.weight'], state[f'{name}.bias']
        return F.conv2d(x, weight, bias, **kwargs).relu()

    if trunk == 'alex':
        first = conv(0, x, stride=4, padding=2)
        second = conv(3, F.max_pool2d(first, 3, 2), padding=2)
        third = conv(6, F.max_pool2d(second, 3, 2), padding=1)
        fourth = conv(8, third, padding=1)
        return [first, second, third, fourth, conv(10, fourth, padding=1)]
    found = []
    if trunk == 'vgg':
        for group in (
            (0, 2),
            (5, 7),
            (10, 12, 14),
            (17, 19, 21),
            (24, 26, 28),
        ):
            if found:
                x = F.max_pool2d(x, 2)
            for i in group:
                x = conv(i, x, padding=1)
            found.append(x)
        return found
    x = conv(0, x, stride=2)
    found.append(x)
    for i in _FIRES:
        if i in (3, 6, 9):
            x = F.max_pool2d(x, 3, 2, ceil_mode=True)
        x = conv(f'{i}.squeeze', x)
        wide = conv(f'{i}.expand3x3', x, padding=1)
        x = torch.cat([conv(f'{i}.expand1x1', x), wide], 1)
        if i not in (3, 6):
            found.append(x)
    return found


def lpips_distance_of(state, linear, trunk, pred, target):
    """LPIPS of RGB in [-1, 1], (N,)."""
    shift = torch.tensor([-0.030, -0.088, -0.188]).view(3, 1, 1)
    scale = torch.tensor([0.458, 0.448, 0.450]).view(3, 1, 1)
    sides = []
    for images in (pred, target):
        taps = _taps(state, trunk, (images - shift) / scale)
        sides.append([F.normalize(x, dim=1, eps=1e-10) for x in taps])
    total = 0
    for i, (a, b) in enumerate(zip(*sides, strict=True)):
        weights = linear[f'lin{i}.model.1.weight'].view(-1, 1, 1)
        total = total + ((a - b) ** 2 * weights).sum(1).mean((1, 2))
    return total
