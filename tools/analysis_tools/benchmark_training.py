"""Seconds of a training step of image generators, one beside the other.

    python tools/analysis_tools/benchmark_training.py \
        dipt/full_synthfashion completion/completion_synthfashion \
        --size 256 256 --batch 4 --precision float32 bfloat16

Each model makes forward and backward passes of its generator's losses with
one batch of noise, in turns with the others, so that what else the machine
does befalls all alike. CPU seconds of the process, the median of --rounds.
"""

import argparse
import statistics
import time

import torch
from mmengine.config import Config

from mmposetransfer.apis import find_config
from mmposetransfer.cli.arguments import at_least
from mmposetransfer.cli.mistakes import told_plainly
from mmposetransfer.registry import MODELS
from mmposetransfer.utils.setup_env import register_all_modules

PRECISIONS = ('float32', 'bfloat16')


def parse_args(argv=None):
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument('configs', nargs='+', help='with a generator')
    parser.add_argument(
        '--size',
        type=at_least(16),
        nargs=2,
        default=(256, 256),
        metavar=('H', 'W'),
    )
    parser.add_argument('--batch', type=at_least(1), default=4)
    parser.add_argument(
        '--precision', nargs='+', choices=PRECISIONS, default=PRECISIONS[:1]
    )
    parser.add_argument('--rounds', type=at_least(1), default=5)
    parser.add_argument('--threads', type=at_least(1), default=1)
    return parser.parse_args(argv)


def make_batch(count, size):
    """Noise in the shape of a batch, with the flow of fits."""

    def maps(channels, high, kind=torch.uint8):
        return list(torch.randint(0, high, (count, channels, *size)).to(kind))

    def joints():
        place = torch.tensor([size[1], size[0], 1.0])
        return list(torch.rand(count, 18, 3) * place)

    flow = list(8 * torch.randn(count, 2, *size))
    share = list(torch.rand(count, 1, *size))
    return dict(
        inputs=dict(
            ref_img=maps(3, 256),
            tgt_img=maps(3, 256),
            ref_keypoints=joints(),
            tgt_keypoints=joints(),
            ref_person=share,
            tgt_person=share,
            fit_flow=flow,
            fit_visibility=maps(1, 3),
            twin_flow=flow,
            twin_visibility=maps(1, 3),
            near_flow=flow,
            near_trust=share,
            tgt_surface=maps(2, 256),
        ),
        data_samples=None,
    )


def prepare(name):
    """A model whose generator learns alone."""
    cfg = Config.fromfile(find_config(name))
    model = MODELS.build(cfg.model)
    model.set_learning(['generator'])
    return model.train()


def step(model, batch, precision):
    """CPU seconds of one forward and backward pass."""
    start = time.process_time()
    with torch.autocast(
        'cpu', torch.bfloat16, enabled=precision == 'bfloat16'
    ):
        inputs = model.data_preprocessor(batch, training=True)['inputs']
        losses = model.loss(inputs)
    sum(losses.values()).backward()
    model.zero_grad()
    return time.process_time() - start


@told_plainly()
def main(argv=None):
    """Build all, take turns, print."""
    args = parse_args(argv)
    register_all_modules()
    torch.set_num_threads(args.threads)
    batch = make_batch(args.batch, tuple(args.size))
    models = {name: prepare(name) for name in args.configs}
    times = {(name, p): [] for name in models for p in args.precision}
    for turn in range(args.rounds + 1):
        for (name, precision), seconds in times.items():
            taken = step(models[name], batch, precision)
            if turn:  # the first one warms up
                seconds.append(taken)
    print('| config | precision | weights | CPU s a step | of the first |')
    print('|---|---|---|---|---|')
    first = statistics.median(next(iter(times.values())))
    for (name, precision), seconds in times.items():
        median = statistics.median(seconds)
        weights = sum(p.numel() for p in models[name].generator.parameters())
        print(
            f'| {name} | {precision} | {weights / 1e6:.1f} M | {median:.2f} '
            f'| {median / first:.2f} |'
        )


if __name__ == '__main__':
    main()
