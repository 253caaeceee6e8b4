"""How fast metrics are, and how much memory they take.

Each metric scores pairs of drawn noise in a process of its own, so that peak
memory is its own: what the process has at most beyond what it had when the
metric was ready. Networks whose weights are not at hand have random ones,
which are as fast. Files of them are made in a temporary folder. Speed is told
by the clock and by the time of the processor, which other work on the machine
disturbs less.

    python tools/analysis_tools/benchmark_metrics.py --pairs 32
"""

import argparse
import resource
import tempfile
import time
from pathlib import Path

import torch
from mmengine.evaluator import Evaluator
from torch.multiprocessing import get_context

from mmposetransfer.models.backbones.inception_v3 import InceptionV3
from mmposetransfer.models.backbones.lpips_network import _TRUNKS, _Trunk
from mmposetransfer.registry import METRICS
from mmposetransfer.structures import PoseTransferDataSample
from mmposetransfer.utils.setup_env import register_all_modules

# Name -> type and arguments; {folder} is that of the random weights.
METRIC_CONFIGS = {
    'ImageQuality, dsc': dict(type='ImageQuality'),
    'ImageQuality, gfla': dict(type='ImageQuality', protocol='gfla'),
    'MultiScaleSSIM': dict(type='MultiScaleSSIM'),
    'Sharpness': dict(type='Sharpness'),
    'Lite0Distance': dict(type='Lite0Distance'),
    'Lite0SetDistance, KID': dict(type='Lite0SetDistance', measures=['KID']),
    'Lite0SetDistance, FD': dict(type='Lite0SetDistance', measures=['FD']),
    'InceptionDistance, FID': dict(
        type='InceptionDistance',
        weights='{folder}/inception.pth',
        measures=['FID'],
        protocol='dsc',
    ),
    'LPIPS, alex': dict(
        type='LPIPS', weights='{folder}/alex.pth', protocol='dsc'
    ),
    'LPIPS, squeeze': dict(
        type='LPIPS',
        weights='{folder}/squeeze.pth',
        trunk='squeeze',
        protocol='dsc',
    ),
    'LPIPS, vgg': dict(
        type='LPIPS',
        weights='{folder}/vgg.pth',
        trunk='vgg',
        protocol='dsc',
    ),
    'MaskedQuality': dict(type='MaskedQuality'),
    'FlowQuality': dict(type='FlowQuality'),
    'FlowErrors': dict(type='FlowErrors'),
}


def parse_args():
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument('--pairs', type=int, default=32)
    parser.add_argument('--batch-size', type=int, default=8)
    parser.add_argument(
        '--size',
        type=int,
        nargs=2,
        default=(256, 176),
        metavar=('HEIGHT', 'WIDTH'),
    )
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument(
        '--metrics',
        nargs='+',
        metavar='NAME',
        help='only those whose names begin so',
    )
    return parser.parse_args()


def random_weights(folder, configs):
    """Files that configs name, of weights that only speed is asked of."""
    named = {Path(config.get('weights', '')).stem for config in configs}
    if 'inception' in named:
        torch.save(InceptionV3().state_dict(), folder / 'inception.pth')
    for name in named & set(_TRUNKS):
        layers, taps, *_ = _TRUNKS[name]
        torch.save(_Trunk(layers(), taps).state_dict(), folder / f'{name}.pth')


def drawn_batch(count, size, generator):
    """Pairs of noise, with flow, visibility, parts and a pose."""

    def noise(channels):
        return torch.rand(channels, *size, generator=generator) * 2 - 1

    samples = []
    for _ in range(count):
        sample = PoseTransferDataSample()
        sample.gt_img, sample.pred_img = noise(3), noise(3)
        sample.gt_flow, sample.pred_flow = 20 * noise(2), 20 * noise(2)
        for field, classes in (('gt_visibility', 3), ('gt_parts', 7)):
            labels = torch.randint(classes, (1, *size), generator=generator)
            setattr(sample, field, labels.to(torch.uint8))
        sample.pred_visibility = sample.gt_visibility
        sample.tgt_keypoints = torch.cat(
            [
                torch.rand(18, 2, generator=generator)
                * torch.tensor(size[::-1]),
                torch.ones(18, 1),
            ],
            1,
        )
        samples.append(sample)
    return samples


def peak_megabytes():
    """The most memory that this process had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(config, args, folder, answers):
    """Pairs a second by the clock and by the processor, megabytes."""
    torch.set_num_threads(args.threads)
    register_all_modules()
    config = {
        key: value.format(folder=folder) if isinstance(value, str) else value
        for key, value in config.items()
    }
    config['type'] = f'mmposetransfer.{config["type"]}'
    evaluator = Evaluator([METRICS.build(config)])
    generator = torch.Generator().manual_seed(0)
    batch = drawn_batch(args.batch_size, args.size, generator)
    before, seconds, busy, done = peak_megabytes(), 0.0, 0.0, 0
    while done < args.pairs:
        count = min(args.batch_size, args.pairs - done)
        begin, busy_before = time.perf_counter(), time.process_time()
        evaluator.process(batch[:count])
        seconds += time.perf_counter() - begin
        busy += time.process_time() - busy_before
        done += count
    begin = time.process_time()
    evaluator.evaluate(args.pairs)
    end = time.process_time() - begin
    answers.put((done / seconds, done / busy, end, peak_megabytes() - before))


def main():
    """Measure and print, one metric after another."""
    args = parse_args()
    context = get_context('spawn')
    chosen = {
        title: config
        for title, config in METRIC_CONFIGS.items()
        if not args.metrics or title.startswith(tuple(args.metrics))
    }
    print(
        f'{args.pairs} pairs of {args.size[0]}x{args.size[1]}, batches of '
        f'{args.batch_size}, {args.threads} thread(s)'
    )
    print(
        '| metric | pairs a second | of a second of the processor | '
        'at the end (s) | memory (MB) |'
    )
    print('|---|---|---|---|---|')
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        random_weights(folder, chosen.values())
        for title, config in chosen.items():
            answers = context.Queue()
            process = context.Process(
                target=measure, args=(config, args, folder, answers)
            )
            process.start()
            process.join()
            if process.exitcode:
                raise SystemExit(f'{title} ended with {process.exitcode}')
            speed, busy, end, memory = answers.get()
            print(
                f'| {title} | {speed:.1f} | {busy:.1f} | {end:.2f} | '
                f'{memory:.0f} |',
                flush=True,
            )


if __name__ == '__main__':
    main()
